internal import Bytes
internal import Policy
public import Wire

/// The stored pieces of one version of a representation, as a lookup found them.
///
/// All of them have the same strong ETag and the same complete length, or there is only one: bytes
/// of two versions are never put together (RFC 9110 section 15.3.7.3, RFC 9111 section 3.4).
public struct PieceView: Sendable {
  /// The piece that came or was confirmed last: its head and its freshness are those of all.
  public let lead: CachedObject
  /// The length of the whole representation.
  public let length: UInt64
  /// Whether pieces may be combined: the ETag is strong.
  public let isStrong: Bool
  /// The pieces, in no order.
  public let pieces: [CachedObject]

  /// Pieces of the version of `lead`, which has to be a piece.
  public init?(lead: CachedObject, pieces: [CachedObject]) {
    guard let extent = lead.extent else { return nil }
    self.lead = lead
    self.pieces = pieces
    length = extent.length
    isStrong = lead.validators.isStrong
  }

  /// These pieces and one more, whose head and freshness are from now on those of all.
  ///
  /// One of another version stands alone.
  public func adding(_ piece: CachedObject) -> PieceView? {
    PieceView(lead: piece, pieces: piece.isSameVersion(as: lead) ? pieces + [piece] : [piece])
  }

  /// These pieces with the head that a 304 made.
  public func refreshed(by lead: CachedObject) -> PieceView? {
    PieceView(lead: lead, pieces: pieces)
  }

  /// Where the bytes of a range lie, as far as they follow each other from its first one.
  public func sources(of range: ResolvedRange) -> [(object: CachedObject, range: ResolvedRange)] {
    var sources: [(CachedObject, ResolvedRange)] = []
    var next = range.first
    while next <= range.last, let piece = piece(at: next) {
      guard let found = piece.extent?.range else { break }
      let last = min(found.last, range.last)
      sources.append((piece, ResolvedRange(first: next, last: last)))
      next = last + 1
    }
    return sources
  }

  /// Whether every byte of a range is here.
  public func covers(_ range: ResolvedRange) -> Bool {
    sources(of: range).last?.range.last == range.last
  }

  /// The shortest range that holds all bytes of `range` which are not here.
  public func missing(in range: ResolvedRange) -> ResolvedRange? {
    guard let gap = gap(in: range) else { return nil }
    var last = range.last
    while let found = piece(at: last)?.extent?.range {
      guard found.first > gap.first else { break }
      last = found.first - 1
    }
    return ResolvedRange(first: gap.first, last: last)
  }

  /// The first bytes of `range` that are not here.
  public func gap(in range: ResolvedRange) -> ResolvedRange? {
    let first = sources(of: range).last.map { $0.range.last + 1 } ?? range.first
    guard first <= range.last else { return nil }
    var last = range.last
    for piece in pieces {
      if let found = piece.extent?.range, found.first > first { last = min(last, found.first - 1) }
    }
    return ResolvedRange(first: first, last: last)
  }

  /// The piece that holds a byte and reaches farthest.
  private func piece(at position: UInt64) -> CachedObject? {
    var best: CachedObject?
    for piece in pieces {
      guard let found = piece.extent?.range, found.first <= position, position <= found.last
      else { continue }
      if let extent = best?.extent, extent.range.last >= found.last { continue }
      best = piece
    }
    return best
  }
}

/// What a lookup says that has to do with pieces.
public enum PartialLookup {
  /// All that is asked is here and fresh.
  case hit(PieceView)
  /// All that is asked is here, stale, and may be served because the origin failed a moment ago.
  case stale(PieceView)
  /// A Fill of the same range is running: follow it; the pieces hold the rest.
  case join(CachedObject, PieceView?)
  /// The caller starts the Fill of this range and follows it; the pieces hold the rest.
  case fill(CachedObject, PartRequest, PieceView?)
  /// The caller starts the Fill that completes these pieces to the whole, and follows it.
  case complete(CachedObject, PieceView)
  /// The pieces are of no use: the caller starts the Fill of the whole.
  case whole(CachedObject)
  /// No Fill can stand for the request: to the origin alone.
  case pass(hasPieces: Bool)
}

extension CachedObject {
  /// Whether two pieces may be put together: RFC 9110 section 15.3.7.3.
  public func isSameVersion(as other: CachedObject) -> Bool {
    guard let own = extent, let others = other.extent, own.length == others.length else {
      return false
    }
    return EntityTag.strongMatch(
      head.block.span.slice(head.entityTag), other.head.block.span.slice(other.head.entityTag))
  }
}
