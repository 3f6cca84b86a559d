/// Why settings do not compile into a snapshot; `Control` adds file, line and key.
public enum SnapshotError: Error, Equatable, Sendable {
  /// There is no site, or more than `PolicyLimits.sitesMax`.
  case siteCount
  /// A site lists no host.
  case siteWithoutHosts(site: String)
  /// A host is empty, too long, or no host name.
  case hostInvalid(site: String, host: String)
  /// Two sites, or one twice, claim a host.
  case hostTwice(host: String)
  /// The name of the node, a site or an origin is empty, too long or no token.
  case nameInvalid(name: String)
  /// Two sites have one name, so would share keys.
  case siteTwice(site: String)
  /// A site's origin index names no origin.
  case originUnknown(site: String)
  /// An origin lists no server.
  case originWithoutServers(origin: String)
  /// A server's scheme cannot be spoken by this version.
  case schemeUnsupported(origin: String, host: String)
  /// A field for an origin has a bad name or value, or is one that the node writes itself.
  case headerInvalid(origin: String, header: String)
  /// A server's host, prefix or weight is out of range.
  case serverInvalid(origin: String, host: String)
  /// An origin's probes ask for nothing, for what is no path, or more often than they can.
  case probeInvalid(origin: String)
  /// A site has more than `PolicyLimits.rulesPerSiteMax` rules.
  case tooManyRules(site: String)
  /// A `match` is no pattern, or a `presentation` none that names presentations.
  case patternInvalid(site: String, match: String, PatternError)
  /// A `query` list is too long or names an argument that cannot be one.
  case queryInvalid(site: String, match: String)
  /// The memory or the largest object is out of range.
  case cacheInvalid
}
