/// Why a structured field cannot be read: it is then ignored as a whole (RFC 9651 section 4.2).
public enum StructuredError: Error, Equatable, Sendable {
  /// Something stands where the grammar has nothing like it.
  case syntax
  /// A number outside the range of its type.
  case range
  /// More bytes or members than `WireLimits` lets a field have.
  case tooLarge
}

/// A bare item as it lies in the field, checked but not copied: RFC 9651 section 3.3.
public enum ScannedItem: Equatable, Sendable, BitwiseCopyable {
  /// At most 15 digits.
  case integer(Int64)
  /// In thousandths.
  case decimal(Int64)
  /// What stands between the quotes, backslashes included.
  case string(ByteRange)
  /// A token.
  case token(ByteRange)
  /// The base64 between the colons.
  case bytes(ByteRange)
  /// `?0` or `?1`, or a member without a value.
  case boolean(Bool)
  /// Seconds since 1970.
  case date(Int64)
  /// What stands between the quotes, percent-encodings included.
  case displayString(ByteRange)
}

/// Reads structured fields piece by piece without allocation: RFC 9651 section 4.2.
///
/// It keeps a place only; every call gets the bytes of the field, so that nothing is borrowed for
/// longer than the call.
public struct StructuredScanner: Sendable {
  private var position: Int
  private let end: Int

  /// Begins at the start of a field's value; leading spaces are skipped.
  ///
  /// - Throws: `StructuredError.tooLarge` for more than `WireLimits.headMax` bytes.
  public init(_ bytes: Span<UInt8>) throws(StructuredError) {
    guard bytes.count <= WireLimits.headMax else { throw .tooLarge }
    position = 0
    end = bytes.count
    skipSpaces(in: bytes)
  }

  /// Whether nothing is left.
  public var isAtEnd: Bool { position == end }

  private func peek(_ bytes: Span<UInt8>) -> UInt8? { position < end ? bytes[position] : nil }

  /// Whether something was taken since `before` was copied from it.
  func hasMoved(since before: StructuredScanner) -> Bool { position > before.position }

  /// Takes the next byte if it is `byte`.
  public mutating func take(_ byte: UInt8, in bytes: Span<UInt8>) -> Bool {
    guard peek(bytes) == byte else { return false }
    position &+= 1
    return true
  }

  /// Skips spaces: between a semicolon and a parameter, and at both ends of a field.
  public mutating func skipSpaces(in bytes: Span<UInt8>) {
    while position < end, bytes[position] == 0x20 { position &+= 1 }
  }

  /// Goes on to the next member of a list or dictionary.
  ///
  /// - Returns: `false` at the end of the field.
  public mutating func nextMember(in bytes: Span<UInt8>) throws(StructuredError) -> Bool {
    let start = position
    skipWhitespace(in: bytes)
    if isAtEnd {
      // At the end only spaces may stand, no tabs.
      for index in start..<end where bytes[index] != 0x20 { throw .syntax }
      return false
    }
    guard take(UInt8(ascii: ","), in: bytes) else { throw .syntax }
    skipWhitespace(in: bytes)
    guard !isAtEnd else { throw .syntax }
    return true
  }

  private mutating func skipWhitespace(in bytes: Span<UInt8>) {
    while position < end, bytes[position].isSpace { position &+= 1 }
  }

  /// A key of a dictionary or parameter: RFC 9651 section 3.1.2.
  public mutating func key(in bytes: Span<UInt8>) throws(StructuredError) -> ByteRange {
    let start = position
    guard let first = peek(bytes), first.isLowerLetter || first == UInt8(ascii: "*") else {
      throw .syntax
    }
    while let byte = peek(bytes), byte.isKeyCharacter { position &+= 1 }
    return ByteRange(from: start, to: position)
  }

