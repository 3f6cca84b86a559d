internal import Bytes
internal import Streams
public import Wire

extension CachingDecision {
  /// Judges an answer's head: RFC 9111 sections 3 and 4.2, and the default policy.
  ///
  /// The lifetime is, in this order: the rule's `ttl`, a targeted field's, `s-maxage`, `max-age`,
  /// Expires less Date, the default of the kind or a tenth of the time since Last-Modified. A rule
  /// with `live` puts the default in place of what an origin says about playlists and manifests,
  /// `no-cache` and `no-store` included, but never lets `private` or Set-Cookie be stored
  /// (streams.md 7). Errors of streams live for moments only, whatever is said.
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

  /// Judges a 206 like the 200 that it is a piece of: RFC 9111 section 3.3.
  ///
  /// - Parameters:
  ///   - head: The head of the 206.
  ///   - bytes: The bytes that it was parsed from.
  ///   - facts: What is known about request and object.
  /// - Returns: The decision about the piece.
  public static func makeOfPiece(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, facts: DecisionFacts
  ) -> CachingDecision {
    let hasValidators = head.fields.has(.etag) || head.fields.has(.lastModified)
    return judge(head, bytes: bytes, facts: facts, status: 200, hasValidators: hasValidators)
  }

  /// Judges what a 304 makes of the stored answer that it confirms, or what a HEAD's answer makes
  /// of the stored one that it agrees with: RFC 9111 sections 4.3.4 and 4.3.5.
  ///
  /// A head that says nothing of freshness leaves the lifetimes as they were and starts their
  /// counting anew; a default that hung on the body hangs on it again, because how long a playlist
  /// lives depends on how long it has not changed.
  ///
  /// - Parameters:
  ///   - head: The 304's head, for which `StoredField.confirms` is true, or the HEAD's.
  ///   - bytes: The bytes that it was parsed from.
  ///   - previous: The freshness of the stored answer.
  ///   - status: The status of the stored answer.
  ///   - facts: What is known about request and object.
  /// - Returns: The decision about the stored answer: its new freshness, or that it must go.
  public static func refresh(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, previous: Freshness, status: UInt16 = 200,
    facts: DecisionFacts
  ) -> CachingDecision {
    let decision = judge(head, bytes: bytes, facts: facts, status: status, hasValidators: true)
    guard case .store(let fresh) = decision else { return decision }
    guard isSilent(head, bytes: bytes, after: previous.source) else { return decision }
    var kept = previous
    kept.initialAge = fresh.initialAge
    kept.awaitsBody = previous.source == .kindDefault && isManifest(facts.kind)
    return .store(kept)
  }

  /// Whether what was stored still speaks: fields that a 304 does not carry stay as they were, and
  /// a stored `max-age` comes before an Expires that is new.
  private static func isSilent(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, after source: LifetimeSource
  ) -> Bool {
    if AnswerControl.isTargeted(head.fields, bytes: bytes) { return false }
    switch source {
    case .targeted: return true
    case .sMaxAge, .maxAge: return !head.fields.has(.cacheControl)
    case .none, .rule, .live, .expires, .heuristic, .kindDefault:
      return !head.fields.has(.cacheControl) && !head.fields.has(.expires)
    }
  }

