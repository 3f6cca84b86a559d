/// What part of a representation a Range field asks for (RFC 9110 section 14).
///
/// Only `bytes` ranges are known; a field that is malformed or in another unit is ignored, as the
/// RFC wants it, and several ranges are counted so that the answer can be the whole.
public struct RangeRequest: Equatable, Sendable {
  /// One range as it was asked.
  public enum Extent: Equatable, Sendable {
    /// From the first to the last byte, both included.
    case closed(first: UInt64, last: UInt64)
    /// From this byte to the end.
    case from(UInt64)
    /// From this byte on, as long as the representation grows: last position 2^53-1 (RFC 8673).
    case openEnded(first: UInt64)
    /// The last bytes, this many of them.
    case suffix(UInt64)
  }

  /// What a range means for a representation of known length.
  public enum Resolution: Equatable, Sendable {
    /// Answer 206 with these bytes.
    case satisfiable(ResolvedRange)
    /// Answer 416.
    case unsatisfiable
    /// Answer as if no range were asked.
    case ignore
  }

  /// The last position that means "as long as it grows" (RFC 8673 section 2.2).
  public static let openEndedLast: UInt64 = 9_007_199_254_740_991

  /// The first range asked for.
  public var extent: Extent
  /// The number of ranges asked for; above one, answer the whole.
  public var count: Int

  /// Reads a Range field's value.
  ///
  /// `nil` where the field is to be ignored: another unit, a malformed or impossible range, or more
  /// than `WireLimits.rangesMax` of them.
  public init?(_ value: Span<UInt8>) {
    guard value.hasPrefixIgnoringCase("bytes="), value.count <= WireLimits.headMax else {
      return nil
    }
    var list = TokenList(value.wholeRange.dropping(first: 6))
    var first: Extent?
    count = 0
    while let element = list.next(in: value) {
      guard let extent = RangeRequest.extent(value.slice(element)), count < WireLimits.rangesMax
      else { return nil }
      if first == nil { first = extent }
      count &+= 1
    }
    guard let first else { return nil }
    extent = first
  }

  /// What the request means for a representation of `length` bytes.
  ///
  /// An open-ended range of a representation that is complete is one to its end.
  public func resolve(length: UInt64) -> Resolution {
    guard count == 1 else { return .ignore }
    switch extent {
    case .closed(let first, let last):
      guard first < length else { return .unsatisfiable }
      return .satisfiable(ResolvedRange(first: first, last: min(last, length &- 1)))
    case .from(let first), .openEnded(let first):
      guard first < length else { return .unsatisfiable }
      return .satisfiable(ResolvedRange(first: first, last: length &- 1))
    case .suffix(let wanted):
      guard wanted > 0, length > 0 else { return .unsatisfiable }
      return .satisfiable(
        ResolvedRange(first: wanted < length ? length &- wanted : 0, last: length &- 1))
    }
  }

  private static func extent(_ text: Span<UInt8>) -> Extent? {
    var dash = 0
    while dash < text.count, text[dash] != UInt8(ascii: "-") { dash &+= 1 }
    guard dash < text.count else { return nil }
    let last = text.extracting(dash &+ 1..<text.count)
    if dash == 0 {
      guard let length = last.position else { return nil }
      return .suffix(length)
    }
    guard let first = text.extracting(0..<dash).position else { return nil }
    if last.isEmpty { return .from(first) }
    guard let end = last.position, end >= first else { return nil }
    return end == openEndedLast ? .openEnded(first: first) : .closed(first: first, last: end)
  }
}

/// Bytes of a representation by their first and last position, both included.
public struct ResolvedRange: Equatable, Sendable {
  /// The first byte's position.
  public var first: UInt64
  /// The last byte's position; at least `first`.
  public var last: UInt64

  /// Makes a range of at least one byte.
  @inline(__always)
  public init(first: UInt64, last: UInt64) {
    precondition(first <= last && last < UInt64.max)
    self.first = first
    self.last = last
  }

  /// The number of bytes.
  @inline(__always)
  public var length: UInt64 { last &- first &+ 1 }
}

extension Span where Element == UInt8 {
  /// A byte position; one beyond `UInt64` counts as the last position before it.
  fileprivate var position: UInt64? {
    guard count > 0 else { return nil }
    for index in 0..<count where !self[index].isDigit { return nil }
    return min(decimal ?? .max, .max - 1)
  }
}
