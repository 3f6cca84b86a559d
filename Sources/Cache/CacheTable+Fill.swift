public import Bytes
public import Policy

/// What becomes of a Fill's answer in the table.
public enum Admission: Equatable, Sendable {
  /// The object stays entered: later requests join it.
  case entered
  /// Too many variants of this key: it is served to those who wait and not kept.
  case refused
}

extension CacheTable {
  /// The head of a Fill varies: its object moves to its variant, and lookups learn the rule.
  ///
  /// `variant` is the hash that the rule gives for the request that the Fill was made with.
  public func enterVariant(
    _ object: CachedObject, rule: VaryRule, variant: Hash128
  ) -> Admission {
    if object.vary == rule, object.variant == variant { return .entered }
    let shard = shard(of: object.primary)
    return shard.lock.withLock {
      var primary = shard.entries[object.primary] ?? Entry()
      if primary.vary != rule {
        primary.vary = rule
        primary.variants = 0
      }
      if primary.filling === object { primary.filling = nil }
      if shard.entries[object.variant]?.filling === object {
        shard.entries[object.variant]?.filling = nil
      }
      object.vary = rule
      object.variant = variant
      guard primary.variants < PolicyLimits.variantsPerKeyMax else {
        shard.entries[object.primary] = primary
        return .refused
      }
      primary.variants += 1
      shard.entries[object.primary] = primary
      shard.entries[variant, default: Entry()].filling = object
      shard.bumpVersion()
      return .entered
    }
  }

  /// The Fill's Body is whole: from now on the object is served, unless it was purged meanwhile.
  ///
  /// - Returns: whether it is kept.
  public func complete(_ object: CachedObject) -> Bool {
    guard object.body.phase == .whole else {
      detach(object)
      return false
    }
    let shard = shard(of: object.primary)
    let replaced = shard.lock.withLock { () -> (kept: Bool, old: (CachedObject, UInt64)?) in
      let isEntered = shard.entries[object.variant]?.filling === object
      if isEntered { shard.entries[object.variant]?.filling = nil }
      guard isEntered, !object.isPurged(by: purges) else { return (false, nil) }
      return (true, shard.install(object))
    }
    object.dropFallback()
    if let (old, holders) = replaced.old { notifier.drop(old, workers: holders) }
    if replaced.kept { trim() }
    return replaced.kept
  }

  /// A 304 came for `object`: `refreshed` takes the place of what it was to refresh.
  public func complete(_ object: CachedObject, with refreshed: CachedObject) {
    let shard = shard(of: object.primary)
    let old = shard.lock.withLock { () -> (CachedObject, UInt64)? in
      guard shard.entries[object.variant]?.filling === object else { return nil }
      shard.entries[object.variant]?.filling = nil
      guard !refreshed.isPurged(by: purges) else { return nil }
      return shard.install(refreshed)
    }
    object.refresh(with: refreshed)
    object.dropFallback()
    if let (old, holders) = old { notifier.drop(old, workers: holders) }
  }

  /// The Fill ends without an object: newcomers start anew; a stale one is not refreshed before
  /// `retryAt`.
  public func detach(_ object: CachedObject, retryAt: Instant? = nil) {
    let shard = shard(of: object.primary)
    shard.lock.withLock {
      guard shard.entries[object.variant]?.filling === object else { return }
      shard.entries[object.variant]?.filling = nil
      if let retryAt { shard.entries[object.variant]?.retryAt = retryAt }
      if shard.entries[object.variant]?.isEmpty == true { shard.entries[object.variant] = nil }
    }
  }

  /// The answer is uncacheable: the key passes until `end`, and what was stored is dropped.
  public func rememberPass(_ object: CachedObject, until end: Instant) {
    let shard = shard(of: object.primary)
    let old = shard.lock.withLock { () -> (CachedObject, UInt64)? in
      shard.passes.remember(object.variant, until: end)
      guard let entry = shard.entries[object.variant] else { return nil }
      if entry.filling === object { shard.entries[object.variant]?.filling = nil }
      guard let current = entry.current else {
        if shard.entries[object.variant]?.isEmpty == true { shard.entries[object.variant] = nil }
        return nil
      }
      shard.remove(current)
      shard.entries[object.variant]?.current = nil
      return (current, current.heldBy)
    }
    if let (old, holders) = old, holders != 0 { notifier.drop(old, workers: holders) }
  }

  /// A stored object turned out to be no good: it is not served again.
  public func forget(_ object: CachedObject) {
    let shard = shard(of: object.primary)
    let holders = shard.lock.withLock { () -> UInt64 in
      guard shard.entries[object.variant]?.current === object else { return 0 }
      shard.remove(object)
      shard.entries[object.variant]?.current = nil
      return object.heldBy
    }
    if holders != 0 { notifier.drop(object, workers: holders) }
  }

  /// An unsafe request succeeded: what is stored of its target goes (RFC 9111 section 4.4).
  public func invalidate(_ hash: Hash128, site: Int) {
    _ = purges.purge(.url(hash, site: site))
  }

  /// How many keys are remembered as uncacheable: the gauge.
  public var passKeyCount: Int {
    shards.reduce(0) { sum, shard in sum + shard.lock.withLock { shard.passes.count } }
  }
}
