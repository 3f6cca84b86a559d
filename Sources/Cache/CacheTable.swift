public import Bytes
internal import Policy
internal import Store
internal import Synchronization
public import Wire

/// Told when an object leaves the table while workers hold it in their front tables.
open class HoldNotifier: @unchecked Sendable {
  // Exception: unchecked because subclasses post to mailboxes; this base has no state.

  /// Makes a notifier.
  public init() {}

  /// Each worker of the mask is to drop its hold of `object`.
  ///
  /// Any thread, no lock held.
  open func drop(_ object: CachedObject, workers: UInt64) {}

  /// An object left memory to make room; `wasHit` says whether anybody asked for it while it was
  /// here, which its volume wants to know.
  ///
  /// Any thread, no lock held.
  open func evicted(_ object: CachedObject, wasHit: Bool) {}
}

/// The one table of a node: key → what is stored, what is being filled, what is known to pass.
///
/// Sharded by hash, a lock per shard, held for a lookup and never across I/O. Each shard has a
/// version that changes with its contents: a worker's front hold is good as long as it is the same.
public final class CacheTable: Reclaimer, @unchecked Sendable {
  // Exception: unchecked, because each shard has its lock; the rest never changes.
  let shards: [Shard]
  let arena: Arena
  let workers: Int
  /// The purges of the node.
  public let purges = PurgeLog()
  let notifier: HoldNotifier
  private let hand = Atomic<Int>(0)

  /// Makes an empty table whose bodies live in `arena`; it becomes the arena's reclaimer.
  public init(arena: Arena, workers: Int, notifier: HoldNotifier) {
    self.arena = arena
    self.workers = workers
    self.notifier = notifier
    shards = (0..<CacheLimits.shards).map { _ in Shard() }
    super.init()
    arena.setReclaimer(self)
  }

  /// The worker that runs the Fills of this key.
  @inline(__always)
  public func owner(of hash: Hash128) -> Int { Int((hash.high >> 8) % UInt64(workers)) }

  /// The version of the shard of `hash`: one atomic load.
  @inline(__always)
  public func version(of hash: Hash128) -> UInt64 { shard(of: hash).version }

  func shard(of hash: Hash128) -> Shard { shards[Int(hash.high % UInt64(CacheLimits.shards))] }

  /// Looks a key up and, where nothing usable is there, enters the object that a Fill will write.
  public func lookUp(
    _ request: LookupRequest, head: borrowing RequestHead, bytes: Span<UInt8>,
    scratch: inout [UInt8]
  ) -> Lookup {
    let shard = shard(of: request.key.hash)
    var leaving: [Departure] = []
    shard.lock.lock()
    let lookup = lookUp(
      request, in: shard, head: head, bytes: bytes, scratch: &scratch, leaving: &leaving)
    shard.lock.unlock()
    for departure in leaving { announce(departure) }
    return lookup
  }

  /// With the shard's lock held; objects that left are to be announced after it.
  private func lookUp(
    _ request: LookupRequest, in shard: Shard, head: borrowing RequestHead, bytes: Span<UInt8>,
    scratch: inout [UInt8], leaving: inout [Departure]
  ) -> Lookup {
    let primary = request.key.hash
    let choice = shard.choose(
      request, head: head, bytes: bytes, purges: purges, scratch: &scratch)
    guard let choice, !shard.passes.holds(choice.hash, now: request.now),
      shard.makeRoom(for: choice.hash, of: primary, leaving: &leaving)
    else { return .pass }
    let hash = choice.hash
    shard.touch(hash, of: primary)
    var request = request
    request.vary = choice.rule
    var entry = shard.entries[hash] ?? Entry()
    if let current = entry.current {
      guard current.keyText == request.key.text else { return .pass }
      if current.isPurged(by: purges) {
        leaving.append(shard.remove(current))
        entry.current = nil
      }
    }
    if let filling = entry.filling {
      guard filling.keyText == request.key.text else { return .pass }
      if filling.isPurged(by: purges) { entry.filling = nil }
    }
    if entry.pieces != nil {
      guard shard.keepValidPieces(in: &entry, key: request.key.text, purges: purges) else {
        return .pass
      }
    }
    let lookup =
      decidePartial(&entry, request, variant: hash, head: head, bytes: bytes)
      ?? decide(&entry, request, variant: hash)
    shard.put(entry, at: hash, of: primary)
    guard case .hit(let object) = lookup else { return lookup }
    if choice.isOneOfSeveral { return .hitOnce(object) }
    object.heldBy |= 1 << UInt64(request.worker)
    return lookup
  }

  /// Tells the workers that may hold an object that it has left; without a lock held.
  func announce(_ departure: Departure) {
    guard departure.holders != 0 else { return }
    notifier.drop(departure.object, workers: departure.holders)
  }

