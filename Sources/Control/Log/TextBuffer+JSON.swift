extension TextBuffer {
  /// Appends arbitrary bytes as the inside of a JSON string (RFC 8259 section 7).
  ///
  /// Valid UTF-8 stays as it is. Quotes, backslashes and controls are escaped, and a byte that is
  /// no UTF-8 becomes `\u00XX`, so that no peer can break a line or a parser.
  mutating func append(escaping bytes: borrowing Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      let clean = Self.cleanRun(bytes, from: index)
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

  /// Where the run of bytes that stand for themselves ends; eight are looked at in one step.
  private static func cleanRun(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
    let count = bytes.count
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      var index = start
      while count &- index >= 8 {
        let special = unsafe Self.special(in: base + index)
        guard special == 0 else { return index &+ special.trailingZeroBitCount / 8 }
        index &+= 8
      }
      // The last eight bytes again: those before `index` are known to be clean.
      if index < count && count &- start >= 8 {
        let special = unsafe Self.special(in: base + (count &- 8))
        return special == 0 ? count : count &- 8 &+ special.trailingZeroBitCount / 8
      }
      while index < count {
        let byte = unsafe base.load(fromByteOffset: index, as: UInt8.self)
        if byte &- 0x20 >= 0x5F || byte == 0x22 || byte == 0x5C { break }
        index &+= 1
      }
      return index
    }
  }

  /// The high bits of bytes below 0x20 or above 0x7E, quotes and backslashes.
  ///
  /// Only the lowest set bit is exact: a borrow may mark a byte above a special one.
  @inline(__always)
  private static func special(in bytes: UnsafeRawPointer) -> UInt64 {
    let eight = unsafe UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = eight ^ (ones &* 0x22)
    let backslashes = eight ^ (ones &* 0x5C)
    let found =
      (eight &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones)
      | ((eight & (ones &* 0x7F)) &+ ones) | eight
    return found & (ones &* 0x80)
  }

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
