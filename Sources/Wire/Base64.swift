/// The base64 of byte sequences in structured fields: RFC 4648 section 4.
///
/// Missing padding is accepted and surplus bits are not looked at, as RFC 9651 section 4.2.7 asks
/// of parsers that can; padding in the middle is not.
enum Base64 {
  /// Whether `text` can be decoded.
  static func isSound(_ text: Span<UInt8>) -> Bool {
    var padding = 0
    for index in text.indices {
      if text[index] == UInt8(ascii: "=") {
        padding &+= 1
      } else if padding > 0 || sextet(text[index]) == nil {
        return false
      }
    }
    let digits = text.count &- padding
    guard digits % 4 != 1 else { return false }
    return padding == 0 || text.count % 4 == 0 && padding <= 2
  }

  /// The bytes that sound text stands for.
  static func decode(_ text: Span<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for index in text.indices {
      guard let value = sextet(text[index]) else { break }
      bits = bits << 6 | UInt32(value)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return output
  }

  /// Appends `bytes` with padding.
  static func encode(_ bytes: [UInt8], to output: inout [UInt8]) {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var index = 0
    while index < bytes.count {
      var group: UInt32 = 0
      let used = min(3, bytes.count - index)
      for offset in 0..<3 {
        group = group << 8 | (offset < used ? UInt32(bytes[index + offset]) : 0)
      }
      for place in 0..<4 {
        let isPadding = place > used
        let digit = digits[Int(group >> UInt32(18 - 6 * place) & 63)]
        output.append(isPadding ? UInt8(ascii: "=") : digit)
      }
      index += 3
    }
  }

  private static func sextet(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
