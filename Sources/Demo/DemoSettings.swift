/// What may be chosen about the demo.
public struct DemoSettings: Sendable {
  /// Where the node listens; the origins take the two ports above.
  public var port: UInt16
  /// The IPv4 address that the node listens on; origins and metrics stay on the loopback.
  public var address: String
  /// Where the node's metrics are.
  public var metricsPort: UInt16
  /// When it ends by itself, in seconds after it is ready; `nil`: when it is told to.
  public var seconds: UInt32?
  /// Whether it announces itself as JSON, for programs.
  public var json: Bool

  /// Gathers the choices.
  public init(
    port: UInt16, address: String, metricsPort: UInt16, seconds: UInt32?, json: Bool
  ) {
    self.port = port
    self.address = address
    self.metricsPort = metricsPort
    self.seconds = seconds
    self.json = json
  }

  /// Where origin `index` listens.
  func originPort(_ index: Int) -> UInt16 { port &+ 1 &+ UInt16(index) }

  /// Where a browser on this machine finds the node.
  var url: String { "http://\(address == "0.0.0.0" ? "127.0.0.1" : address):\(port)" }
}
