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

/// The parts of a representation that one 206 holds, in the order in which they were asked.
///
/// Made by `RangeRequest.resolve`: no two overlap, and every two are at least
/// `WireLimits.rangesGapMin` bytes apart (RFC 9110 section 15.3.7.2).
public struct ResolvedRanges: Equatable, Sendable {
  /// The number of parts.
  public private(set) var count = 0
  private var ranges: [16 of ResolvedRange] = .init(repeating: ResolvedRange(first: 0, last: 0))

  init() {}

  /// The part at `index`.
  public subscript(index: Int) -> ResolvedRange {
    precondition(index >= 0 && index < count)
    return ranges[index]
  }

  /// The number of bytes in all parts.
  public var length: UInt64 {
    var sum: UInt64 = 0
    for index in 0..<count { sum &+= ranges[index].length }
    return sum
  }

  /// Whether both are the same parts in the same order.
  public static func == (left: ResolvedRanges, right: ResolvedRanges) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }

  mutating func append(_ range: ResolvedRange) {
    precondition(count < WireLimits.rangesMax)
    ranges[count] = range
    count &+= 1
  }

  /// Whether the set is no attack by RFC 9110 sections 14.2 and 17.15.
  ///
  /// More than two ranges that overlap others, or more bytes in sum than there are, get the whole.
  func isReasonable(length: UInt64) -> Bool {
    var overlapping = 0
    var sum: UInt64 = 0
    for index in 0..<count {
      let (total, overflow) = sum.addingReportingOverflow(ranges[index].length)
      guard !overflow, total <= length else { return false }
      sum = total
      for other in 0..<count where other != index {
        guard ranges[index].isApart(from: ranges[other], by: 0) else {
          overlapping &+= 1
          break
        }
      }
    }
    return overlapping <= 2
  }

  /// Makes one of every two that overlap or whose gap costs less than another part would.
  ///
  /// The joint range stands where the earlier asked of both stood.
  mutating func coalesce() {
    var index = 0
    while index < count {
      var other = index &+ 1
      while other < count,
        ranges[index].isApart(from: ranges[other], by: WireLimits.rangesGapMin)
      {
        other &+= 1
      }
      guard other < count else {
        index &+= 1
        continue
      }
      ranges[index].first = min(ranges[index].first, ranges[other].first)
      ranges[index].last = max(ranges[index].last, ranges[other].last)
      for next in other &+ 1..<max(count, other &+ 1) { ranges[next &- 1] = ranges[next] }
      count &-= 1
      // What has grown may reach ranges on both sides that were apart before.
      index = 0
    }
  }
}

extension ResolvedRange {
  /// Whether neither overlaps the other and at least `gap` bytes lie between them.
  fileprivate func isApart(from other: ResolvedRange, by gap: UInt64) -> Bool {
    if last < other.first { return other.first &- last &- 1 >= gap }
    if other.last < first { return first &- other.last &- 1 >= gap }
    return false
  }
}
