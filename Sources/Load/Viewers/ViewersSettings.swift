public import Loop

/// How `spillway load viewers` loads a server.
public struct ViewersSettings: Sendable {
  /// A multivariant playlist, a media playlist or a DASH manifest.
  public var url: LoadURL
  /// The Host field, where it is not the URL's.
  public var host: String?
  /// Players at a time, over all threads.
  public var players = 100
  /// Threads, each with its share of the players.
  public var threads = 1
  /// For how long, in nanoseconds.
  public var nanoseconds: Int64 = 30_000_000_000
  /// Over what time the players come, evenly; nanoseconds.
  public var join: Int64 = 5_000_000_000
  /// How many of a hundred players leave each second, others coming in their place.
  public var churn = 0.0
  /// How players pick a rendition.
  public var policy = RenditionPolicy.auto
  /// Media is read no faster than `LoadLimits.pace` times the bits a second it plays with.
  public var isPaced = false
  /// What players tell of themselves.
  public var cmcd = CMCDMode.none
  /// How long anybody waits for anything, in nanoseconds.
  public var timeout: Int64 = 10_000_000_000
  /// What arrivals and names follow from.
  public var seed: UInt64 = 1
  /// Where the tool listens as the origin of the server, if it does.
  public var origin: SocketAddress?
  /// How far that origin is, in nanoseconds there and back.
  public var originDelay: Int64 = 0
  /// What it publishes.
  public var shape = StreamShape()
  /// What it does wrong.
  public var fault: PlannedFault?

  /// Settings with the usual numbers.
  public init(url: LoadURL) { self.url = url }

  /// - Throws: `LoadError.usage` for numbers that make no sense.
  public func check() throws(LoadError) {
    guard (1...LoadLimits.connections).contains(players) else {
      throw .usage("--players is 1 to \(LoadLimits.connections)")
    }
    guard (1...LoadLimits.threads).contains(threads), threads <= players else {
      throw .usage("--threads is 1 to \(LoadLimits.threads), and no more than there are players")
    }
    guard (0...100).contains(churn) else { throw .usage("--churn is 0 to 100 percent a second") }
    guard !isPaced || policy != .auto else {
      throw .usage(
        "--pace needs --rendition lowest, highest or spread: what is paced measures no throughput")
    }
    guard origin != nil || (fault == nil && originDelay == 0) else {
      throw .usage("--origin-delay and --origin-fault need --origin")
    }
    if let origin, origin.isUnix || origin.port == 0 {
      throw .usage("--origin is an address and a port: 127.0.0.1:9000")
    }
    try shape.check()
  }
}
