/// `[cache]` as configured.
public struct CacheSettings: Sendable, Equatable {
  /// Bytes of the memory tier.
  public var memoryBytes: Int
  /// Bytes of the largest object that is kept; larger ones stream.
  public var objectBytesMax: Int
  /// Bytes of the largest object that memory keeps; longer ones live on volumes alone.
  ///
  /// An eighth of the memory: eight viewers of eight long films must not empty the rest of it.
  public var memoryObjectBytesMax: Int { min(objectBytesMax, memoryBytes / 8) }
  /// Cache-Status names the cache key: RFC 9211 section 2.7.
  public var showsKey: Bool

  /// The defaults: 512 MiB, 1 GiB, no keys shown.
  public init(
    memoryBytes: Int = 512 << 20, objectBytesMax: Int = 1 << 30, showsKey: Bool = false
  ) {
    self.memoryBytes = memoryBytes
    self.objectBytesMax = objectBytesMax
    self.showsKey = showsKey
  }
}

/// What a `Snapshot` is compiled from: the decoded configuration as far as decisions need it.
public struct NodeSettings: Sendable, Equatable {
  /// The node's name: a token, for Via, CDN-Loop and Cache-Status.
  public var name: String
  /// The cache's bounds.
  public var cache: CacheSettings
  /// The origins; sites name them by index.
  public var origins: [OriginSettings]
  /// The sites, in the order of the file.
  public var sites: [SiteSettings]

  /// The settings of one node.
  public init(
    name: String, cache: CacheSettings = CacheSettings(), origins: [OriginSettings],
    sites: [SiteSettings]
  ) {
    self.name = name
    self.cache = cache
    self.origins = origins
    self.sites = sites
  }
}
