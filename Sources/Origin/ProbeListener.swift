public import Bytes

/// Whom the prober gives the watched playlists: subclassed, used on the prober's thread alone.
open class ProbeListener {
  /// Makes one that listens to nothing.
  public init() {}

  /// A whole playlist or manifest came with a 2xx, of at most `OriginLimits.probePlaylistBytesMax`.
  ///
  /// - Parameters:
  ///   - origin: The origin, as an index into the snapshot's origins.
  ///   - server: The server, as an index into the origin's.
  ///   - path: What was asked for, as configured.
  ///   - body: The playlist.
  ///   - now: When its last byte came.
  ///   - wall: The same, Unix time.
  open func playlistSeen(
    origin: Int, server: Int, path: [UInt8], body: [UInt8], at now: Instant, wall: WallTime
  ) {}
}
