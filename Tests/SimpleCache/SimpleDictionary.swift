/// A dictionary of RFC 9651, as far as a targeted field needs it: keys and the kinds of values.
struct SimpleDictionary {
  enum Value {
    case integer(Int)
    case boolean(Bool)
    case string([UInt8])
    /// A decimal, token, byte sequence, date, display string or inner list.
    case other
  }

  private struct Malformed: Error {}

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Section 4.2: `nil` where parsing fails; a key that comes twice has its last value.
  static func parse(_ text: String) -> [String: Value]? {
    var parser = SimpleDictionary(Array(text.utf8))
    do {
      return try parser.dictionary()
    } catch {
      return nil
    }
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func isNext(_ character: Unicode.Scalar) -> Bool { next == UInt8(ascii: character) }

  private mutating func take(_ character: Unicode.Scalar) throws {
    guard isNext(character) else { throw Malformed() }
    position += 1
  }

  private mutating func skipSpaces(tabs: Bool) {
    while next == 0x20 || (tabs && next == 0x09) { position += 1 }
  }

  /// Section 4.2.2.
  private mutating func dictionary() throws -> [String: Value] {
    var members: [String: Value] = [:]
    skipSpaces(tabs: false)
    while next != nil {
      let key = try key()
      if isNext("=") {
        position += 1
        members[key] = isNext("(") ? try innerList() : try bareItem()
      } else {
        members[key] = .boolean(true)
      }
      try parameters()
      skipSpaces(tabs: true)
      if next == nil { return members }
      try take(",")
      skipSpaces(tabs: true)
      // No comma at the end.
      if next == nil { throw Malformed() }
    }
    return members
  }

  /// Section 4.2.3.3.
  private mutating func key() throws -> String {
    func isStart(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "*")
    }
    guard let first = next, isStart(first) else { throw Malformed() }
    let start = position
    while let byte = next,
      isStart(byte) || isDigit(byte) || Array("_-.".utf8).contains(byte)
    {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Section 4.2.3.2.
  private mutating func parameters() throws {
    while isNext(";") {
      position += 1
      skipSpaces(tabs: false)
      _ = try key()
      if isNext("=") {
        position += 1
        _ = try bareItem()
      }
    }
  }

  /// Section 4.2.1.2.
  private mutating func innerList() throws -> Value {
    try take("(")
    while true {
      skipSpaces(tabs: false)
      if isNext(")") {
        position += 1
        return .other
      }
      _ = try bareItem()
      try parameters()
      guard isNext(" ") || isNext(")") else { throw Malformed() }
    }
  }

  /// Section 4.2.3.1.
  private mutating func bareItem() throws -> Value {
    guard let first = next else { throw Malformed() }
    switch first {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "?"): return try boolean()
    case UInt8(ascii: ":"): return try byteSequence()
    case UInt8(ascii: "@"):
      position += 1
      guard case .integer = try number() else { throw Malformed() }
      return .other
    case UInt8(ascii: "%"): return try displayString()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "*"):
      while let byte = next, SimpleText.isTokenByte(byte) || Array(":/".utf8).contains(byte) {
        position += 1
      }
      return .other
    default: throw Malformed()
    }
  }

  /// Section 4.2.4.
  private mutating func number() throws -> Value {
    var sign = 1
    if isNext("-") {
      sign = -1
      position += 1
    }
    let start = position
    while isDigit(next) { position += 1 }
    let whole = Array(bytes[start..<position])
    guard !whole.isEmpty else { throw Malformed() }
    guard isNext(".") else {
      guard whole.count <= 15 else { throw Malformed() }
      return .integer(sign * (SimpleText.number(whole, limit: .max) ?? 0))
    }
    position += 1
    let fraction = position
    while isDigit(next) { position += 1 }
    guard whole.count <= 12, (1...3).contains(position - fraction) else { throw Malformed() }
    return .other
  }

  /// Section 4.2.5.
  private mutating func string() throws -> Value {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return .string(text)
      case UInt8(ascii: "\\"):
        guard let escaped = next, Array("\"\\".utf8).contains(escaped) else { throw Malformed() }
        text.append(escaped)
        position += 1
      case 0x20...0x7E: text.append(byte)
      default: throw Malformed()
      }
    }
    throw Malformed()
  }

  /// Section 4.2.8.
  private mutating func boolean() throws -> Value {
    try take("?")
    if isNext("1") || isNext("0") {
      defer { position += 1 }
      return .boolean(isNext("1"))
    }
    throw Malformed()
  }

  /// Section 4.2.7; what the base64 says is of no interest here, its form is.
  private mutating func byteSequence() throws -> Value {
    try take(":")
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let start = position
    while let byte = next, alphabet.contains(byte) { position += 1 }
    let digits = position - start
    while isNext("=") { position += 1 }
    let padding = position - start - digits
    try take(":")
    // Padding may be left out, but what is there fills the last group of four.
    guard digits % 4 != 1, padding == 0 || padding == (4 - digits % 4) % 4 else {
      throw Malformed()
    }
    return .other
  }

  /// Section 4.2.10; escapes are two lower-case hexadecimal digits.
  private mutating func displayString() throws -> Value {
    try take("%")
    try take("\"")
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return .other
      case UInt8(ascii: "%"):
        for _ in 0..<2 {
          guard let digit = next, Array("0123456789abcdef".utf8).contains(digit) else {
            throw Malformed()
          }
          position += 1
        }
      case 0x20...0x7E: break
      default: throw Malformed()
      }
    }
    throw Malformed()
  }
}
