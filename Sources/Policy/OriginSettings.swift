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
    /// The same programme, at best: equal names may hold different bytes.
    case independent
    /// The same bytes and entity tags under the same names: what one began another can complete.
    case sameBytes = "same-bytes"
  }

  /// Its name in logs and metrics.
  public var name: String
  /// The Host it is asked for.
  public var host: HostSent
  /// Its servers, in the order of the file.
  public var servers: [ServerSettings]
  /// What its servers have in common.
  public var twins = Twins.independent
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
}
