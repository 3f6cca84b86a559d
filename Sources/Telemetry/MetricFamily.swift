/// One Prometheus metric: name, type, unit, help, and where its numbers are found.
public struct MetricFamily: Sendable {
  /// How a number may move.
  public enum Kind: Sendable { case counter, gauge, histogram }

  /// What the stored number counts; times are stored fine and shown in seconds.
  public enum Unit: Sendable { case count, bytes, microseconds, milliseconds }

  /// One worker's counter and the value of its label.
  public struct Series: Sendable {
    /// Which cell.
    public let counter: Counter
    /// The value of the family's label; empty where the family has none.
    public let label: String
  }

  /// Where the numbers are.
  public enum Source: Sendable {
    /// The sum over workers of these counters; `label` names what tells them apart.
    case counters(label: String, [Series])
    /// A value of the node.
    case node(NodeValue)
    /// A value of each volume, by `volume`: its path.
    case volume(VolumeValue)
    /// Whether each origin server is healthy, by `server`: its host and port.
    case serverHealth
    /// The probes of each probed server, by `server` and `outcome`.
    case serverProbes
    /// Whether each origin server is drained, by `server`.
    case serverDrained
    /// A value of each origin, by `origin`: its name.
    case origin(OriginValue)
    /// Whether each rule that can be switched off holds, by `origin` and `rule`.
    case rules
    /// The rows of requests by `status` and `cache`.
    case requests
    /// The rows of sent bytes by `cache`.
    case sentBytes
    /// The histograms of one kind of time, by `cache`.
    case times(RequestTime)
  }

  /// The name in Prometheus.
  public let name: String
  /// How a number may move.
  public let kind: Kind
  /// What the stored number counts.
  public let unit: Unit
  /// One sentence for `# HELP` and the documentation.
  public let help: String
  /// Where the numbers are.
  public let source: Source

  init(_ name: String, _ kind: Kind, _ source: Source, _ help: String) {
    self.init(name, kind, .count, source, help)
  }

  init(_ name: String, _ kind: Kind, _ unit: Unit, _ source: Source, _ help: String) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    self.source = source
  }
}

/// The times of a request that have histograms.
public enum RequestTime: Sendable {
  /// From the whole request head to the first byte of the answer's body.
  case toFirstByte
  /// From the whole request head to the last byte handed to the kernel.
  case whole
}
