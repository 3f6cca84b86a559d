/// Character data of XML with its references, as it is wanted in a URL.
///
/// - Source: XML 1.0 §4.1 and §4.6.
enum XMLText {
  /// Text without the references: the five predefined entities and the numeric ones.
  ///
  /// Every other reference stays as it is written, and so does one to a control character: it has
  /// no place in a URL.
  static func decoded(_ text: Span<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    append(text, to: &decoded)
    return decoded
  }

  /// Appends text without the references.
  static func append(_ text: Span<UInt8>, to decoded: inout [UInt8]) {
    decoded.reserveCapacity(decoded.count + text.count)
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "&"), let end = referenceEnd(in: text, from: index),
        let character = character(text.extracting((index + 1)..<end)),
        let encoded = Unicode.UTF8.encode(character)
      {
        decoded.append(contentsOf: encoded)
        index = end + 1
      } else {
        decoded.append(text[index])
        index += 1
      }
    }
  }

  /// Text with references in place of what XML may not have in an attribute.
  static func encoded(_ text: [UInt8]) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.count)
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): encoded += Array("&amp;".utf8)
      case UInt8(ascii: "<"): encoded += Array("&lt;".utf8)
      case UInt8(ascii: ">"): encoded += Array("&gt;".utf8)
      case UInt8(ascii: "\""): encoded += Array("&quot;".utf8)
      case UInt8(ascii: "'"): encoded += Array("&apos;".utf8)
      default: encoded.append(byte)
      }
    }
    return encoded
  }

  /// The place of the semicolon, where it is near enough to belong to the ampersand.
  private static func referenceEnd(in text: Span<UInt8>, from start: Int) -> Int? {
    for index in start..<min(text.count, start + 12) where text[index] == UInt8(ascii: ";") {
      return index
    }
    return nil
  }

  private static func character(_ name: Span<UInt8>) -> Unicode.Scalar? {
    if name.equals("amp") { return "&" }
    if name.equals("lt") { return "<" }
    if name.equals("gt") { return ">" }
    if name.equals("quot") { return "\"" }
    if name.equals("apos") { return "'" }
    guard name.starts(with: "#") else { return nil }
    let digits = name.from(1)
    let number = digits.starts(with: "x") ? hexadecimal(digits.from(1)) : digits.wholeNumber()
    guard let number, number >= 0x20, number != 0x7F, let value = UInt32(exactly: number) else {
      return nil
    }
    return Unicode.Scalar(value)
  }

  private static func hexadecimal(_ text: Span<UInt8>) -> UInt64? {
    guard !text.isEmpty, text.count <= 8 else { return nil }
    var value: UInt64 = 0
    for index in text.indices {
      switch lowered(text[index]) {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value * 16 + UInt64(text[index] - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"):
        value = value * 16 + UInt64(lowered(text[index]) - UInt8(ascii: "a")) + 10
      default: return nil
      }
    }
    return value
  }
}
