public import Bytes

extension CacheTable {
  /// All that is stored under a key, whatever it varies by: for operators.
  ///
  /// It walks one shard under its lock.
  public func stored(of hash: Hash128) -> [CachedObject] {
    let shard = shard(of: hash)
    return shard.lock.withLock { shard.objects(of: hash) }
  }

  /// How many parts a walk over all that is stored has.
  public var partCount: Int { shards.count }

  /// All that is stored in one part of the table, and whether it was hit while it was there.
  public func stored(inPart part: Int) -> [(object: CachedObject, wasHit: Bool)] {
    shards[part].lock.withLock { shards[part].all }
  }

  /// Whether an answer without variants is stored in memory and fresh.
  public func isFresh(_ hash: Hash128, at now: Instant) -> Bool {
    let shard = shard(of: hash)
    return shard.lock.withLock { shard.entries[hash]?.current?.isFresh(at: now) ?? false }
  }

  /// Whether this variant is stored in memory, its body or its head alone.
  public func isStored(_ variant: Hash128, of primary: Hash128) -> Bool {
    let shard = shard(of: primary)
    return shard.lock.withLock { shard.entries[variant]?.current != nil }
  }
}
