public import Bytes

/// `[origin.health]` as configured: what an origin's servers are asked, and how answers count.
public struct ProbeSettings: Sendable, Equatable {
  /// What is asked for, behind each server's own prefix; `nil` where only the playlist is watched.
  public var path: String?
  /// The playlist or manifest of a live stream that is asked for as well; `nil` for none.
  public var playlist: String?
  /// From the beginning of one probe of a server to the beginning of its next.
  public var interval = Milliseconds.seconds(1)
  /// How long one answer may take, from the connection to its last byte.
  public var timeout = Milliseconds(500)
  /// Failed probes in a row after which a server is down.
  public var fall = 2
  /// Passed probes in a row after which a server that was down is up again.
  public var rise = 3
  /// The statuses that pass; with none named, every 2xx and 3xx.
  public var statuses: [Int] = []
  /// What the front of the answer's body must hold; `nil` where any body will do.
  public var body: String?

  /// Probes with the defaults of the configuration; one of the two must be named.
  public init(path: String? = nil, playlist: String? = nil) {
    self.path = path
    self.playlist = playlist
  }
}
