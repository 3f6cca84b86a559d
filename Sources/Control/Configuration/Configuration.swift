public import Loop
public import Policy
public import Telemetry

/// A configuration file, decoded and checked: plain values.
///
/// `ConfigurationKey.all` says what each key means and what its default is. The values of sites and
/// origins are Policy's own types; `compile()` makes the snapshot that workers judge by.
public struct Configuration: Equatable, Sendable {
  /// `[admin]`: how the node is looked at and told what to do.
  public struct Admin: Equatable, Sendable {
    /// The path of the Unix socket.
    public var socket: String
    /// Where `/metrics` and `/healthz` are served over TCP, if anywhere.
    public var metrics: SocketAddress?
  }

  /// `[log]`: what is written where.
  public struct Log: Equatable, Sendable {
    /// Where access records go.
    public enum Access: Equatable, Sendable {
      /// Nowhere.
      case off
      /// To standard output.
      case standardOutput
      /// Appended to this file.
      case file(path: String)
    }

    /// The least important messages that are written.
    public var level: ErrorRecord.Level
    /// Where access records go.
    public var access: Access
  }

  /// The node's name: a token.
  public var name: String
  /// How many worker threads; 0 means one per CPU.
  public var workers: Int
  /// The DNS servers asked; empty means those of `/etc/resolv.conf`.
  public var resolvers: [SocketAddress]
  /// The directory of what is remembered over a restart; `nil`: nothing is.
  public var state: String?
  /// Where viewers connect; at least one.
  public var listen: [ListenAddress]
  /// How the node is looked at and told what to do.
  public var admin: Admin
  /// What is written where.
  public var log: Log
  /// `[cache]` `index` and `volume`: what lies on disks.
  public struct Disk: Equatable, Sendable {
    /// One file or block device.
    public struct Volume: Equatable, Sendable {
      /// Its path.
      public var path: String
      /// How many bytes of it are used.
      public var bytes: Int
    }

    /// The directory of the index.
    public var index: String
    /// The volumes; none means that objects live in memory alone.
    public var volumes: [Volume]
  }

  /// The bounds of the cache; without volumes the largest object is an eighth of the memory.
  public var cache: CacheSettings
  /// What lies on disks.
  public var disk: Disk
  /// The origins; at least one.
  public var origins: [OriginSettings]
  /// The sites; at least one.
  ///
  /// They name their origin by index.
  public var sites: [SiteSettings]

  /// The number of rules of all sites.
  public var ruleCount: Int { sites.reduce(0) { $0 + $1.rules.count } }

  /// One line that says what the file holds: `2 sites, 1 origin, 3 rules`.
  public var summary: String {
    [
      Self.count(sites.count, "site"), Self.count(origins.count, "origin"),
      Self.count(ruleCount, "rule"),
    ].joined(separator: ", ")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
