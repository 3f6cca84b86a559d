public import Bytes
public import Policy

/// What becomes of an object that a volume had.
public enum Recovery: Equatable, Sendable {
  /// It is served from now on.
  case entered
  /// It was purged while it lay there: it is to be removed, and the origin to be asked.
  case purged
  /// The Fill that it was found for is no longer the one that requests join.
  case detached
}

// What volumes hold comes into the table as if a Fill had brought it.
extension CacheTable {
  /// A volume has what the Fill `object` was to fetch: `found` is served from now on.
  public func complete(_ object: CachedObject, found: CachedObject) -> Recovery {
    let shard = shard(of: object.primary)
    let (recovery, old) = shard.lock.withLock { () -> (Recovery, Departure?) in
      if found.isPurged(by: purges) { return (.purged, nil) }
      guard !object.isPurged(by: purges), shard.isEntered(object) else { return (.detached, nil) }
      // Its entry is not left empty in between: the rule of its key would go with it.
      _ = shard.entries[object.variant]?.pieces?.withdraw(object)
      return (.entered, shard.install(found))
    }
    if let old { announce(old) }
    if recovery == .entered { trim() }
    return recovery
  }

  /// A volume has what a request needs that no Fill may stand for; a Fill goes on undisturbed.
  public func enter(found: CachedObject) -> Recovery {
    let shard = shard(of: found.primary)
    var leaving: [Departure] = []
    let recovery = shard.lock.withLock { () -> Recovery in
      if found.isPurged(by: purges) { return .purged }
      let entry = shard.entries[found.variant]
      guard entry?.current == nil,
        shard.makeRoom(for: found.variant, of: found.primary, leaving: &leaving)
      else { return .detached }
      _ = shard.install(found, keeping: entry?.filling)
      return .entered
    }
    for departure in leaving { announce(departure) }
    if recovery == .entered { trim() }
    return recovery
  }

  /// What a volume is asked with for a request that no Fill may stand for; it is not entered.
  public func makeQuestion(_ request: LookupRequest, variant: Hash128) -> CachedObject {
    CachedObject(
      key: request.key, owner: owner(of: request.key.hash), body: Body(arena: arena),
      filledSequence: purges.current, initiator: request.exchange, fallback: nil,
      isIdentityOnly: request.isIdentityOnly, variant: variant)
  }

  /// A volume knows that this key varies: lookups follow the rule, and the Fill is over.
  public func learn(_ rule: VaryRule, from object: CachedObject) {
    let shard = shard(of: object.primary)
    shard.lock.withLock {
      _ = shard.withdraw(object)
      shard.learn(rule, for: object.primary)
    }
  }

  /// A volume has what a key was remembered as passing for: it may be asked for again.
  public func forgetPass(_ object: CachedObject) {
    let shard = shard(of: object.primary)
    shard.lock.withLock { shard.passes.forget(object.variant) }
  }
}
