internal import Wire

extension TextBuffer {
  /// Appends arbitrary bytes as the inside of a JSON string (RFC 8259 section 7).
  ///
  /// Valid UTF-8 stays as it is. Quotes, backslashes and controls are escaped, and a byte that is
  /// no UTF-8 becomes `\u00XX`, so that no peer can break a line or a parser.
  mutating func append(escaping bytes: borrowing Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      let clean = bytes.firstSpecialInQuotes(from: index)
      if clean > index {
        append(bytes.extracting(index..<clean))
        index = clean
        continue
      }
      index += appendEscaped(bytes, at: index)
    }
  }

  /// Appends a string as the inside of a JSON string.
  mutating func append(escapingText text: String) { append(escaping: text.utf8Span.span) }

  /// Appends what stands at `index`, escaped where it must be, and returns its length.
  private mutating func appendEscaped(_ bytes: borrowing Span<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case UInt8(ascii: "\n"): append("\\n")
    case UInt8(ascii: "\r"): append("\\r")
    case UInt8(ascii: "\t"): append("\\t")
    case 0x80...:
      let length = Self.sequence(bytes, at: index)
      if length > 0 {
        append(bytes.extracting(index..<index + length))
        return length
      }
      appendCode(byte)
    default: appendCode(byte)
    }
    return 1
  }

  private mutating func appendCode(_ byte: UInt8) {
    append("\\u00")
    append(byte: Self.digit(byte >> 4))
    append(byte: Self.digit(byte & 15))
  }

  /// The length of the well-formed UTF-8 sequence at `index`, or zero (Unicode table 3-7).
  private static func sequence(_ bytes: borrowing Span<UInt8>, at index: Int) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[index] {
    case 0xC2...0xDF: length = 2
    case 0xE0:
      length = 3
      second = 0xA0...0xBF
    case 0xED:
      length = 3
      second = 0x80...0x9F
    case 0xE1...0xEF: length = 3
    case 0xF0:
      length = 4
      second = 0x90...0xBF
    case 0xF4:
      length = 4
      second = 0x80...0x8F
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return 0 }
    for place in 2..<max(2, length) where bytes[index + place] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
