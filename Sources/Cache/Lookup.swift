public import Bytes
public import Policy

/// What the table says about a key: the vocabulary of the cache.
public enum Lookup {
  /// Whole and fresh: serve it.
  case hit(CachedObject)
  /// The same, but another stored answer may be for the next request of this key: it is not held.
  case hitOnce(CachedObject)
  /// Stale, but it may be served while `refresh`, if any, is fetched; the caller starts that Fill.
  case stale(CachedObject, refresh: CachedObject?)
  /// A Fill is running: wait for its head, then follow it.
  case busy(CachedObject)
  /// Nothing there: this object was entered, the caller starts its Fill and waits for it.
  case miss(CachedObject)
  /// Stale and to be revalidated first: like a miss, with a fallback and its validators.
  case expired(CachedObject)
  /// Pieces are stored, or a piece is to be fetched.
  case partial(PartialLookup)
  /// Known to be uncacheable, or no Fill can stand for the request: go to the origin alone.
  case pass
  /// Nothing usable is there, and no Fill may stand for this request: why it goes on alone, unless
  /// it wants only what is stored; with it what may be served if the origin fails, and the variant
  /// that a volume may hold.
  case absent(CacheStatus.Forward, fallback: CachedObject?, variant: Hash128)
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
  /// A HEAD that goes to the origin as it is where nothing fresh is stored.
  public let forwardsHead: Bool
  /// Whether an object may be entered for a Fill.
  var mayFill: Bool { mayJoin && !terms.noStore && !forwardsHead }
  /// Whether another request's Fill may answer it: not before its head says that it is shared.
  var mayJoin: Bool { !terms.onlyIfCached && !terms.hasAuthorization }
  /// The Vary rule that chose the variant; found by the lookup.
  var vary: VaryRule?
  /// The object is a playlist, manifest or media by its name: fetched with identity coding.
  public let isIdentityOnly: Bool
  /// What becomes of a Range.
  public let ranges: RangeUse
  /// Objects up to this length are completed: those that are kept at all.
  public let completedBytesMax: UInt64

  /// Gathers what a lookup needs.
  public init(
    key: CacheKeyText, worker: Int, exchange: UInt64, now: Instant, terms: ReuseTerms,
    isIdentityOnly: Bool, forwardsHead: Bool = false, ranges: RangeUse = .whole,
    keepAtMost: UInt64 = .max
  ) {
    self.forwardsHead = forwardsHead
    self.terms = terms
    self.ranges = ranges
    completedBytesMax = min(keepAtMost, CacheLimits.completedBytes)
    self.isIdentityOnly = isIdentityOnly
    self.key = key
    self.worker = worker
    self.exchange = exchange
    self.now = now
  }
}
