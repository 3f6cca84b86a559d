internal import Bytes

/// The keys of one shard that are known to be uncacheable, each for a while.
///
/// Bounded: when full, the oldest is forgotten, which costs one Fill, never a wrong answer.
struct PassMemory {
  private var until: [Hash128: Instant] = [:]
  private var ring: [Hash128] = []
  private var cursor = 0

  var count: Int { until.count }

  func holds(_ hash: Hash128, now: Instant) -> Bool {
    guard let end = until[hash] else { return false }
    return now < end
  }

  mutating func remember(_ hash: Hash128, until end: Instant) {
    if until.updateValue(end, forKey: hash) != nil { return }
    if ring.count < CacheLimits.passKeysPerShard {
      ring.append(hash)
      return
    }
    until[ring[cursor]] = nil
    ring[cursor] = hash
    cursor = (cursor + 1) % ring.count
  }

  /// The key turned out cacheable again, or was purged.
  mutating func forget(_ hash: Hash128) {
    guard until.removeValue(forKey: hash) != nil, let index = ring.firstIndex(of: hash) else {
      return
    }
    ring.swapAt(index, ring.count - 1)
    ring.removeLast()
    cursor = 0
  }
}
