internal import Bytes
internal import Streams
public import Wire

extension CachingDecision {
  /// Judges an answer's head: RFC 9111 sections 3 and 4.2, and the default policy.
  ///
  /// The lifetime is, in this order: the rule's `ttl`, `s-maxage`, `max-age`, Expires less Date,
  /// the default of the kind. A rule with `live` puts the default in place of what an origin says
  /// about playlists and manifests, `no-cache` and `no-store` included, but never lets `private`
  /// or Set-Cookie be stored (streams.md 7). Errors live for moments only, whatever is said.
  ///
  /// - Parameters:
  ///   - head: The answer's head.
  ///   - bytes: The bytes that it was parsed from.
  ///   - facts: What is known about request and object.
  /// - Returns: The decision; the same input always gives the same one.
  public static func make(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, facts: DecisionFacts
  ) -> CachingDecision {
    let hasValidators = head.fields.has(.etag) || head.fields.has(.lastModified)
    return judge(
      head, bytes: bytes, facts: facts, status: head.status, hasValidators: hasValidators)
  }

  /// Judges what a 304 makes of the stored 200 that it confirms: RFC 9111 section 4.3.4.
  ///
  /// A 304 that says nothing of freshness leaves the lifetimes as they were and starts their
  /// counting anew; a default that hung on the body hangs on it again, because how long a playlist
  /// lives depends on how long it has not changed.
  ///
  /// - Parameters:
  ///   - head: The 304's head, for which `StoredField.confirms` is true.
  ///   - bytes: The bytes that it was parsed from.
  ///   - previous: The freshness of the stored answer.
  ///   - facts: What is known about request and object.
  /// - Returns: The decision about the stored answer: its new freshness, or that it must go.
  public static func refresh(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, previous: Freshness, facts: DecisionFacts
  ) -> CachingDecision {
    let decision = judge(head, bytes: bytes, facts: facts, status: 200, hasValidators: true)
    guard case .store(let fresh) = decision else { return decision }
    let isSilent = !head.fields.has(.cacheControl) && !head.fields.has(.expires)
    guard isSilent else { return decision }
    var kept = previous
    kept.initialAge = fresh.initialAge
    kept.awaitsBody = previous.source == .kindDefault && isManifest(facts.kind)
    return .store(kept)
  }

  private static func judge(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, facts: DecisionFacts, status: UInt16,
    hasValidators: Bool
  ) -> CachingDecision {
    let control = CacheControl(of: head.fields, in: bytes)
    let isLive = overrulesOrigin(head, control, facts, status: status)
    let obstacle = obstacle(
      head, bytes: bytes, control: control, facts: facts, isLive: isLive, status: status)
    if let obstacle { return .doNotStore(obstacle, remember: memory(of: status)) }
    var freshness = lifetime(
      head, bytes: bytes, control: control, facts: facts, isLive: isLive, status: status)
    freshness.initialAge = Age.initial(of: head.fields, bytes: bytes, delay: facts.delay)
    if !isLive { limit(&freshness, by: control, rule: facts.rule) }
    if let stale = facts.rule.stale {
      freshness.staleWhileRevalidate = isManifest(facts.kind) ? .zero : stale
      freshness.staleIfError = stale
      freshness.mustRevalidate = false
    }
    let isReusable = freshness.lifetime > .zero && !freshness.alwaysRevalidate
    let isStaleUseful = freshness.staleWhileRevalidate > .zero || freshness.staleIfError > .zero
    let isWorthKeeping =
      status >= 400 ? isReusable : isReusable || hasValidators || isStaleUseful
    guard isWorthKeeping else { return .doNotStore(.notFresh, remember: memory(of: status)) }
    return .store(freshness)
  }

  /// What forbids keeping the answer at all.
  private static func obstacle(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, control: CacheControl,
    facts: DecisionFacts, isLive: Bool, status: UInt16
  ) -> NotStored? {
    if facts.method != .get { return .method }
    if facts.rule.bypass || facts.rule.session { return .rule }
    if !isStorable(status) { return .status }
    // `private="field"` and `no-cache="field"` are taken as the bare directive: RFC 9111 section
    // 5.2.2.7 lets a cache do so, and fields are never edited in what is stored.
    if control.has(.isPrivate) || control.has(.privateFields) { return .isPrivate }
    if head.fields.has(.setCookie) { return .setCookie }
    if control.has(.noStore), !isLive { return .noStore }
    if facts.hasAuthorization {
      let isShared =
        control.has(.isPublic) || control.has(.mustRevalidate) || control.sharedMaxAge != nil
      if !isShared { return .authorization }
    }
    if case .everything = VaryRule.read(head, bytes: bytes) { return .vary }
    return nil
  }

  /// Statuses that are kept at all: those that are cacheable by default (RFC 9110 section 15.1)
  /// and those redirects and errors that are useful to remember; 206 is left to slices.
  private static func isStorable(_ status: UInt16) -> Bool {
    switch status {
    case 200, 203, 204, 300, 301, 302, 307, 308, 404, 405, 410, 414, 451, 501: true
    case 500, 502, 503, 504: true
    default: false
    }
  }

