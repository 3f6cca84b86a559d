/// What parts of a representation a Range field asks for (RFC 9110 section 14).
///
/// Only `bytes` ranges are known; a field that is malformed, in another unit or that asks for more
/// than `WireLimits.rangesMax` parts is ignored, as sections 14.2 and 17.15 want or allow it.
public struct RangeRequest: Equatable, Sendable {
  /// One range as it was asked.
  public enum Extent: Equatable, Sendable, BitwiseCopyable {
    /// From the first to the last byte, both included.
    case closed(first: UInt64, last: UInt64)
    /// From this byte to the end.
    case from(UInt64)
    /// From this byte on, as long as the representation grows: last position 2^53-1 (RFC 8673).
    case openEnded(first: UInt64)
    /// The last bytes, this many of them.
    case suffix(UInt64)
  }

  /// What a request means for a representation of known length.
  public enum Resolution: Equatable, Sendable {
    /// Answer 206 with these bytes.
    case satisfiable(ResolvedRange)
    /// Answer 206 with multipart/byteranges: two ranges or more.
    case several(ResolvedRanges)
    /// Answer 416.
    case unsatisfiable
    /// Answer as if no range were asked.
    case ignore
  }

  /// The last position that means "as long as it grows" (RFC 8673 section 2.2).
  public static let openEndedLast: UInt64 = 9_007_199_254_740_991

  /// The first range asked for.
  public var extent: Extent { extents[0] }
  /// The number of ranges asked for, at least one.
  public private(set) var count: Int
  private var extents: [16 of Extent]

  /// Reads a Range field's value.
  ///
  /// White space and empty elements around the commas are tolerated, as in every list (section
  /// 5.6.1), before the first range as well; none is within a range or around the equals sign.
  /// A position beyond `UInt64` is one beyond every end. `nil` where the field is to be ignored:
  /// another unit, a malformed or impossible range, or too many of them.
  ///
  /// - Parameter value: The value of the only line of the field: two lines are none.
  public init?(_ value: Span<UInt8>) {
    guard value.hasPrefixIgnoringCase("bytes="), value.count <= WireLimits.headMax else {
      return nil
    }
    var list = TokenList(value.wholeRange.dropping(first: 6))
    count = 0
    extents = .init(repeating: .from(0))
    while let element = list.next(in: value) {
      guard let extent = RangeRequest.extent(value.slice(element)), count < WireLimits.rangesMax
      else { return nil }
      extents[count] = extent
      count &+= 1
    }
    guard count > 0 else { return nil }
  }

  /// The range at `index`, in the order in which they were asked.
  public subscript(index: Int) -> Extent {
    precondition(index >= 0 && index < count)
    return extents[index]
  }

  /// Whether both ask for the same ranges in the same order.
  public static func == (left: RangeRequest, right: RangeRequest) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }

  /// What the request means for a representation of `length` bytes.
  ///
  /// Ranges beyond the end are left out; if none is left, the request is unsatisfiable. An
  /// open-ended range of a representation that is complete is one to its end. Of several, those
  /// that overlap or lie close together become one, and a set that asks for more than there is
  /// gets the whole: see `ResolvedRanges`.
  public func resolve(length: UInt64) -> Resolution {
    if count == 1 {
      switch RangeRequest.resolve(extent, length: length) {
      case .some(let range): return .satisfiable(range)
      case nil: return isEmptySuffix(of: length) ? .ignore : .unsatisfiable
      }
    }
    var asked = ResolvedRanges()
    for index in 0..<count {
      guard let range = RangeRequest.resolve(extents[index], length: length) else { continue }
      asked.append(range)
    }
    if asked.count == 0 { return isEmptySuffix(of: length) ? .ignore : .unsatisfiable }
    guard asked.isReasonable(length: length) else { return .ignore }
    asked.coalesce()
    return asked.count == 1 ? .satisfiable(asked[0]) : .several(asked)
  }

  /// A suffix of nothing is satisfiable (RFC 9110 section 14.1.2), but no Content-Range can tell.
  private func isEmptySuffix(of length: UInt64) -> Bool {
    guard length == 0 else { return false }
    for index in 0..<count {
      if case .suffix(let wanted) = extents[index], wanted > 0 { return true }
    }
    return false
  }

  private static func resolve(_ extent: Extent, length: UInt64) -> ResolvedRange? {
    switch extent {
    case .closed(let first, let last):
      guard first < length else { return nil }
      return ResolvedRange(first: first, last: min(last, length &- 1))
    case .from(let first), .openEnded(let first):
      guard first < length else { return nil }
      return ResolvedRange(first: first, last: length &- 1)
    case .suffix(let wanted):
      guard wanted > 0, length > 0 else { return nil }
      return ResolvedRange(first: wanted < length ? length &- wanted : 0, last: length &- 1)
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

extension Span where Element == UInt8 {
  /// A byte position; one beyond `UInt64` counts as the last position before it.
  fileprivate var position: UInt64? {
    guard count > 0 else { return nil }
    for index in 0..<count where !self[index].isDigit { return nil }
    return min(decimal ?? .max, .max - 1)
  }
}
