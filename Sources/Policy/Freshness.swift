public import Bytes

/// What a stored answer is good for at one moment.
public enum FreshnessState: Sendable, Equatable {
  /// Served without asking; it stays fresh for `left`.
  case fresh(left: Milliseconds)
  /// Served at once, while one refresh runs.
  case staleWhileRevalidate
  /// The origin is asked first; served only if it fails.
  case staleIfError
  /// The origin is asked first, and if it fails, so does the request.
  case stale
}

/// For how long a stored answer may be used, and how: a plain value that is kept with it.
///
/// Times count from the moment when the head arrived, on the monotonic clock, so that a jump of the
/// wall clock changes nothing that is in memory.
public struct Freshness: Sendable, Equatable {
  /// The freshness lifetime, RFC 9111 section 4.2.1, at least zero.
  public var lifetime: Milliseconds
  /// The corrected initial age, RFC 9111 section 4.2.3: how old it was when it arrived.
  public var initialAge: Milliseconds
  /// How long past the lifetime it is served while a refresh runs, RFC 5861 section 3.
  public var staleWhileRevalidate: Milliseconds
  /// How long past the lifetime it is served if the origin fails, RFC 5861 section 4.
  public var staleIfError: Milliseconds
  /// Never served stale: `must-revalidate`, `proxy-revalidate`, `s-maxage`.
  public var mustRevalidate: Bool
  /// Never served without asking: `no-cache`.
  public var alwaysRevalidate: Bool
  /// Where the lifetime comes from.
  public var source: LifetimeSource
  /// It may answer requests with Authorization: `public`, `must-revalidate` or `s-maxage`
  /// (RFC 9111 section 3.5).
  public var isShared = false
  /// The lifetime is settled when the body is sealed and read: playlists and manifests.
  ///
  /// Until then `lifetime` holds the default of the kind.
  public var awaitsBody: Bool
  /// How long it may be served if the origin fails is settled with the body: a playlist with a
  /// stated lifetime.
  public var staleAwaitsBody = false
  /// `stale-if-error` was stated, so that the answer is worth keeping for that alone.
  public var statesStaleIfError = false

  /// A lifetime with nothing allowed beyond it.
  public init(
    lifetime: Milliseconds, initialAge: Milliseconds = .zero,
    staleWhileRevalidate: Milliseconds = .zero, staleIfError: Milliseconds = .zero,
    mustRevalidate: Bool = false, alwaysRevalidate: Bool = false, source: LifetimeSource = .none,
    awaitsBody: Bool = false
  ) {
    self.lifetime = lifetime
    self.initialAge = initialAge
    self.staleWhileRevalidate = staleWhileRevalidate
    self.staleIfError = staleIfError
    self.mustRevalidate = mustRevalidate
    self.alwaysRevalidate = alwaysRevalidate
    self.source = source
    self.awaitsBody = awaitsBody
  }

  /// The current age of an answer that arrived at `arrival`: RFC 9111 section 4.2.3.
  public func age(arrival: Instant, now: Instant) -> Milliseconds {
    let resident = max(0, (now - arrival).count)
    return Milliseconds(initialAge.count &+ resident)
  }

  /// The freshness that is left; negative once stale: Cache-Status `ttl`.
  public func left(arrival: Instant, now: Instant) -> Milliseconds {
    Milliseconds(lifetime.count &- age(arrival: arrival, now: now).count)
  }

  /// The lifetime is a guess from Last-Modified or a default, not the origin's word.
  public var isHeuristic: Bool { source == .heuristic || source == .kindDefault }

  /// What an answer that arrived at `arrival` is good for at `now`, for a request with `terms`:
  /// RFC 9111 section 5.2.1.
  ///
  /// `max-stale` never overrules what the origin forbids (section 4.2.4). `max-age=0` is a reload:
  /// it asks the origin even within the millisecond in which the answer came.
  public func state(arrival: Instant, now: Instant, terms: ReuseTerms) -> FreshnessState {
    let state = state(arrival: arrival, now: now)
    if terms.isNone { return state }
    let left = left(arrival: arrival, now: now)
    let isWelcome =
      !terms.mustRevalidate
      && terms.maxAge.map { $0 > .zero && age(arrival: arrival, now: now) <= $0 } ?? true
      && terms.minFresh.map { left >= $0 } ?? true
    guard case .fresh = state else {
      let mayBeStale = !mustRevalidate && !alwaysRevalidate && terms.minFresh == nil
      if let limit = terms.maxStale, isWelcome, mayBeStale, Milliseconds(-left.count) <= limit {
        return .fresh(left: left)
      }
      return isWelcome || state == .stale ? state : .staleIfError
    }
    return isWelcome ? state : .staleIfError
  }

  /// What an answer that arrived at `arrival` is good for at `now`.
  public func state(arrival: Instant, now: Instant) -> FreshnessState {
    if alwaysRevalidate { return .stale }
    let left = left(arrival: arrival, now: now)
    // An answer is fresh while its lifetime is greater than its age: RFC 9111 section 4.2.
    if left > .zero { return .fresh(left: left) }
    if mustRevalidate { return .stale }
    let staleness = Milliseconds(-left.count)
    if staleness < staleWhileRevalidate { return .staleWhileRevalidate }
    if staleness < staleIfError { return .staleIfError }
    return .stale
  }

  /// This freshness with the lifetimes that the sealed body told.
  ///
  /// What the origin said explicitly stays: only a default waits for the body.
  public func settled(
    lifetime: Milliseconds, staleWhileRevalidate: Milliseconds, staleIfError: Milliseconds
  ) -> Freshness {
    var settled = self
    settled.staleAwaitsBody = false
    if staleAwaitsBody { settled.staleIfError = staleIfError }
    guard awaitsBody else { return settled }
    settled.awaitsBody = false
    settled.lifetime = lifetime
    settled.staleWhileRevalidate = staleWhileRevalidate
    settled.staleIfError = staleIfError
    return settled
  }
}
