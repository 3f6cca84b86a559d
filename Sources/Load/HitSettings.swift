/// How `spillway load hit` loads a server.
public struct HitSettings: Sendable {
  /// What is asked for.
  public var order: RequestOrder
  /// Keep-alive connections, over all threads.
  public var connections = 50
  /// Threads, each with its share of the connections.
  public var threads = 1
  /// For how long requests are sent, in nanoseconds.
  public var nanoseconds: Int64 = 10_000_000_000
  /// How many requests are sent in all; `nil` for as many as the time allows.
  public var requests: Int?
  /// Requests a second in all, sent when they are due whatever became of the others; `nil` for one
  /// after the other on each connection.
  public var rate: Double?
  /// Nanoseconds after which a request counts as unanswered.
  public var timeout: Int64 = 10_000_000_000
  /// What the choice of keys follows from.
  public var seed: UInt64 = 1

  /// Settings that ask for `order`.
  public init(_ order: RequestOrder) { self.order = order }

  /// - Throws: `LoadError.usage` for numbers that make no sense.
  public func check() throws(LoadError) {
    guard (1...LoadLimits.connections).contains(connections) else {
      throw .usage("--connections is 1 to \(LoadLimits.connections)")
    }
    guard (1...LoadLimits.threads).contains(threads), threads <= connections else {
      throw .usage(
        "--threads is 1 to \(LoadLimits.threads), and no more than there are connections")
    }
    guard rate.map({ $0 > 0 && $0 <= LoadLimits.rate }) ?? true else {
      throw .usage("--rate is more than 0 and at most \(Int(LoadLimits.rate)) a second")
    }
    guard (1...LoadLimits.keys).contains(order.keys) else {
      throw .usage("--keys is 1 to \(LoadLimits.keys)")
    }
    guard requests.map({ $0 >= 1 }) ?? true else { throw .usage("--requests is at least 1") }
  }
}

/// What the tools can be asked for.
public enum LoadLimits {
  /// Connections: what one address can open to another.
  public static let connections = 60_000
  /// Threads.
  public static let threads = 64
  /// Requests a second.
  public static let rate = 10_000_000.0
  /// Different keys: the table of chances takes 8 bytes for each.
  public static let keys = 100_000_000
  /// Bytes of a head that is not whole yet.
  static let headBytes = 65_536
  /// Bytes that a read takes at most.
  static let readBytes = 262_144
  /// Nanoseconds between two looks at what takes too long.
  static let watchInterval: Int64 = 100_000_000
  /// Media that players keep in store, in nanoseconds: hls.js's `maxBufferLength`.
  static let buffer: Int64 = 30_000_000_000
  /// Between a player's failure and its next request, in nanoseconds; eight times that at most.
  static let retryPause: Int64 = 500_000_000
  /// Between two loads of a manifest at least, in nanoseconds, whatever it says.
  static let leastReload: Int64 = 500_000_000
  /// A recording that is further from now says nothing of a playlist's age: an hour.
  ///
  /// In nanoseconds. Old material that is looped as live keeps its dates.
  static let believableAge: Int64 = 3_600_000_000_000
  /// A segment is fresh for so long after its end, in nanoseconds.
  static let freshAge: Int64 = 200_000_000
  /// Paced media comes so much faster than it plays: playlists and gaps take their share of time.
  public static let pace = 1.25
  /// The longest a paced reader pauses between two reads, in nanoseconds.
  static let paceInterval: Int64 = 100_000_000
  /// Bytes of a playlist or manifest that a player takes.
  static let textBytes = 16 << 20
  /// The longest time that a histogram tells apart from others, in nanoseconds: an hour.
  static let longestTime: UInt64 = 3_600_000_000_000
}
