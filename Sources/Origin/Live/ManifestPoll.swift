public import Bytes
public import Streams

/// What one server said of a live DASH presentation.
public struct ManifestSighting: StreamSighting {
  /// The server, as an index into its origin's.
  public let server: Int
  /// The bytes as they came.
  public let body: [UInt8]
  /// What they say.
  public let manifest: Manifest
  /// How long its segments are; zero where nothing says so.
  public let segment: Milliseconds
  /// When they came.
  public let at: Instant

  /// Reads what a server sent; `nil` for what is no manifest, which passes as it is.
  public init?(server: Int, body: [UInt8], at: Instant) {
    guard let manifest = Manifest.read(body.span) else { return nil }
    self.server = server
    self.body = body
    self.manifest = manifest
    self.at = at
    segment = ManifestFacts.read(body.span)?.segmentDuration ?? .zero
  }

  /// Whether more is to come.
  var isLive: Bool { manifest.isDynamic }
}

/// One question for a manifest, and what servers have answered to it so far.
public typealias ManifestPoll = StreamPoll<ManifestSighting>

/// What becomes of a poll of a manifest.
public enum ManifestDecision: Equatable, Sendable {
  /// This answer is sent: as it came, or these bytes under its head.
  case send(sighting: Int, body: [UInt8]?)
  /// Another server is asked before it is decided.
  case ask(server: Int)
  /// No server gave anything that could be sent.
  case fail
}
