/// Where a freshness lifetime comes from, in the order in which they are asked.
public enum LifetimeSource: UInt8, Sendable, Equatable {
  /// Nothing says anything: it is not reused without a question.
  case none
  /// The rule's `ttl` or `error_ttl`.
  case rule
  /// The default of the kind, over what the origin says: a rule with `live`.
  case live
  /// `max-age` of a targeted field: RFC 9213.
  case targeted
  /// `s-maxage`: RFC 9111 section 5.2.2.10.
  case sMaxAge
  /// `max-age`: RFC 9111 section 5.2.2.1.
  case maxAge
  /// Expires less Date: RFC 9111 section 5.3.
  case expires
  /// A tenth of the time since Last-Modified: RFC 9111 section 4.2.2.
  case heuristic
  /// The default of the kind of object: streams.md 7.
  case kindDefault

  /// Whether the stored head alone tells it again: not what a rule, a default or a field that is
  /// not kept told.
  public var isReadFromHead: Bool {
    switch self {
    case .none, .sMaxAge, .maxAge, .expires, .heuristic: true
    case .rule, .live, .targeted, .kindDefault: false
    }
  }
}
