/// What came of the probes of a server.
public struct ProbeValues: Sendable, Equatable {
  /// Those that passed.
  public let passed: UInt64
  /// Those that failed.
  public let failed: UInt64
  /// Milliseconds since the last one ended; `nil` before the first has.
  public let age: Int64?
  /// Why the last one failed; `nil` where it passed.
  public let fault: String?

  /// Notes what is known.
  public init(passed: UInt64, failed: UInt64, age: Int64?, fault: String?) {
    self.passed = passed
    self.failed = failed
    self.age = age
    self.fault = fault
  }
}

/// What a node knows of a server of its origins.
public struct ServerValues: Sendable, Equatable {
  /// Host and port: the label of its metrics.
  public let name: String
  /// `healthy`, `suspect`, `down` or `half-open`.
  public let state: String
  /// Failures that speak against it now, of fetches and of probes.
  public let failures: Int
  /// Milliseconds until a fetch tries it again; zero for one that is healthy or probed.
  public let wait: Int64
  /// What came of its probes; `nil` where it is not probed.
  public let probes: ProbeValues?
  /// An operator drains it.
  public let isDrained: Bool

  /// Notes what is known.
  public init(
    name: String, state: String, failures: Int, wait: Int64, probes: ProbeValues? = nil,
    isDrained: Bool = false
  ) {
    self.isDrained = isDrained
    self.name = name
    self.state = state
    self.failures = failures
    self.wait = wait
    self.probes = probes
  }

  /// Whether it gets its share of the fetches.
  public var isHealthy: Bool { state == "healthy" }
}
