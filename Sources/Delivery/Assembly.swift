internal import Cache
internal import Policy
internal import Wire

/// How far a Fill has come that makes a whole object of stored pieces and what is missing.
struct Assembly {
  /// The pieces, all of one strong tag.
  let view: PieceView
  /// How many bytes of the whole are in the Body.
  var position: UInt64 = 0
  /// The missing bytes that are being fetched; shorter once the origin has said that it sends less.
  var gap: ResolvedRange?
  /// The origin has confirmed the version: the head is published.
  var isConfirmed = false
  /// The origin has answered for the gap.
  var isAnswered = false
  /// Fetches so far.
  var fetches = 0

  init(_ view: PieceView) {
    self.view = view
    gap = view.gap(in: ResolvedRange(first: 0, last: view.length - 1))
  }

  /// What the gap is asked as.
  func request(for gap: ResolvedRange) -> PartRequest {
    PartRequest(
      .closed(first: gap.first, last: gap.last), ifRange: view.lead.validators.entityTag,
      isTrimmed: true)
  }

  /// What the first gap is asked as.
  var firstRequest: PartRequest? { gap.map { request(for: $0) } }

  /// Bytes of the gap that the Body takes now: none before it has those in front of it.
  var room: UInt64 {
    guard let gap, isAnswered, position >= gap.first, position <= gap.last else { return 0 }
    return gap.last + 1 - position
  }

  /// The piece that has the next bytes, if they are not to be fetched.
  var source: (object: CachedObject, range: ResolvedRange)? {
    guard position < view.length else { return nil }
    return view.sources(of: ResolvedRange(first: position, last: view.length - 1)).first
  }
}