  /// Whether the rule `live` puts the default policy in place of the origin's word.
  private static func overrulesOrigin(
    _ head: borrowing ResponseHead, _ control: CacheControl, _ facts: DecisionFacts,
    status: UInt16
  ) -> Bool {
    guard status == 200, facts.rule.ttl == nil else { return false }
    return DefaultLifetime.overrulesOrigin(
      liveRule: facts.rule.live,
      basis: LifetimeBasis(kind: facts.kind, status: status),
      isPrivate: control.has(.isPrivate) || control.has(.privateFields),
      setsCookie: head.fields.has(.setCookie))
  }

  /// The freshness lifetime, RFC 9111 section 4.2.1, with what the default policy adds.
  private static func lifetime(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, control: CacheControl,
    facts: DecisionFacts, isLive: Bool, status: UInt16
  ) -> Freshness {
    var basis = LifetimeBasis(kind: facts.kind, status: status)
    basis.isBlockingReload = facts.isBlockingReload
    basis.jitter = facts.jitter
    let usual = DefaultLifetime(of: basis)
    let stated = isLive ? nil : stated(head, bytes: bytes, control: control, now: facts.now)
    if status >= 400 {
      return Freshness(lifetime: negative(stated, usual, status: status, kind: facts.kind))
    }
    if let ttl = facts.rule.ttl { return Freshness(lifetime: ttl) }
    if let stated { return Freshness(lifetime: stated) }
    return Freshness(
      lifetime: usual.fresh, staleIfError: usual.staleOnError, source: .kindDefault,
      awaitsBody: isManifest(facts.kind) && status == 200)
  }

  /// What the origin states: s-maxage, max-age, or Expires less Date; `nil` where it is silent.
  private static func stated(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, control: CacheControl, now: WallTime
  ) -> Milliseconds? {
    if let seconds = control.sharedMaxAge ?? control.maxAge {
      return Milliseconds.seconds(Int64(seconds))
    }
    guard let expires = head.fields.first(.expires) else { return nil }
    // An Expires that is no date ("0", "-1") lies in the past: RFC 9111 section 5.3.
    guard let end = HTTPDate(bytes.slice(expires), now: now.seconds) else { return .zero }
    var start = HTTPDate(seconds: now.seconds)
    if let field = head.fields.first(.date),
      let date = HTTPDate(bytes.slice(field), now: now.seconds)
    {
      start = date
    }
    let seconds = min(max(0, end.seconds - start.seconds), PolicyLimits.deltaSecondsMax)
    return Milliseconds.seconds(seconds)
  }

  /// How long an error is remembered.
  ///
  /// A stated lifetime never lengthens it for streams: origins put `max-age` on everything, and a
  /// segment that is about to exist must not stay "not found" (dash.js#651). For other objects a
  /// stated lifetime holds, except for 5xx, which may heal at any moment.
  private static func negative(
    _ stated: Milliseconds?, _ usual: DefaultLifetime, status: UInt16, kind: ObjectKind
  ) -> Milliseconds {
    let limit = max(usual.negative, .zero)
    if status >= 500 && status != 501 { return min(stated ?? limit, limit) }
    if kind == .other { return stated ?? .zero }
    return min(stated ?? limit, limit, PolicyLimits.negativeMax)
  }

  /// Applies what the origin says about reuse beyond the lifetime.
  private static func limit(_ freshness: inout Freshness, by control: CacheControl, rule: Rule) {
    // A rule's `ttl` speaks for the publisher, `no-cache` for a packager's default: the rule wins.
    let saysNoCache = control.has(.noCache) || control.has(.noCacheFields)
    freshness.alwaysRevalidate = saysNoCache && rule.ttl == nil
    let forbidsStale = control.has(.mustRevalidate) || control.has(.proxyRevalidate)
    if let seconds = control.staleWhileRevalidate {
      freshness.staleWhileRevalidate = Milliseconds.seconds(Int64(seconds))
    }
    if let seconds = control.staleIfError {
      freshness.staleIfError = Milliseconds.seconds(Int64(seconds))
    }
    // s-maxage implies proxy-revalidate (RFC 9111 section 5.2.2.10), but an origin that also
    // states how long a stale answer may be used means that.
    let statesStale = control.staleWhileRevalidate != nil || control.staleIfError != nil
    freshness.mustRevalidate = forbidsStale || (control.sharedMaxAge != nil && !statesStale)
  }

  /// Kinds whose lifetime only their body tells, and that change under their name: a viewer waits
  /// for the new one (design section 1).
  private static func isManifest(_ kind: ObjectKind) -> Bool {
    kind.isPlaylist || kind == .dashManifest
  }

  /// How long the key is remembered as uncacheable.
  ///
  /// An error says nothing about what comes next, so it is forgotten in a second.
  private static func memory(of status: UInt16) -> Milliseconds {
    status < 400 ? PolicyLimits.uncacheableMemory : PolicyLimits.uncacheableErrorMemory
  }
}
