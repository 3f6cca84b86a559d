internal import Bytes
internal import Policy
internal import Wire

/// The Range and If-Range of a request.
struct RangeQuestion {
  let range: RangeRequest
  /// The value of If-Range; empty where there is none.
  let ifRange: [UInt8]

  /// `nil` where there is no Range, or one that is to be ignored (RFC 9110 section 14.2): under two
  /// lines of If-Range it is.
  init?(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
    guard head.method == .get, let field = head.fields.first(.range),
      !head.fields.isRepeated(.range), !head.fields.isRepeated(.ifRange),
      let range = RangeRequest(bytes.slice(field))
    else { return nil }
    self.range = range
    var value: [UInt8] = []
    if let field = head.fields.first(.ifRange) { value.append(contentsOf: bytes.slice(field)) }
    ifRange = value
  }

  /// The first range, as the viewer asks for it.
  var asIs: PartRequest { PartRequest(range.extent, ifRange: ifRange) }

  /// What is asked of an object of which nothing is known; `nil` where the whole is wanted anyway.
  ///
  /// A short range is widened to the size of a slice, which is all of most segments.
  var first: PartRequest? {
    switch range.extent {
    case .from(0), .openEnded: return nil
    case .from, .suffix: return PartRequest(range.extent, ifRange: ifRange, isFirst: true)
    case .closed(let first, let last):
      let (end, overflows) = first.addingReportingOverflow(CacheLimits.firstRangeBytes - 1)
      let isWidened = !overflows && end > last
      return PartRequest(
        .closed(first: first, last: isWidened ? end : last), ifRange: ifRange, isFirst: true,
        isWidened: isWidened)
    }
  }

  /// Whether the range is meant for the version of `piece`: RFC 9110 section 13.1.5.
  func holds(for piece: CachedObject) -> Bool {
    if ifRange.isEmpty { return true }
    let facts = StoredFacts(
      status: 200, entityTag: piece.head.block.span.slice(piece.head.entityTag),
      lastModified: piece.head.lastModified, date: piece.head.date, length: nil)
    return Condition.ifRange(
      ifRange.span, holdsFor: facts, now: piece.head.date?.seconds ?? 0)
  }
}

/// What of a representation of known length is to be answered.
enum Wanted {
  case everything(UInt64)
  case one(ResolvedRange)
  case several(ResolvedRanges)
  /// 416.
  case nothing

  /// Resolves a range; `nil` wants everything.
  init(_ range: RangeRequest?, length: UInt64) {
    guard let range else {
      self = .everything(length)
      return
    }
    switch range.resolve(length: length) {
    case .satisfiable(let one): self = .one(one)
    case .several(let ranges): self = .several(ranges)
    case .unsatisfiable: self = .nothing
    case .ignore: self = .everything(length)
    }
  }

  /// Whether pieces hold all of it.
  func isIn(_ view: PieceView) -> Bool {
    switch self {
    case .everything(let length):
      return length > 0 && view.covers(ResolvedRange(first: 0, last: length - 1))
    case .one(let range): return view.covers(range)
    case .several(let ranges):
      for index in 0..<ranges.count where !view.covers(ranges[index]) { return false }
      return true
    case .nothing: return true
    }
  }

  /// The range to ask the origin for, so that it answers no more than is wanted.
  func extent(of asked: RangeQuestion?) -> RangeRequest.Extent {
    switch self {
    case .everything: return .from(0)
    case .one(let range):
      if let asked, asked.range.count == 1 { return asked.range.extent }
      return .closed(first: range.first, last: range.last)
    case .several(let ranges): return .closed(first: ranges[0].first, last: ranges[0].last)
    case .nothing: return asked?.range.extent ?? .from(0)
    }
  }
}
