internal import Wire

/// Reads a flat JSON object of strings: all of JSON that the admin doors take.
enum JSONStrings {
  /// The most members of an object.
  static let membersMax = 16

  /// The members in their order, or `nil` for anything but such an object (RFC 8259).
  ///
  /// A key that comes twice, a lone surrogate and bytes that are not UTF-8 are refused too.
  static func parse(_ bytes: [UInt8]) -> [(key: String, value: String)]? {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var reader = Reader(bytes: bytes)
    guard reader.take(UInt8(ascii: "{")) else { return nil }
    var members: [(key: String, value: String)] = []
    if reader.take(UInt8(ascii: "}")) { return reader.isAtEnd ? members : nil }
    while members.count < membersMax {
      guard let key = reader.string(), reader.take(UInt8(ascii: ":")),
        let value = reader.string(), !members.contains(where: { $0.key == key })
      else { return nil }
      members.append((key, value))
      if reader.take(UInt8(ascii: "}")) { return reader.isAtEnd ? members : nil }
      guard reader.take(UInt8(ascii: ",")) else { return nil }
    }
    return nil
  }

  /// Bytes and a place in them.
  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    /// Nothing but blanks is left.
    var isAtEnd: Bool {
      mutating get {
        skipBlanks()
        return place == bytes.count
      }
    }

    /// Skips blanks and takes `byte`, if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
      skipBlanks()
      guard place < bytes.count, bytes[place] == byte else { return false }
      place += 1
      return true
    }

    /// Skips blanks and reads a string.
    mutating func string() -> String? {
      guard take(UInt8(ascii: "\"")) else { return nil }
      var text: [UInt8] = []
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escape() else { return nil }
          text += Array(String(Character(scalar)).utf8)
        case 0..<0x20: return nil
        default: text.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard place < bytes.count else { return nil }
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"): return unicodeEscape()
      default: return nil
      }
    }

    /// Four hexadecimal digits, or two such escapes that form a surrogate pair.
    private mutating func unicodeEscape() -> Unicode.Scalar? {
      guard let first = fourDigits() else { return nil }
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard first < 0xDC00, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
        bytes[place + 1] == UInt8(ascii: "u")
      else { return nil }
      place += 2
      guard let second = fourDigits(), second >= 0xDC00, second < 0xE000 else { return nil }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func fourDigits() -> UInt32? {
      guard place + 4 <= bytes.count else { return nil }
      var value: UInt32 = 0
      for _ in 0..<4 {
        guard let digit = bytes[place].hexadecimal else { return nil }
        value = value << 4 | UInt32(digit)
        place += 1
      }
      return value
    }

    private mutating func skipBlanks() {
      while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }
  }
}
