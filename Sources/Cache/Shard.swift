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
  /// The Vary rule of this key, if its responses vary: look the variant up instead.
  var vary: VaryRule?
  /// How many variants were entered.
  var variants = 0
  /// After a failed refresh: not before this.
  var retryAt = Instant(nanoseconds: 0)

  var isEmpty: Bool { current == nil && filling == nil && vary == nil }
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
  private var order = EvictionOrder(ghosts: CacheLimits.ghostsPerShard)
  private var places: [Int32: CachedObject] = [:]

  var version: UInt64 { versionCell.load(ordering: .acquiring) }
  var objectCount: Int { countCell.load(ordering: .relaxed) }

  func bumpVersion() { versionCell.add(1, ordering: .releasing) }

  /// The hash under which this request's variant is entered.
  ///
  /// `nil` when no Fill can stand for the request.
  func variant(
    _ request: LookupRequest, head: borrowing RequestHead, bytes: Span<UInt8>,
    scratch: inout [UInt8]
  ) -> Hash128? {
    let primary = request.key.hash
    guard let rule = entries[primary]?.vary else { return primary }
    return rule.variantKey(
      of: primary, head: head, bytes: bytes, isIdentityOnly: request.isIdentityOnly,
      scratch: &scratch)
  }

  /// Makes a whole object the one that is served under its variant.
  ///
  /// - Returns: the one that it replaced, with the workers that hold that.
  func install(_ object: CachedObject) -> (CachedObject, UInt64)? {
    var entry = entries[object.variant] ?? Entry()
    let old = entry.current
    if let old { forget(old) }
    entry.current = object
    entry.retryAt = Instant(nanoseconds: 0)
    entries[object.variant] = entry
    object.place = order.admit(weight: object.heldBytes, mark: object.variant.low)
    places[object.place] = object
    countCell.add(1, ordering: .relaxed)
    bumpVersion()
    guard let old, old.heldBy != 0 else { return nil }
    return (old, old.heldBy)
  }

  /// Takes a stored object out of the order; its entry is the caller's.
  func remove(_ object: CachedObject) {
    forget(object)
    bumpVersion()
  }

  private func forget(_ object: CachedObject) {
    guard object.place >= 0 else { return }
    order.remove(object.place)
    places[object.place] = nil
    object.place = -1
    countCell.subtract(1, ordering: .relaxed)
  }

  /// Chooses a victim and takes it out.
  func evict() -> (CachedObject, UInt64)? {
    let place = order.victim { place in places[place]?.takeHit() ?? false }
    guard let place, let object = places.removeValue(forKey: place) else { return nil }
    object.place = -1
    countCell.subtract(1, ordering: .relaxed)
    if entries[object.variant]?.current === object {
      entries[object.variant]?.current = nil
      if entries[object.variant]?.isEmpty == true { entries[object.variant] = nil }
    }
    dropVaryIfUnused(of: object)
    bumpVersion()
    return (object, object.heldBy)
  }

  private func dropVaryIfUnused(of object: CachedObject) {
    guard object.variant != object.primary, let entry = entries[object.primary] else { return }
    entries[object.primary]?.variants -= 1
    if entry.variants <= 1, entry.current == nil, entry.filling == nil {
      entries[object.primary] = nil
    }
  }
}