  private static func judge(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, facts: DecisionFacts, status: UInt16,
    hasValidators: Bool
  ) -> CachingDecision {
    let answer = AnswerControl.read(head.fields, bytes: bytes, ignoring: facts.rule.ignores)
    let isLive = overrulesOrigin(head, answer.control, facts, status: status)
    if let obstacle = obstacle(
      head, bytes: bytes, answer: answer, facts: facts, isLive: isLive, status: status)
    {
      return .doNotStore(obstacle, remember: memory(of: status))
    }
    var freshness: Freshness
    switch lifetime(
      head, bytes: bytes, answer: answer, facts: facts, isLive: isLive, status: status)
    {
    case .none: return .doNotStore(.notFresh, remember: memory(of: status))
    case .some(let found): freshness = found
    }
    freshness.initialAge = Age.initial(of: head.fields, bytes: bytes, delay: facts.delay)
    freshness.isShared = answer.isShared
    if !isLive { limit(&freshness, by: answer, facts: facts, status: status) }
    if let stale = facts.rule.stale, status < 400 {
      freshness.staleWhileRevalidate = isManifest(facts.kind) ? .zero : stale
      freshness.staleIfError = stale
      freshness.staleAwaitsBody = false
      freshness.mustRevalidate = false
    }
    let isReusable = freshness.lifetime > .zero && !freshness.alwaysRevalidate
    let isStaleUseful = freshness.staleWhileRevalidate > .zero || freshness.statesStaleIfError
    let isWorthKeeping =
      status >= 400 ? isReusable : isReusable || hasValidators || isStaleUseful
    guard isWorthKeeping else { return .doNotStore(.notFresh, remember: memory(of: status)) }
    return .store(freshness)
  }

  /// What forbids keeping the answer at all.
  private static func obstacle(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, answer: AnswerControl,
    facts: DecisionFacts, isLive: Bool, status: UInt16
  ) -> NotStored? {
    if facts.method != .get { return .method }
    if facts.rule.bypass || facts.rule.isSession(of: facts.kind) { return .rule }
    if !StatusClass.isStorable(status) { return .status }
    let isKnown = StatusClass.isUnderstood(status)
    if answer.control.has(.mustUnderstand), !isKnown { return .notUnderstood }
    // The bare directive only: what `private="field"` lists is withheld (`WithheldFields`).
    if answer.control.has(.isPrivate) { return .isPrivate }
    if head.fields.has(.setCookie), !leavesOutCookies(head, bytes: bytes, facts) {
      return .setCookie
    }
    // RFC 9111 section 5.2.2.3: whoever understands the status does not heed the no-store.
    if answer.control.has(.noStore), !isLive, !answer.control.has(.mustUnderstand) {
      return .noStore
    }
    if facts.hasAuthorization, !answer.isShared { return .authorization }
    if !facts.rule.ignores.contains(.vary), VaryRule.isEverything(head, bytes: bytes) {
      return .vary
    }
    return nil
  }

  /// Whether Set-Cookie is kept out of what is stored: by the rule, or by `private="set-cookie"`.
  private static func leavesOutCookies(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, _ facts: DecisionFacts
  ) -> Bool {
    if facts.rule.ignores.contains(.setCookie) { return true }
    return WithheldFields.of(head, bytes: bytes, rule: facts.rule)
      .contains("set-cookie", of: head, bytes: bytes)
  }

  /// Whether the rule `live` puts the default policy in place of the origin's word.
  private static func overrulesOrigin(
    _ head: borrowing ResponseHead, _ control: CacheControl, _ facts: DecisionFacts,
    status: UInt16
  ) -> Bool {
    guard status == 200, facts.rule.live, facts.rule.ttl == nil else { return false }
    return DefaultLifetime.overrulesOrigin(
      liveRule: facts.rule.live,
      basis: LifetimeBasis(kind: facts.kind, status: status),
      isPrivate: control.has(.isPrivate) || control.has(.privateFields),
      setsCookie: head.fields.has(.setCookie))
  }

  /// The freshness lifetime, RFC 9111 section 4.2.1, with what the default policy adds.
  ///
  /// `nil` where nothing permits to store: RFC 9111 section 3 wants an explicit lifetime, `public`
  /// or a status that is cacheable by default.
  private static func lifetime(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, answer: AnswerControl,
    facts: DecisionFacts, isLive: Bool, status: UInt16
  ) -> Freshness? {
    let stated =
      isLive ? nil : Lifetime.stated(answer, head.fields, bytes: bytes, now: facts.now)
    if status >= 400 {
      let found = negative(
        stated, head, bytes: bytes, answer: answer, facts: facts, status: status)
      return Freshness(lifetime: found.length, source: found.source)
    }
    if let ttl = facts.rule.ttl { return Freshness(lifetime: ttl, source: .rule) }
    if let stated { return Freshness(lifetime: stated.length, source: stated.source) }
    let isPermitted =
      StatusClass.isHeuristicallyCacheable(status) || answer.control.has(.isPublic)
    if facts.kind != .other {
      let usual = usual(facts, isLive: isLive, status: status)
      return isPermitted || usual.lifetime > .zero ? usual : nil
    }
    guard isPermitted else { return nil }
    guard facts.rule.heuristic else { return Freshness(lifetime: .zero) }
    let guess = Lifetime.heuristic(
      answer, head.fields, bytes: bytes, now: facts.now, status: status)
    return Freshness(lifetime: guess.length, source: guess.source)
  }

