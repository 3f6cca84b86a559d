public import Bytes
public import Policy
public import Wire

/// What becomes of a Fill's answer in the table.
public enum Admission: Equatable, Sendable {
  /// The object stays entered: later requests join it.
  case entered
  /// Too many variants of this key are being fetched: it is served to those who wait and not kept.
  case refused
}

extension CacheTable {
  /// The head of a Fill varies: its object moves to its variant, and lookups learn the rule.
  ///
  /// `variant` is the hash that the rule gives for the request that the Fill was made with.
  public func enterVariant(
    _ object: CachedObject, rule: VaryRule, variant: Hash128
  ) -> Admission {
    let newRule = rule == .everybody ? nil : rule
    if object.vary == newRule, object.variant == variant { return .entered }
    let shard = shard(of: object.primary)
    var leaving: [Departure] = []
    defer { for departure in leaving { announce(departure) } }
    return shard.lock.withLock {
      let wasEntered = shard.withdraw(object)
      object.vary = newRule
      object.variant = variant
      shard.learn(rule, for: object.primary)
      guard shard.makeRoom(for: variant, of: object.primary, leaving: &leaving) else {
        return .refused
      }
      var entry = shard.entries[variant] ?? Entry()
      // One that was detached stays so, and another Fill of the variant is not interrupted.
      if wasEntered { entry.enter(object) }
      shard.put(entry, at: variant, of: object.primary)
      // Nothing entered: the rule alone is not worth an entry.
      shard.put(shard.entries[object.primary] ?? Entry(), at: object.primary, of: object.primary)
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
    if object.extent != nil { return completePiece(object) }
    let shard = shard(of: object.primary)
    let (isKept, old) = shard.lock.withLock { () -> (Bool, Departure?) in
      guard !object.isPurged(by: purges), shard.isEntered(object) else {
        _ = shard.withdraw(object)
        return (false, nil)
      }
      return (true, shard.install(object))
    }
    object.dropFallback()
    if let old { announce(old) }
    if isKept { trim() }
    return isKept
  }

  /// A 304 came for `object`: `refreshed` takes the place of what it was to refresh.
  ///
  /// So it does where the origin sent the first slice of an object: `isNew`.
  public func complete(
    _ object: CachedObject, with refreshed: CachedObject, isNew: Bool = false
  ) {
    let shard = shard(of: object.primary)
    let old = shard.lock.withLock { () -> Departure? in
      guard !refreshed.isPurged(by: purges), shard.isEntered(object) else {
        _ = shard.withdraw(object)
        return nil
      }
      return shard.install(refreshed)
    }
    object.refresh(with: refreshed, isNew: isNew)
    object.dropFallback()
    if let old { announce(old) }
  }

  /// The Fill ends without an object: newcomers start anew; a stale one is not refreshed before
  /// `retryAt`.
  public func detach(_ object: CachedObject, retryAt: Instant? = nil) {
    let shard = shard(of: object.primary)
    shard.lock.withLock {
      guard shard.withdraw(object) else { return }
      if let retryAt { shard.entries[object.variant]?.retryAt = retryAt }
    }
  }

  /// The answer is uncacheable: the key passes until `end`, and what was stored is dropped.
  public func rememberPass(_ object: CachedObject, until end: Instant) {
    let shard = shard(of: object.primary)
    let old = shard.lock.withLock { () -> Departure? in
      shard.passes.remember(object.variant, until: end)
      _ = shard.withdraw(object)
      shard.dropPieces(at: object.variant, of: object.primary)
      return shard.removeCurrent(at: object.variant, of: object.primary)
    }
    if let old { announce(old) }
  }

  /// A stored object turned out to be no good: it is not served again.
  public func forget(_ object: CachedObject) {
    let shard = shard(of: object.primary)
    let departure = shard.lock.withLock { () -> Departure? in
      guard shard.entries[object.variant]?.current === object else { return nil }
      return shard.removeCurrent(at: object.variant, of: object.primary)
    }
    if let departure { announce(departure) }
  }

  /// A whole object that came by a pass is stored; a Fill of the same key goes on undisturbed.
  ///
  /// - Returns: whether it is kept: not if it was purged, if a later one is there, or if its key
  ///   has too many variants.
  public func adopt(_ object: CachedObject) -> Bool {
    guard object.body.phase == .whole else { return false }
    let shard = shard(of: object.primary)
    var leaving: [Departure] = []
    let (isKept, old) = shard.lock.withLock { () -> (Bool, Departure?) in
      guard !object.isPurged(by: purges) else { return (false, nil) }
      if let rule = object.vary {
        shard.learn(rule, for: object.primary)
      } else if shard.entries[object.primary]?.rules.isEmpty == false {
        shard.learn(.everybody, for: object.primary)
      }
      guard shard.makeRoom(for: object.variant, of: object.primary, leaving: &leaving) else {
        return (false, nil)
      }
      let entry = shard.entries[object.variant]
      if let current = entry?.current, current.arrival > object.arrival { return (false, nil) }
      shard.passes.forget(object.variant)
      return (true, shard.install(object, keeping: entry?.filling))
    }
    for departure in leaving { announce(departure) }
    if let old { announce(old) }
    if isKept { trim() }
    return isKept
  }

  /// The answer to a HEAD updated a stored object: `updated` takes its place if it is still there.
  public func update(_ object: CachedObject, with updated: CachedObject) {
    let shard = shard(of: object.primary)
    let old = shard.lock.withLock { () -> Departure? in
      let entry = shard.entries[object.variant]
      guard entry?.current === object, !updated.isPurged(by: purges) else { return nil }
      return shard.install(updated, keeping: entry?.filling)
    }
    if let old { announce(old) }
  }

  /// The object that a request with this key would be answered with, fresh or not.
  public func stored(
    _ request: LookupRequest, head: borrowing RequestHead, bytes: Span<UInt8>,
    scratch: inout [UInt8]
  ) -> CachedObject? {
    let shard = shard(of: request.key.hash)
    shard.lock.lock()
    defer { shard.lock.unlock() }
    let choice = shard.choose(
      request, head: head, bytes: bytes, purges: purges, scratch: &scratch)
    guard let choice, let current = shard.entries[choice.hash]?.current,
      current.keyText == request.key.text, !current.isPurged(by: purges)
    else { return nil }
    return current
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