  /// A bare item.
  public mutating func item(in bytes: Span<UInt8>) throws(StructuredError) -> ScannedItem {
    guard let first = peek(bytes) else { throw .syntax }
    switch first {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(in: bytes)
    case UInt8(ascii: "\""): return .string(try string(in: bytes))
    case UInt8(ascii: ":"): return .bytes(try base64(in: bytes))
    case UInt8(ascii: "?"): return .boolean(try boolean(in: bytes))
    case UInt8(ascii: "@"):
      position &+= 1
      guard case .integer(let seconds) = try number(in: bytes) else { throw .syntax }
      return .date(seconds)
    case UInt8(ascii: "%"): return .displayString(try displayString(in: bytes))
    default:
      guard first.isLetter || first == UInt8(ascii: "*") else { throw .syntax }
      let start = position
      while let byte = peek(bytes), byte.isStructuredTokenCharacter { position &+= 1 }
      return .token(ByteRange(from: start, to: position))
    }
  }

  private mutating func number(in bytes: Span<UInt8>) throws(StructuredError) -> ScannedItem {
    let isNegative = take(UInt8(ascii: "-"), in: bytes)
    var value: Int64 = 0
    var digits = 0
    while let byte = peek(bytes), byte.isDigit {
      digits &+= 1
      guard digits <= 15 else { throw .range }
      value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
      position &+= 1
    }
    guard digits > 0 else { throw .syntax }
    guard take(UInt8(ascii: "."), in: bytes) else { return .integer(isNegative ? -value : value) }
    guard digits <= 12 else { throw .range }
    var places = 0
    while let byte = peek(bytes), byte.isDigit {
      places &+= 1
      guard places <= 3 else { throw .range }
      value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
      position &+= 1
    }
    guard places > 0 else { throw .syntax }
    for _ in places..<3 { value &*= 10 }
    return .decimal(isNegative ? -value : value)
  }

  private mutating func string(in bytes: Span<UInt8>) throws(StructuredError) -> ByteRange {
    position &+= 1
    let start = position
    while let byte = peek(bytes) {
      position &+= 1
      if byte == UInt8(ascii: "\"") { return ByteRange(from: start, to: position &- 1) }
      if byte == UInt8(ascii: "\\") {
        guard let next = peek(bytes), next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
        else { throw .syntax }
        position &+= 1
      } else if byte < 0x20 || byte > 0x7E {
        throw .syntax
      }
    }
    throw .syntax
  }

  private mutating func base64(in bytes: Span<UInt8>) throws(StructuredError) -> ByteRange {
    position &+= 1
    let start = position
    while let byte = peek(bytes) {
      position &+= 1
      if byte == UInt8(ascii: ":") {
        let range = ByteRange(from: start, to: position &- 1)
        guard Base64.isSound(bytes.slice(range)) else { throw .syntax }
        return range
      }
    }
    throw .syntax
  }

  private mutating func boolean(in bytes: Span<UInt8>) throws(StructuredError) -> Bool {
    position &+= 1
    if take(UInt8(ascii: "1"), in: bytes) { return true }
    guard take(UInt8(ascii: "0"), in: bytes) else { throw .syntax }
    return false
  }

  private mutating func displayString(in bytes: Span<UInt8>) throws(StructuredError) -> ByteRange {
    position &+= 1
    guard take(UInt8(ascii: "\""), in: bytes) else { throw .syntax }
    let start = position
    while let byte = peek(bytes) {
      position &+= 1
      if byte == UInt8(ascii: "\"") {
        let range = ByteRange(from: start, to: position &- 1)
        _ = try StructuredField.decoded(bytes.slice(range))
        return range
      }
      guard byte >= 0x20, byte <= 0x7E else { throw .syntax }
      guard byte == UInt8(ascii: "%") else { continue }
      for _ in 0..<2 {
        guard let digit = peek(bytes), digit.lowerHexDigit != nil else { throw .syntax }
        position &+= 1
      }
    }
    throw .syntax
  }
}

extension UInt8 {
  fileprivate var isLowerLetter: Bool { self &- UInt8(ascii: "a") < 26 }

  fileprivate var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

  var isKeyCharacter: Bool {
    isLowerLetter || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
      || self == UInt8(ascii: ".") || self == UInt8(ascii: "*")
  }

  var isStructuredTokenCharacter: Bool {
    isTokenCharacter || self == UInt8(ascii: ":") || self == UInt8(ascii: "/")
  }

  /// The value of a hexadecimal digit with small letters.
  var lowerHexDigit: UInt8? {
    if isDigit { return self &- UInt8(ascii: "0") }
    let letter = self &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : nil
  }
}
