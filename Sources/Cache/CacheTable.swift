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
    shard.lock.lock()
    defer { shard.lock.unlock() }
    guard let hash = shard.variant(request, head: head, bytes: bytes, scratch: &scratch) else {
      return .pass
    }
    if shard.passes.holds(hash, now: request.now) { return .pass }
    var entry = shard.entries[hash] ?? Entry()
    if let current = entry.current {
      guard current.keyText == request.key.text else { return .pass }
      if current.isPurged(by: purges) {
        shard.remove(current)
        entry.current = nil
      }
    }
    if let filling = entry.filling {
      guard filling.keyText == request.key.text else { return .pass }
      if filling.isPurged(by: purges) { entry.filling = nil }
    }
    let lookup = decide(&entry, request, variant: hash)
    shard.entries[hash] = entry.isEmpty ? nil : entry
    if case .hit(let object) = lookup { object.heldBy |= 1 << UInt64(request.worker) }
    return lookup
  }

  private func decide(
    _ entry: inout Entry, _ request: LookupRequest, variant: Hash128
  ) -> Lookup {
    guard let current = entry.current else {
      if let filling = entry.filling { return .busy(filling) }
      guard request.mayFill else { return .absent }
      return .miss(enter(&entry, request, variant, fallback: nil))
    }
    let state = current.state(at: request.now)
    if !request.mayFill, current.mayServeOnError(at: request.now) { return .hit(current) }
    guard request.mayFill else { return .absent }
    switch state {
    case .fresh:
      return .hit(current)
    case .staleWhileRevalidate:
      if entry.filling != nil || request.now < entry.retryAt {
        return .stale(current, refresh: nil)
      }
      return .stale(current, refresh: enter(&entry, request, variant, fallback: current))
    case .staleIfError, .stale:
      if let filling = entry.filling { return .busy(filling) }
      if request.now < entry.retryAt, state == .staleIfError {
        return .stale(current, refresh: nil)
      }
      return .expired(enter(&entry, request, variant, fallback: current))
    }
  }

  private func enter(
    _ entry: inout Entry, _ request: LookupRequest, _ variant: Hash128, fallback: CachedObject?
  ) -> CachedObject {
    let object = CachedObject(
      key: request.key, owner: owner(of: request.key.hash), body: Body(arena: arena),
      filledSequence: purges.current, initiator: request.exchange, fallback: fallback,
      isIdentityOnly: request.isIdentityOnly)
    object.vary = vary(of: request.key.hash)
    object.variant = variant
    entry.filling = object
    return object
  }

  /// The Vary rule that a key is known to have; its shard is locked.
  private func vary(of hash: Hash128) -> VaryRule? { shard(of: hash).entries[hash]?.vary }

  /// Evicts in the order of the shards, a victim from each in turn.
  public override func reclaim(blocks: Int) -> Bool {
    var freed = 0
    var empty = 0
    let wanted = blocks * BytesLimits.blockBytes
    while freed < wanted, empty < shards.count {
      let index = hand.wrappingAdd(1, ordering: .relaxed).newValue
      guard let victim = evictOne(shards[index & (CacheLimits.shards - 1)]) else {
        empty += 1
        continue
      }
      empty = 0
      freed += victim
    }
    return freed > 0
  }

  private func evictOne(_ shard: Shard) -> Int? {
    let taken = shard.lock.withLock { shard.evict() }
    guard let (object, holders) = taken else { return nil }
    if holders != 0 { notifier.drop(object, workers: holders) }
    return object.heldBytes
  }

  /// Keeps a share of the pool free and the account of small objects within the memory.
  ///
  /// Called after each object that became whole.
  func trim() {
    let pool = arena.blockCount * BytesLimits.blockBytes
    let limit = pool - pool / CacheLimits.freeShare
    var rounds = 0
    while rounds < 8, arena.usedBytes + overheadBytes > limit {
      let excess = arena.usedBytes + overheadBytes - limit
      guard reclaim(blocks: max(1, excess / BytesLimits.blockBytes)) else { return }
      rounds += 1
    }
  }

  /// What all objects cost beside their bodies.
  public var overheadBytes: Int { objectCount * CacheLimits.objectOverheadBytes }

  /// Objects stored whole: the gauge.
  public var objectCount: Int {
    shards.reduce(0) { $0 + $1.objectCount }
  }
}
