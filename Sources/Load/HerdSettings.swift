public import Loop

/// How `spillway load herd` loads a server.
public struct HerdSettings: Sendable {
  /// What is asked for; a name that was never used before is put behind it.
  public var url: LoadURL
  /// The Host field, where it is not the URL's.
  public var host: String?
  /// Where the tool listens as the origin of the server.
  public var origin: SocketAddress
  /// Viewers behind the first.
  public var followers = 300
  /// Over what time they come, from the first byte that the first one gets; nanoseconds.
  public var spread: Int64 = 1_500_000_000
  /// Length of the object.
  public var bytes = 1 << 20
  /// Pieces in which the origin sends it.
  public var pieces = 40
  /// How long the origin takes for it, in nanoseconds.
  public var span: Int64 = 2_000_000_000
  /// How long anybody waits for anything, in nanoseconds.
  public var timeout: Int64 = 10_000_000_000

  /// Settings with the usual numbers.
  public init(url: LoadURL, origin: SocketAddress) {
    self.url = url
    self.origin = origin
  }

  /// - Throws: `LoadError.usage` for numbers that make no sense.
  public func check() throws(LoadError) {
    guard (1...LoadLimits.connections).contains(followers) else {
      throw .usage("--followers is 1 to \(LoadLimits.connections)")
    }
    guard pieces >= 1, bytes >= pieces, bytes <= 1 << 30 else {
      throw .usage("--bytes is at most 1 GiB, and at least one for each of --pieces")
    }
    guard !origin.isUnix, origin.port != 0 else {
      throw .usage("--origin is an address and a port: 127.0.0.1:9000")
    }
  }

  /// How many bytes have been sent with piece `number`.
  func end(ofPiece number: Int) -> Int { bytes * (number + 1) / pieces }
}
