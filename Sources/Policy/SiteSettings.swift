/// One `[[site]]` as configured: the hosts of one publisher, which share a cache.
public struct SiteSettings: Sendable, Equatable {
  /// Its name in keys, logs and metrics; the configuration's default is its first host.
  public var name: String
  /// Host names: exact, `*.suffix` (one label or more in front), or `*` for any.
  public var hosts: [String]
  /// The index of its origin in `NodeSettings.origins`.
  public var origin: Int
  /// The rules, in the order in which they are tried.
  public var rules: [RuleSettings]

  /// A site that answers for `hosts` from the origin at index `origin`.
  public init(name: String, hosts: [String], origin: Int, rules: [RuleSettings] = []) {
    self.name = name
    self.hosts = hosts
    self.origin = origin
    self.rules = rules
  }
}
