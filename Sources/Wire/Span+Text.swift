internal import Glibc

/// Reading text that lies in a peer's bytes, without making strings of it.
extension Span where Element == UInt8 {
  /// The bytes of `range`.
  ///
  /// - Precondition: `range` lies within the span, as every range does that its parser made.
  @inline(__always)
  @_lifetime(copy self)
  public func slice(_ range: ByteRange) -> Span<UInt8> {
    extracting(Int(range.start)..<range.end)
  }

  /// Whether the bytes are exactly those of `text`.
  @inline(__always)
  public func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return hasPrefix(text)
  }

  /// Whether the first bytes are exactly those of `text`.
  @inline(__always)
  public func hasPrefix(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where unsafe self[unchecked: index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Whether the bytes are those of `text` (lower-case ASCII), whatever the case of their letters.
  @inline(__always)
  public func equalsIgnoringCase(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return hasPrefixIgnoringCase(text)
  }

  /// Whether the first bytes are those of `text` (lower-case ASCII), whatever their letters' case.
  @inline(__always)
  public func hasPrefixIgnoringCase(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where unsafe self[unchecked: index].lowercased != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Whether both hold the same bytes.
  public func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return unsafe memcmp(first, second, left.count) == 0
      }
    }
  }

  /// Whether both hold the same bytes, whatever the case of ASCII letters.
  public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in 0..<count where self[index].lowercased != other[index].lowercased { return false }
    return true
  }

  /// The number that the bytes spell in decimal digits.
  ///
  /// `nil` where there is no digit, another character, or a number beyond `UInt64`.
  public var decimal: UInt64? {
    guard count > 0 else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      let digit = self[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tenfold.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// The range of `range` without spaces and tabs at both ends (OWS of RFC 9110 section 5.6.3).
  @inline(__always)
  public func trimmed(_ range: ByteRange) -> ByteRange {
    var start = Int(range.start)
    var end = range.end
    while start < end, self[start].isSpace { start &+= 1 }
    while end > start, self[end &- 1].isSpace { end &-= 1 }
    return ByteRange(from: start, to: end)
  }

  /// All of the bytes as a range; spans longer than a range can tell are cut at 65535 bytes.
  @inline(__always)
  public var wholeRange: ByteRange { ByteRange(from: 0, to: Swift.min(count, 65535)) }
}

extension UInt8 {
  /// The lower-case letter of an ASCII capital, any other byte unchanged.
  @inline(__always)
  public var lowercased: UInt8 {
    self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self
  }

  /// Whether the byte is a space or a tab.
  @inline(__always)
  public var isSpace: Bool { self == 0x20 || self == 0x09 }

  /// Whether the byte is an ASCII digit.
  @inline(__always)
  public var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

  /// Whether the byte may stand in a token (tchar of RFC 9110 section 5.6.2).
  @inline(__always)
  public var isTokenCharacter: Bool {
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    guard self < 128 else { return false }
    return ((self < 64 ? low : high) &>> UInt64(self & 63)) & 1 == 1
  }

  /// Whether the byte may not stand in a field value: a control other than the tab.
  @inline(__always)
  public var isForbiddenInValue: Bool { (self < 0x20 && self != 0x09) || self == 0x7F }

  /// The value of a hexadecimal digit, or `nil`.
  @inline(__always)
  public var hexadecimal: UInt8? {
    let digit = self &- UInt8(ascii: "0")
    if digit < 10 { return digit }
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : nil
  }
}
