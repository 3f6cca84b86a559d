/// Where a piece of a head lies: an offset and a length in bytes from the head's first byte.
///
/// Heads are at most 32 KiB long (`WireLimits.headMax`), so 16 bits are enough.
public struct ByteRange: Equatable, Sendable, BitwiseCopyable {
  /// The offset of the first byte.
  public var start: UInt16
  /// The number of bytes.
  public var count: UInt16

  /// Makes a range from its offset and length.
  @inline(__always)
  public init(start: UInt16, count: UInt16) {
    self.start = start
    self.count = count
  }

  /// Makes a range from offsets that lie within a head.
  ///
  /// The parsers guarantee `start <= end <= WireLimits.headMax`; anything else is a bug and traps.
  @inline(__always)
  public init(from start: Int, to end: Int) {
    precondition(start >= 0 && start <= end && end <= 0xFFFF)
    self.start = UInt16(truncatingIfNeeded: start)
    self.count = UInt16(truncatingIfNeeded: end &- start)
  }

  /// Makes a range from offsets that were already found to be in order and at most 65535.
  @inline(__always)
  init(known start: Int, to end: Int) {
    assert(start >= 0 && start <= end && end <= 0xFFFF)
    self.start = UInt16(truncatingIfNeeded: start)
    self.count = UInt16(truncatingIfNeeded: end &- start)
  }

  /// No bytes at all.
  public static var empty: ByteRange {
    @inline(__always) get { ByteRange(start: 0, count: 0) }
  }

  /// The offset behind the last byte.
  public var end: Int {
    @inline(__always) get { Int(start) &+ Int(count) }
  }

  /// Whether the range holds no byte.
  public var isEmpty: Bool {
    @inline(__always) get { count == 0 }
  }

  /// This range's first `length` bytes left away.
  ///
  /// - Precondition: `length` is at most `count`.
  @inline(__always)
  public func dropping(first length: Int) -> ByteRange {
    ByteRange(from: Int(start) &+ length, to: end)
  }
}
