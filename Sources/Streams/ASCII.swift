internal import Wire

/// Reading ASCII text in place: comparisons and numbers over a span, without a `String`.
extension Span where Element == UInt8 {
  /// Whether these bytes are `literal`, in exactly this case.
  @inline(__always)
  func equals(_ literal: StaticString) -> Bool {
    count == literal.utf8CodeUnitCount && hasPrefix(literal)
  }

  /// Whether these bytes begin with `literal`, in exactly this case.
  @inline(__always)
  func starts(with literal: StaticString) -> Bool { hasPrefix(literal) }

  /// Whether these bytes are `lowerCase` in any case; the literal is in lower case.
  @inline(__always)
  func equals(anyCaseOf lowerCase: String) -> Bool {
    count == lowerCase.utf8.count && starts(anyCaseOf: lowerCase)
  }

  /// Whether these bytes begin with `lowerCase` in any case; the literal is in lower case.
  func starts(anyCaseOf lowerCase: String) -> Bool {
    guard count >= lowerCase.utf8.count else { return false }
    var index = 0
    for byte in lowerCase.utf8 {
      if lowered(self[index]) != byte { return false }
      index += 1
    }
    return true
  }

  /// The bytes from `start` on.
  @inline(__always)
  @_lifetime(copy self)
  func from(_ start: Int) -> Span<UInt8> { extracting(start..<count) }

  /// These bytes without spaces, tabs and carriage returns at both ends.
  @_lifetime(copy self)
  func trimmed() -> Span<UInt8> { extracting(trimmedRange()) }

  /// Where the bytes stand that `trimmed` leaves.
  func trimmedRange() -> Range<Int> {
    var start = 0
    var end = count
    while start < end, isBlank(self[start]) { start += 1 }
    while end > start, isBlank(self[end - 1]) { end -= 1 }
    return start..<end
  }

  /// These bytes as an array of their own.
  func copied() -> [UInt8] {
    [UInt8](capacity: count) { output in
      for index in 0..<count { output.append(self[index]) }
    }
  }

  /// Whether `byte` is among these.
  func contains(_ byte: UInt8) -> Bool {
    for index in 0..<count where self[index] == byte { return true }
    return false
  }

  /// The whole number that these bytes spell in decimal digits; `nil` for anything else.
  func wholeNumber() -> UInt64? {
    guard !isEmpty else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      guard let digit = digit(self[index]) else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowed) = product.addingReportingOverflow(digit)
      if tooLarge || overflowed { return nil }
      value = sum
    }
    return value
  }

  /// The number of thousandths that these bytes spell as `digits[.digits]`, rounded down.
  ///
  /// `nil` for anything else, and beyond 2^53: no duration is that long.
  func thousandths() -> Int64? {
    var value: Int64 = 0
    var decimals = -1
    var digits = 0
    for index in 0..<count {
      if self[index] == UInt8(ascii: "."), decimals < 0 {
        decimals = 0
        continue
      }
      guard let digit = digit(self[index]) else { return nil }
      digits += 1
      if decimals >= 3 { continue }
      if decimals >= 0 { decimals += 1 }
      value = value * 10 + Int64(digit)
      if value > 1 << 53 { return nil }
    }
    guard digits > 0 else { return nil }
    for _ in Swift.max(decimals, 0)..<3 {
      value *= 10
      if value > 1 << 53 { return nil }
    }
    return value
  }
}

extension [UInt8] {
  /// Appends the bytes of a span.
  mutating func append(_ bytes: Span<UInt8>) {
    for index in 0..<bytes.count { append(bytes[index]) }
  }

  /// Appends a line and its end.
  mutating func append(line: Span<UInt8>) {
    append(line)
    append(UInt8(ascii: "\n"))
  }

  /// Appends text.
  mutating func append(text: String) { append(contentsOf: text.utf8) }
}

/// A letter in lower case, any other byte as it is.
@inline(__always)
func lowered(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

/// Whether `byte` is an ASCII letter.
@inline(__always)
func isLetter(_ byte: UInt8) -> Bool {
  lowered(byte) >= UInt8(ascii: "a") && lowered(byte) <= UInt8(ascii: "z")
}

/// Whether `byte` is white space inside a line or a tag.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}

@inline(__always)
private func digit(_ byte: UInt8) -> UInt64? {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt64(byte - UInt8(ascii: "0")) : nil
}
