public import Bytes

/// The Host that an origin is asked for.
public enum HostSent: Sendable, Equatable {
  /// That of the server's URL, with its port where it is not the scheme's own.
  case origin
  /// The viewer's, which is then part of the cache key.
  case viewer
  /// A fixed name.
  case name(String)
}

/// How long an origin may take for each step.
public struct OriginTimeouts: Sendable, Equatable {
  /// Until the connection is open.
  public var connect: Milliseconds
  /// From the request sent to the first byte of the answer.
  public var firstByte: Milliseconds
  /// Between two reads of the body.
  public var stall: Milliseconds

  /// The defaults: 500 ms, 2 s and 1 s.
  public init(
    connect: Milliseconds = Milliseconds(500), firstByte: Milliseconds = Milliseconds(2000),
    stall: Milliseconds = Milliseconds(1000)
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.stall = stall
  }
}

/// A field that every request to an origin carries.
public struct OriginHeader: Sendable, Equatable {
  /// The field's name, a token; it replaces a field of that name from the viewer.
  public var name: String
  /// The field's value, without controls.
  public var value: String

  /// A field line.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// One `[[origin]]` as configured: servers that publish the same content.
public struct OriginSettings: Sendable, Equatable {
  /// What servers of one origin have in common, as the operator knows it.
  public enum Twins: String, Sendable, CaseIterable {
    /// Independent, but for live presentations whose playlists turn out to be of one timeline.
    case auto
    /// The same programme, at best: equal names may be other moments.
    case independent
    /// Equal names are the same moments of one timeline, in other bytes: each goes on where another
    /// ends, and no server completes what another began.
    case sameTimeline = "same-timeline"
    /// The same bytes and entity tags under the same names: what one began another can complete.
    case sameBytes = "same-bytes"
  }

  /// How its servers divide the fetches between them, as long as they are sound.
  public enum Policy: String, Sendable, CaseIterable {
    /// The first one gets all: playlists and segments of a presentation come from one packager.
    case latched
    /// By turns, in proportion to their weights.
    case roundRobin = "round-robin"
    /// The faster of two that are drawn by lot.
    case leastLatency = "least-latency"
    /// By what is fetched, so that each server is asked for a part of the objects only.
    case hash
  }

  /// Whether a presentation goes back to the first server that is no backup.
  public enum Return: String, Sendable, CaseIterable {
    /// When an operator says so: one switch that viewers may notice is better than two.
    case manual
    /// By itself, a minute after it left.
    case auto
  }

  /// What becomes of a live playlist or manifest when no server answers for it any more.
  public enum OnDead: String, Sendable, CaseIterable {
    /// An error, 1.5 target durations after its last change: players of several CDNs go to another.
    case error
    /// The last one, as long as it is kept: players wait.
    case stale
  }

  /// Its name in logs and metrics.
  public var name: String
  /// The Host it is asked for.
  public var host: HostSent
  /// Its servers, in the order of the file.
  public var servers: [ServerSettings]
  /// What its servers have in common.
  public var twins = Twins.auto
  /// How its servers divide the fetches; `nil` leaves it to their weights (`usedPolicy`).
  public var policy: Policy?
  /// Whether a second server is asked where the first is late, of servers with the same bytes.
  public var hedge = true
  /// Whether live presentations are only watched: what would be done is noted, and nothing is.
  public var shadow = false
  /// Whether presentations go back to the first server.
  public var returns = Return.manual
  /// What becomes of live playlists when no server answers.
  public var onDead = OnDead.error
  /// Whether absolute URLs of it become paths, in playlists, manifests and redirects.
  public var rewrite = false
  /// How many fetches of it may run at a time in the whole node; at least 1.
  public var fillsMax = 1000
  /// How long it may take.
  public var timeouts: OriginTimeouts
  /// Fields that every request to it carries.
  public var headers: [OriginHeader]
  /// How its servers are probed; `nil` where they are not.
  public var health: ProbeSettings?

  /// An origin with the defaults of the configuration.
  public init(
    name: String, host: HostSent = .origin, servers: [ServerSettings],
    timeouts: OriginTimeouts = OriginTimeouts(), headers: [OriginHeader] = []
  ) {
    self.name = name
    self.host = host
    self.servers = servers
    self.timeouts = timeouts
    self.headers = headers
  }

  /// The policy that holds: without one that is configured, unequal weights of primaries ask for
  /// turns.
  public var usedPolicy: Policy {
    if let policy { return policy }
    let primaries = servers.filter { !$0.backup }
    return primaries.contains { $0.weight != primaries.first?.weight } ? .roundRobin : .latched
  }
}