  /// The default of the kind: streams.md 7.
  private static func usual(_ facts: DecisionFacts, isLive: Bool, status: UInt16) -> Freshness {
    let usual = DefaultLifetime(of: basis(facts, status: status))
    return Freshness(
      lifetime: usual.fresh, staleIfError: usual.staleOnError,
      source: isLive ? .live : .kindDefault,
      awaitsBody: isManifest(facts.kind) && status == 200)
  }

  private static func basis(_ facts: DecisionFacts, status: UInt16) -> LifetimeBasis {
    var basis = LifetimeBasis(kind: facts.kind, status: status)
    basis.isBlockingReload = facts.isBlockingReload
    basis.jitter = facts.jitter
    return basis
  }

  /// How long an error is remembered.
  ///
  /// A stated lifetime never lengthens it for streams: origins put `max-age` on everything, and a
  /// segment that is about to exist must not stay "not found" (dash.js#651). For other objects
  /// RFC 9111 holds.
  private static func negative(
    _ stated: Lifetime?, _ head: borrowing ResponseHead, bytes: Span<UInt8>,
    answer: AnswerControl, facts: DecisionFacts, status: UInt16
  ) -> Lifetime {
    if let ttl = facts.rule.errorTTL { return Lifetime(length: ttl, source: .rule) }
    if facts.kind == .other {
      if let stated { return stated }
      guard facts.rule.heuristic else { return .none }
      return Lifetime.heuristic(
        answer, head.fields, bytes: bytes, now: facts.now, status: status)
    }
    let negative = max(DefaultLifetime(of: basis(facts, status: status)).negative, .zero)
    let limit = status >= 500 ? negative : min(negative, PolicyLimits.negativeMax)
    if let stated, stated.length < limit { return stated }
    return Lifetime(length: limit, source: .kindDefault)
  }

  /// Applies what the origin says about reuse beyond the lifetime: RFC 9111 section 4.2.4,
  /// RFC 5861.
  private static func limit(
    _ freshness: inout Freshness, by answer: AnswerControl, facts: DecisionFacts,
    status: UInt16
  ) {
    // A rule's `ttl` speaks for the publisher, `no-cache` for a packager's default: the rule wins.
    freshness.alwaysRevalidate = answer.control.has(.noCache) && freshness.source != .rule
    freshness.mustRevalidate = answer.forbidsStale(ignoring: facts.rule.ignores)
    if let seconds = answer.control.staleWhileRevalidate {
      freshness.staleWhileRevalidate = Milliseconds.seconds(Int64(seconds))
    }
    if let seconds = answer.control.staleIfError {
      freshness.staleIfError = Milliseconds.seconds(Int64(seconds))
      freshness.statesStaleIfError = true
    } else if status < 400, !hasOwnStale(freshness, facts.kind) {
      // A dead origin: what was once good is better than an error, but a live playlist that
      // stands still is not; whether it is live only its body tells.
      freshness.staleAwaitsBody = isManifest(facts.kind) && status == 200
      freshness.staleIfError =
        isManifest(facts.kind) ? .zero : PolicyLimits.staleIfErrorDefault
    }
  }

  /// Whether the default of the kind says how long it is served when the origin is dead.
  ///
  /// A list that nobody gave a lifetime has one by its body, and a key is private by default.
  private static func hasOwnStale(_ freshness: Freshness, _ kind: ObjectKind) -> Bool {
    freshness.source == .kindDefault && (isManifest(kind) || kind == .key)
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
