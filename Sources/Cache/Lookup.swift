public import Bytes
public import Policy

/// What the table says about a key: the vocabulary of the cache.
public enum Lookup {
  /// Whole and fresh: serve it.
  case hit(CachedObject)
  /// Stale, but it may be served while `refresh`, if any, is fetched; the caller starts that Fill.
  case stale(CachedObject, refresh: CachedObject?)
  /// A Fill is running: wait for its head, then follow it.
  case busy(CachedObject)
  /// Nothing there: this object was entered, the caller starts its Fill and waits for it.
  case miss(CachedObject)
  /// Stale and to be revalidated first: like a miss, with a fallback and its validators.
  case expired(CachedObject)
  /// Known to be uncacheable, or no Fill can stand for the request: go to the origin alone.
  case pass
  /// Nothing usable is there, and the request wants only what is stored.
  case absent
}

/// What a lookup is made with.
public struct LookupRequest: Sendable {
  /// The key.
  public let key: CacheKeyText
  /// The worker that asks.
  public let worker: Int
  /// The exchange that asks, unique in the node; it may use an answer that is for it alone.
  public let exchange: UInt64
  /// The clock of the turn.
  public let now: Instant
  /// What the request demands of a stored answer.
  public let terms: ReuseTerms
  /// Whether an object may be entered for a Fill.
  var mayFill: Bool { !terms.onlyIfCached }
  /// The object is a playlist, manifest or media by its name: fetched with identity coding.
  public let isIdentityOnly: Bool

  /// Gathers what a lookup needs.
  public init(
    key: CacheKeyText, worker: Int, exchange: UInt64, now: Instant, terms: ReuseTerms,
    isIdentityOnly: Bool
  ) {
    self.terms = terms
    self.isIdentityOnly = isIdentityOnly
    self.key = key
    self.worker = worker
    self.exchange = exchange
    self.now = now
  }
}
