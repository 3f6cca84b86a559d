internal import Bytes
internal import Policy

// Pieces of partial content beside whole objects; with the shard's lock held.
extension Shard {
  /// Drops the pieces of an entry that were purged: with one of a version all of it goes.
  ///
  /// - Returns: `false` where they belong to another key of the same hash.
  func keepValidPieces(in entry: inout Entry, key: [UInt8], purges: PurgeLog) -> Bool {
    guard let pieces = entry.pieces else { return true }
    if let first = pieces.stored.first ?? pieces.filling.first, first.keyText != key {
      return false
    }
    if pieces.stored.contains(where: { $0.isPurged(by: purges) }) {
      for piece in pieces.takeAll() { forget(piece) }
    }
    pieces.filling.removeAll { $0.isPurged(by: purges) }
    entry.settlePieces()
    return true
  }

  /// Takes in a piece whose Fill is over.
  func installPiece(_ piece: CachedObject) {
    var entry = entries[piece.variant] ?? Entry()
    let pieces = entry.pieces ?? PieceSet()
    entry.pieces = pieces
    let leaving = pieces.add(piece)
    for other in leaving { forget(other) }
    if !leaving.contains(where: { $0 === piece }) { admit(piece) }
    entry.retryAt = Instant(nanoseconds: 0)
    entry.settlePieces()
    put(entry, at: piece.variant, of: piece.primary)
  }

  /// A 304 confirmed a piece: its successor has the same bytes.
  func replacePiece(_ old: CachedObject, with refreshed: CachedObject) {
    guard let pieces = entries[old.variant]?.pieces, pieces.replace(old, with: refreshed) else {
      return
    }
    forget(old)
    admit(refreshed)
    entries[old.variant]?.retryAt = Instant(nanoseconds: 0)
  }

  /// Drops the stored pieces of a variant, but for those of the version of `piece`.
  func dropPieces(
    at variant: Hash128, of primary: Hash128, unlikeThose piece: CachedObject? = nil
  ) {
    guard var entry = entries[variant], let pieces = entry.pieces, let lead = pieces.lead else {
      return
    }
    if let piece, piece.isSameVersion(as: lead) || lead.arrival > piece.arrival { return }
    for old in pieces.takeAll() { forget(old) }
    entry.settlePieces()
    put(entry, at: variant, of: primary)
  }
}

extension Entry {
  /// Enters what a Fill writes, if nothing else is being filled.
  mutating func enter(_ object: CachedObject) {
    if object.part != nil {
      let pieces = pieces ?? PieceSet()
      pieces.filling.append(object)
      self.pieces = pieces
    } else if filling == nil {
      filling = object
    }
  }

  /// An empty set says nothing.
  mutating func settlePieces() { if pieces?.isEmpty ?? false { pieces = nil } }
}
