public import Bytes

extension CacheTable {
  /// All that is stored under a key, whatever it varies by: for operators.
  ///
  /// It walks one shard under its lock.
  public func stored(of hash: Hash128) -> [CachedObject] {
    let shard = shard(of: hash)
    return shard.lock.withLock { shard.objects(of: hash) }
  }
}
