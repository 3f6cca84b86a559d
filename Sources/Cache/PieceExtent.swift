public import Policy
public import Wire

/// Where a stored piece lies in its representation: RFC 9111 section 3.3.
public struct PieceExtent: Sendable, Equatable {
  /// The bytes that it holds.
  public let range: ResolvedRange
  /// The length of the whole representation.
  public let length: UInt64

  /// A piece of a representation of `length` bytes.
  public init(range: ResolvedRange, length: UInt64) {
    precondition(range.last < length)
    self.range = range
    self.length = length
  }

  /// Whether it holds every byte.
  public var isWhole: Bool { range.length == length }
}

/// What a Fill of one range asks its origin: requests for the same share it.
public struct PartRequest: Sendable, Equatable {
  /// The range.
  public let extent: RangeRequest.Extent
  /// The validator under which it is wanted; empty for none.
  ///
  /// Else the whole comes (RFC 9110 section 13.1.5): the viewer's own, or that of the stored pieces
  /// which the range completes.
  public let ifRange: [UInt8]
  /// The validators of stored pieces that a 304 would confirm.
  public let validators: Validators?
  /// It asks for less than its viewer did: the rest is stored.
  public let isTrimmed: Bool
  /// How long the object is has to be learnt: who wants another range waits for its head, and a
  /// short object is fetched whole instead.
  public let isFirst: Bool
  /// It asks for more than its viewer did.
  let isWidened: Bool

  /// A range under conditions.
  public init(
    _ extent: RangeRequest.Extent, ifRange: [UInt8] = [], validators: Validators? = nil,
    isTrimmed: Bool = false, isFirst: Bool = false, isWidened: Bool = false
  ) {
    self.isFirst = isFirst
    self.isWidened = isWidened
    self.extent = extent
    self.ifRange = ifRange
    self.validators = validators
    self.isTrimmed = isTrimmed
  }

  /// It is the range that its viewer asks for.
  public var isAsAsked: Bool { !isTrimmed && !isWidened }

  /// The piece that a 206 holds, if that is what was asked or the beginning of it.
  ///
  /// `nil` for an answer without a sane Content-Range, with several parts or with other bytes: it
  /// is no answer to this request (RFC 9110 section 15.3.7). One whose complete length is unknown
  /// is none that can be stored: its extent is `nil` too, and `isOfUnknownLength` holds.
  public func extent(
    of head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> PieceExtent? {
    guard head.status == 206, let found = contentRange(of: head, bytes: bytes),
      let range = found.range, let length = found.length, begins(range, of: length)
    else { return nil }
    if case .length(let count) = head.framing, count != range.length { return nil }
    return PieceExtent(range: range, length: length)
  }

  /// Whether a 206 is an answer to this request that does not say how long the whole is.
  public func isOfUnknownLength(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    guard let found = contentRange(of: head, bytes: bytes), let range = found.range else {
      return false
    }
    return found.length == nil && begins(range, of: nil)
  }

  private func contentRange(
    of head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> ContentRange? {
    guard let field = head.fields.first(.contentRange), !head.fields.isRepeated(.contentRange)
    else { return nil }
    return ContentRange(bytes.slice(field))
  }

  /// Whether a range is the first of what was asked, or all of it.
  private func begins(_ range: ResolvedRange, of length: UInt64?) -> Bool {
    switch extent {
    case .closed(let first, let last): range.first == first && range.last <= last
    case .from(let first), .openEnded(let first): range.first == first
    case .suffix(let count):
      length.map { range.first == $0 - min(count, $0) } ?? false
    }
  }
}

/// What a lookup makes of a Range.
public enum RangeUse: Sendable, Equatable {
  /// The request is no GET: neither ranges nor pieces matter to it.
  case ignored
  /// The whole object is fetched, and the range answered from it.
  case whole
  /// The range goes to the origin, and its answer is kept as a piece.
  case forwarded
  /// The first range goes to the origin to learn how long the object is: a short one is fetched
  /// whole, of a long one pieces are kept.
  case measured
}
