// Exception: this file uses `unsafe`, which the style guide keeps to four places: a head is written
// straight into the worker's scratch. Every write is preceded by one comparison with what is left.

/// Writes heads into a buffer of the caller's.
///
/// What does not fit is left out and remembered: look at `hasOverflowed` once, at the end. The
/// buffer must outlive the writer; nobody else writes to it meanwhile.
@safe public struct HeadWriter: ~Copyable {
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  /// The number of bytes written.
  public private(set) var count = 0
  /// Whether something did not fit; what is in the buffer is of no use then.
  public private(set) var hasOverflowed = false

  /// Writes to the front of `buffer`; an empty buffer overflows at the first byte.
  @unsafe @inline(__always)
  public init(_ buffer: UnsafeMutableRawBufferPointer) {
    if let address = buffer.baseAddress {
      unsafe base = address.assumingMemoryBound(to: UInt8.self)
      capacity = buffer.count
    } else {
      unsafe base = UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
      capacity = 0
    }
  }

  /// What has been written so far.
  public var written: Span<UInt8> {
    @_lifetime(borrow self) @inline(__always) get {
      let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Takes back everything behind the first `length` bytes, an overflow included.
  public mutating func truncate(to length: Int) {
    precondition(length >= 0 && length <= count)
    count = length
    hasOverflowed = false
  }

  /// Room for `length` more bytes, counted as written, or `nil` after noting the overflow.
  @inline(__always)
  private mutating func room(for length: Int) -> UnsafeMutablePointer<UInt8>? {
    guard length <= capacity &- count, !hasOverflowed else {
      hasOverflowed = true
      return nil
    }
    let place = unsafe base + count
    count &+= length
    return unsafe place
  }

  /// Adds one byte.
  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    guard let place = unsafe room(for: 1) else { return }
    unsafe place.pointee = byte
  }

  /// Adds constant text.
  @inline(__always)
  public mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    guard let place = unsafe room(for: length) else { return }
    unsafe place.update(from: text.utf8Start, count: length)
  }

  /// Adds a copy of `bytes`.
  @inline(__always)
  public mutating func append(_ bytes: Span<UInt8>) {
    let length = bytes.count
    guard length > 0, let place = unsafe room(for: length) else { return }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      unsafe place.update(from: start, count: length)
    }
  }

  /// Adds a number in decimal digits.
  @inline(__always)
  public mutating func append(decimal number: UInt64) {
    var length = 1
    var bound: UInt64 = 10
    while length < 20, number >= bound {
      length &+= 1
      bound = length < 20 ? bound &* 10 : bound
    }
    guard let place = unsafe room(for: length) else { return }
    var rest = number
    var index = length
    repeat {
      index &-= 1
      unsafe place[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while index > 0
  }

  /// Adds a number in decimal digits, with a sign where it is negative.
  @inline(__always)
  public mutating func append(signed number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(decimal: number.magnitude)
  }

  /// Adds a number in lower-case hexadecimal digits, without leading zeros.
  @inline(__always)
  public mutating func append(hexadecimal number: UInt64) {
    let length = max(1, (67 &- number.leadingZeroBitCount) / 4)
    guard let place = unsafe room(for: length) else { return }
    for index in 0..<length {
      let digit = UInt8(truncatingIfNeeded: number &>> UInt64((length &- 1 &- index) &* 4)) & 15
      unsafe place[index] =
        digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
    }
  }

  /// Adds a number below 100 in two digits.
  @inline(__always)
  mutating func append(twoDigits number: Int) {
    guard let place = unsafe room(for: 2) else { return }
    unsafe place[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10 % 10)
    unsafe place[1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10)
  }
}
