/// What a node knows of a server of its origins.
public struct ServerValues: Sendable, Equatable {
  /// Host and port: the label of its metrics.
  public let name: String
  /// `healthy`, `suspect`, `down` or `half-open`.
  public let state: String
  /// Failures since it was last healthy.
  public let failures: Int
  /// Milliseconds until it is tried again; zero for a healthy one.
  public let wait: Int64

  /// Notes what is known.
  public init(name: String, state: String, failures: Int, wait: Int64) {
    self.name = name
    self.state = state
    self.failures = failures
    self.wait = wait
  }

  /// Whether it gets its share of the fetches.
  public var isHealthy: Bool { state == "healthy" }
}