  private func decide(
    _ entry: inout Entry, _ request: LookupRequest, variant: Hash128
  ) -> Lookup {
    guard let current = entry.current, current.isOpen(to: request) else {
      if let filling = entry.filling, request.mayJoin { return .busy(filling) }
      let reason = reason(entry, request, variant)
      guard request.mayFill else { return .absent(reason, fallback: nil, variant: variant) }
      let siblings = shard(of: request.key.hash)
        .siblings(request, of: variant, purges: purges)
      return .miss(enter(&entry, request, variant, reason, fallback: nil, siblings: siblings))
    }
    let state = current.state(at: request.now, terms: request.terms)
    switch state {
    case .fresh:
      return .hit(current)
    case .staleWhileRevalidate where request.terms.onlyIfCached:
      return .stale(current, refresh: nil)
    case .staleWhileRevalidate where request.mayFill:
      if entry.filling != nil || request.now < entry.retryAt {
        return .stale(current, refresh: nil)
      }
      return .stale(current, refresh: enter(&entry, request, variant, .stale, fallback: current))
    case .staleWhileRevalidate, .staleIfError, .stale:
      if let filling = entry.filling, request.mayJoin { return .busy(filling) }
      let reason = reason(entry, request, variant)
      guard request.mayFill else { return .absent(reason, fallback: current, variant: variant) }
      if request.now < entry.retryAt, state == .staleIfError {
        return .stale(current, refresh: nil)
      }
      return .expired(enter(&entry, request, variant, reason, fallback: current))
    }
  }

  /// Why a request goes forward: RFC 9211 section 2.2.
  func reason(
    _ entry: Entry, _ request: LookupRequest, _ variant: Hash128
  ) -> CacheStatus.Forward {
    guard let current = entry.current else {
      return variant == request.key.hash ? .uriMiss : .varyMiss
    }
    return current.isFresh(at: request.now) ? .request : .stale
  }

  func enter(
    _ entry: inout Entry, _ request: LookupRequest, _ variant: Hash128,
    _ reason: CacheStatus.Forward, fallback: CachedObject?, siblings: [CachedObject] = []
  ) -> CachedObject {
    let object = makeObject(request, variant, reason, fallback: fallback, siblings: siblings)
    entry.filling = object
    return object
  }

  /// Makes the object that a Fill will write.
  func makeObject(
    _ request: LookupRequest, _ variant: Hash128, _ reason: CacheStatus.Forward,
    fallback: CachedObject?, siblings: [CachedObject] = []
  ) -> CachedObject {
    let object = CachedObject(
      key: request.key, owner: owner(of: request.key.hash), body: Body(arena: arena),
      filledSequence: purges.current, initiator: request.exchange, fallback: fallback,
      isIdentityOnly: request.isIdentityOnly, siblings: siblings)
    object.vary = request.vary
    object.variant = variant
    object.reason = reason
    return object
  }

  /// Evicts in the order of the shards: a scan first, then what was not used, then anything.
  ///
  /// Memory that somebody still holds comes back with the last hold, a turn later or more: it
  /// counts as found, so that a short wait does not empty the cache, but not as free now.
  public override func reclaim(blocks: Int) -> Bool {
    let wanted = blocks * BytesLimits.blockBytes
    var found = 0
    var isFreeNow = false
    // The first round of `unused` clears the marks that the second one finds cleared.
    for reach in [EvictionOrder.Reach.young, .unused, .unused, .all] {
      var barren = 0
      while found < wanted, barren < shards.count {
        let index = hand.wrappingAdd(1, ordering: .relaxed).newValue
        guard let bytes = evictOne(shards[index & (CacheLimits.shards - 1)], reach, &isFreeNow)
        else {
          barren += 1
          continue
        }
        barren = 0
        found += bytes
      }
    }
    return isFreeNow
  }

  private func evictOne(
    _ shard: Shard, _ reach: EvictionOrder.Reach, _ isFreeNow: inout Bool
  ) -> Int? {
    guard var departure = shard.lock.withLock({ shard.evict(reach) }) else { return nil }
    let bytes = departure.object.heldBytes
    notifier.evicted(departure.object, wasHit: departure.object.wasHit)
    if isKnownUniquelyReferenced(&departure.object) {
      isFreeNow = true
    } else {
      announce(departure)
    }
    return bytes
  }

  /// Keeps a share of the pool free and the account of small objects within the memory.
  ///
  /// Called after each object that became whole.
  func trim() {
    let pool = arena.blockCount * BytesLimits.blockBytes
    let excess = arena.usedBytes + overheadBytes - (pool - pool / CacheLimits.freeShare)
    if excess > 0 { _ = reclaim(blocks: 1 + excess / BytesLimits.blockBytes) }
  }

  /// Whether something is stored or being fetched under a key without variants.
  ///
  /// - Parameter hash: The hash of the key.
  /// - Returns: `true` as well for what is stale.
  public func holds(_ hash: Hash128) -> Bool {
    let shard = shard(of: hash)
    return shard.lock.withLock {
      shard.entries[hash].map { $0.current != nil || $0.filling != nil } ?? false
    }
  }

  /// What all objects cost beside their bodies.
  public var overheadBytes: Int { objectCount * CacheLimits.objectOverheadBytes }

  /// Objects stored whole: the gauge.
  public var objectCount: Int {
    shards.reduce(0) { $0 + $1.objectCount }
  }

  /// Objects evicted so far to make room.
  public var evictionCount: UInt64 {
    shards.reduce(0) { count, shard in count + shard.lock.withLock { shard.evictions } }
  }
}
