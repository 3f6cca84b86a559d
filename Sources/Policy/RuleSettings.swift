public import Bytes
public import Wire

/// Which arguments of the query belong to a cache key, and so reach the origin of a Fill.
///
/// The argument `CMCD` never does, and arguments that begin with `_HLS_` always do.
public enum QueryKey: Sendable, Equatable {
  /// All, in the order in which they were sent.
  case all
  /// None.
  case none
  /// The named ones alone, in the order configured here.
  case only([String])
}

/// One `[[site.rule]]` as configured: the first rule of a site whose `match` fits decides.
public struct RuleSettings: Sendable, Equatable {
  /// The path glob; see `PathPattern`.
  public var match: String
  /// The fresh lifetime that replaces whatever the origin says; `nil` leaves it to the origin.
  ///
  /// It never makes `no-store`, `private` or an answer with Set-Cookie storable.
  public var ttl: Milliseconds?
  /// For how long past its freshness an answer may be served; `nil` leaves it to the origin.
  public var stale: Milliseconds?
  /// Requests pass to the origin, nothing is looked up or kept.
  public var bypass: Bool
  /// The arguments of the query in the key.
  public var query: QueryKey
  /// Live playlists: the default lifetime holds over `no-cache` and `no-store`.
  public var live: Bool
  /// The fresh lifetime of errors (400 and above) that replaces whatever the origin says.
  public var errorTTL: Milliseconds?
  /// A tenth of the time since Last-Modified where nothing is stated: RFC 9111 section 4.2.2.
  public var heuristic = true
  /// Viewers' Cache-Control and Pragma are obeyed: RFC 9111 section 5.2.1.
  public var obeysRequests = false
  /// What of the origin's answer is not heeded.
  public var ignores: IgnoredDirectives = []
  /// The languages that the origin tells apart, the first one for whoever takes none of them.
  public var languages: [String] = []
  /// The codings that are told apart.
  public var codings: CodingSet = [.gzip, .brotli]
  /// Which fields of the viewer go on with a Fill.
  public var requestFields = FieldForwarding.auto
  /// What happens to a Range for an object that is not stored.
  public var range = RangeHandling.auto
  /// Bytes of the slices that objects are fetched and stored in; 0 for whole objects.
  public var sliceBytes = 0
  /// Session manifests (ad insertion): never shared, all arguments and User-Agent go on.
  ///
  /// What its path says to be media is everybody's all the same.
  public var session: Bool
  /// A path glob that ends with `/**`: what comes before that names a live presentation, to which
  /// all below it belongs; `nil` leaves it to what playlists name.
  public var presentation: String?

  /// A rule that matches `match` and changes nothing.
  public init(
    match: String, ttl: Milliseconds? = nil, stale: Milliseconds? = nil, bypass: Bool = false,
    query: QueryKey = .all, live: Bool = false, session: Bool = false
  ) {
    self.match = match
    self.ttl = ttl
    self.stale = stale
    self.bypass = bypass
    self.query = query
    self.live = live
    self.session = session
  }
}
