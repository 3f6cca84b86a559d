internal import Bytes
internal import Policy
internal import Wire

/// What the table holds of a variant that is stored in pieces; guarded by its shard's lock.
final class PieceSet {
  /// Whole pieces of one version.
  private(set) var stored: [CachedObject] = []
  /// The one that came or was confirmed last.
  private(set) var lead: CachedObject?
  /// Pieces that running Fills write, each for one range.
  var filling: [CachedObject] = []

  var isEmpty: Bool { stored.isEmpty && filling.isEmpty }

  var view: PieceView? {
    guard let lead else { return nil }
    return PieceView(lead: lead, pieces: stored)
  }

  /// The running Fill that asks for the same.
  func filling(_ part: PartRequest) -> CachedObject? { filling.first { $0.part == part } }

  /// Whether a Fill's object is one that requests join.
  func isFilling(_ object: CachedObject) -> Bool { filling.contains { $0 === object } }

  /// A Fill is no longer the one that requests join; whether it was.
  func withdraw(_ object: CachedObject) -> Bool {
    guard let index = filling.firstIndex(where: { $0 === object }) else { return false }
    filling.remove(at: index)
    return true
  }

  /// Takes a piece in; no byte is kept twice, and none of another version is kept.
  ///
  /// - Returns: the pieces that it drives out; itself where it brings nothing.
  func add(_ piece: CachedObject) -> [CachedObject] {
    guard let range = piece.extent?.range else { return [piece] }
    if let lead, !piece.isSameVersion(as: lead) {
      // Of two versions the one whose head came last is true.
      guard piece.arrival >= lead.arrival else { return [piece] }
      let old = takeAll()
      stored = [piece]
      self.lead = piece
      return old
    }
    var leaving: [CachedObject] = []
    for other in stored {
      guard let found = other.extent?.range, found.first <= range.last, range.first <= found.last
      else { continue }
      // Two Fills overlapped while both ran: the shorter piece leaves.
      if found.length > range.length || found == range && other.arrival > piece.arrival {
        return [piece]
      }
      leaving.append(other)
    }
    if stored.count - leaving.count >= CacheLimits.piecesPerVariant {
      let oldest = stored.filter { other in !leaving.contains { $0 === other } }
        .min { $0.arrival < $1.arrival }
      if let oldest { leaving.append(oldest) }
    }
    stored.removeAll { other in leaving.contains { $0 === other } }
    stored.append(piece)
    if lead.map({ $0.arrival <= piece.arrival }) ?? true { lead = piece }
    settleLead()
    return leaving
  }

  /// A 304 confirmed `old`: `refreshed` takes its place; whether it was still here.
  func replace(_ old: CachedObject, with refreshed: CachedObject) -> Bool {
    guard let index = stored.firstIndex(where: { $0 === old }) else { return false }
    stored[index] = refreshed
    lead = refreshed
    return true
  }

  /// A piece leaves: evicted.
  func remove(_ piece: CachedObject) {
    stored.removeAll { $0 === piece }
    settleLead()
  }

  /// Takes all stored pieces out.
  func takeAll() -> [CachedObject] {
    defer {
      stored = []
      lead = nil
    }
    return stored
  }

  /// The head of all is that of the newest piece that is still here.
  private func settleLead() {
    guard let lead, !stored.contains(where: { $0 === lead }) else { return }
    self.lead = stored.max { $0.arrival < $1.arrival }
  }
}
