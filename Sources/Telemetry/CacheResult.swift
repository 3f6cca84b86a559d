/// How the cache had to do with an answer: a label of metrics and a field of the access log.
public enum CacheResult: UInt8, CaseIterable, Sendable {
  /// Answered from a fresh stored object.
  case hit
  /// Started the Fill that answered it.
  case miss
  /// Joined a Fill that another request had started.
  case joined
  /// Answered from a stored object past its freshness, as a rule or a dead origin allows.
  case stale
  /// Answered from a stored object that the origin has just confirmed.
  case revalidated
  /// Fetched for this request alone, because method, request or answer cannot be shared.
  case pass
  /// Fetched for this request alone, because a rule of the site says `bypass`.
  case bypass
  /// Wanted from cache or origin, answered with an error of the edge's own.
  case error
  /// Answered before any lookup: refused, redirected, or a page of the node itself.
  case none

  /// How many results there are.
  public static let total = 9

  /// The word in labels and in the log.
  public var label: StaticString {
    switch self {
    case .hit: "hit"
    case .miss: "miss"
    case .joined: "joined"
    case .stale: "stale"
    case .revalidated: "revalidated"
    case .pass: "pass"
    case .bypass: "bypass"
    case .error: "error"
    case .none: "none"
    }
  }
}
