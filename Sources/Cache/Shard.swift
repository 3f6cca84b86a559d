internal import Bytes
internal import Policy
internal import Store
internal import Synchronization
internal import Wire

/// What the table knows of one key or variant.
struct Entry {
  /// The object that is served.
  var current: CachedObject?
  /// The object that a running Fill writes.
  var filling: CachedObject?
  /// What is stored and fetched in pieces.
  var pieces: PieceSet?
  /// The Vary rules of this key's answers, the latest first: look the variant up instead.
  var rules: [VaryRule] = []
  /// The variants that are entered, the one least recently asked for first.
  var variants: [Hash128] = []
  /// After a failed refresh: not before this.
  var retryAt = Instant(nanoseconds: 0)

  var isEmpty: Bool { current == nil && filling == nil && pieces == nil && variants.isEmpty }
}

/// An object that has left the table, and the workers that may hold it.
struct Departure {
  var object: CachedObject
  let holders: UInt64
}

/// One part of the table.
///
/// All but `version` and `objectCount` is guarded by its lock.
final class Shard: @unchecked Sendable {
  // Exception: unchecked, because its lock guards all but the two atomic cells.
  let lock = Lock()
  private let versionCell = Atomic<UInt64>(1)
  private let countCell = Atomic<Int>(0)
  var entries: [Hash128: Entry] = [:]
  var passes = PassMemory()
  private(set) var evictions: UInt64 = 0
  private var order = EvictionOrder(ghosts: CacheLimits.ghostsPerShard)
  private var places: [Int32: CachedObject] = [:]

  var version: UInt64 { versionCell.load(ordering: .acquiring) }
  var objectCount: Int { countCell.load(ordering: .relaxed) }

  func bumpVersion() { versionCell.add(1, ordering: .releasing) }

  /// Lookups of a key follow this Vary rule first from now on.
  func learn(_ rule: VaryRule, for primary: Hash128) {
    var entry = entries[primary] ?? Entry()
    if entry.rules.first != rule {
      entry.rules.removeAll { $0 == rule }
      entry.rules.insert(rule, at: 0)
      if entry.rules.count > PolicyLimits.varyRulesPerKeyMax { entry.rules.removeLast() }
    }
    entries[primary] = entry
    bumpVersion()
  }

  /// Makes a whole object, whose Fill is over, the one that is served under its variant.
  ///
  /// What was hit while it was on its way is no more popular than a scan: its marks begin here.
  /// - Returns: the one that it replaced, with the workers that hold that.
  func install(_ object: CachedObject, keeping filling: CachedObject? = nil) -> Departure? {
    var entry = entries[object.variant] ?? Entry()
    let old = entry.current
    if let old { forget(old) }
    for piece in entry.pieces?.takeAll() ?? [] { forget(piece) }
    entry.settlePieces()
    entry.current = object
    entry.filling = filling
    entry.retryAt = Instant(nanoseconds: 0)
    put(entry, at: object.variant, of: object.primary)
    admit(object)
    bumpVersion()
    return old.map { Departure(object: $0, holders: $0.heldBy) }
  }

  /// Takes an object into the order of eviction and the account.
  func admit(_ object: CachedObject) {
    object.clearHit()
    object.place = order.admit(weight: object.heldBytes, mark: object.variant.low)
    places[object.place] = object
    countCell.add(1, ordering: .relaxed)
  }

  /// Takes a stored object out of the order; its entry is the caller's.
  func remove(_ object: CachedObject) -> Departure {
    forget(object)
    bumpVersion()
    return Departure(object: object, holders: object.heldBy)
  }

  /// Enters or, when it says nothing any more, drops what is known of a key or variant.
  ///
  /// The key lists its entered variants and goes with the last one.
  func put(_ entry: Entry, at variant: Hash128, of primary: Hash128) {
    let isNew = entries[variant] == nil
    entries[variant] = entry.isEmpty ? nil : entry
    guard variant != primary, isNew != entry.isEmpty else { return }
    var key = entries[primary] ?? Entry()
    if isNew { key.variants.append(variant) } else { key.variants.removeAll { $0 == variant } }
    entries[primary] = key.isEmpty ? nil : key
  }

  /// Takes an object out of the order of eviction and the account.
  func forget(_ object: CachedObject) {
    guard object.place >= 0 else { return }
    order.remove(object.place)
    places[object.place] = nil
    object.place = -1
    countCell.subtract(1, ordering: .relaxed)
  }

  /// The objects of a key and its variants.
  func objects(of primary: Hash128) -> [CachedObject] {
    places.values.filter { $0.primary == primary }
  }

  /// All objects, and whether each was hit while it was here.
  var all: [(object: CachedObject, wasHit: Bool)] {
    places.values.map { (object: $0, wasHit: $0.wasHit) }
  }

  /// Whether a Fill's object is the one that requests join.
  func isEntered(_ object: CachedObject) -> Bool {
    guard let entry = entries[object.variant] else { return false }
    return entry.filling === object || entry.pieces?.isFilling(object) ?? false
  }

  /// A Fill's object is no longer the one that requests join.
  ///
  /// - Returns: whether it was.
  func withdraw(_ object: CachedObject) -> Bool {
    guard var entry = entries[object.variant] else { return false }
    if entry.filling === object {
      entry.filling = nil
    } else {
      guard entry.pieces?.withdraw(object) ?? false else { return false }
      entry.settlePieces()
    }
    put(entry, at: object.variant, of: object.primary)
    return true
  }

  /// Takes the object that is served under a variant out of the table.
  func removeCurrent(at variant: Hash128, of primary: Hash128) -> Departure? {
    guard var entry = entries[variant], let object = entry.current else { return nil }
    entry.current = nil
    put(entry, at: variant, of: primary)
    return remove(object)
  }

  /// Chooses a victim within reach and takes it out.
  func evict(_ reach: EvictionOrder.Reach) -> Departure? {
    let place = order.victim(reach) { place in places[place]?.takeHit() ?? false }
    guard let place, let object = places.removeValue(forKey: place) else { return nil }
    object.place = -1
    evictions += 1
    countCell.subtract(1, ordering: .relaxed)
    if var entry = entries[object.variant] {
      if entry.current === object {
        entry.current = nil
      } else {
        entry.pieces?.remove(object)
        entry.settlePieces()
      }
      put(entry, at: object.variant, of: object.primary)
    }
    bumpVersion()
    return Departure(object: object, holders: object.heldBy)
  }
}
