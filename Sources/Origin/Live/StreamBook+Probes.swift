public import Bytes
internal import Policy
internal import Streams

// What probes see of playlists, so that a stream is known before its first viewer comes.
extension StreamBook {
  /// A server's playlist was looked at, for no viewer.
  ///
  /// Twins of a presentation that is watched are known to move before they are needed; of one that
  /// nobody watches, the first viewer gets a server that goes on.
  ///
  /// - Parameters:
  ///   - path: The path that viewers ask for.
  ///   - origin: The origin, as an index.
  ///   - server: The server, as an index into the origin's.
  ///   - body: What it said.
  ///   - now: When.
  ///   - wall: The same, Unix time.
  func see(
    _ path: [UInt8], origin: Int, server: Int, body: [UInt8], at now: Instant, wall: WallTime
  ) {
    let playlist = PlaylistSighting(server: server, body: body, at: now)
    let manifest =
      playlist == nil ? ManifestSighting(server: server, body: body, at: now) : nil
    lock.lock()
    defer { lock.unlock() }
    for site in 0..<snapshot.siteCount where snapshot.site(site).origin == origin {
      let name = StreamNames.hash(path.span, site: site)
      if let key = owner(of: path.span, site: site) {
        presentations[key]?.see(playlist, manifest, path: path, wall: wall)
      }
      var seen = watched[name] ?? WatchedPlaylist(path: path, site: site)
      if let text = playlist?.text, let last = text.lastSequence, !text.isVOD {
        seen.note(
          server: server, last: last, target: text.targetDuration, hasEnded: text.hasEndlist,
          at: now)
      } else if let manifest, let reach = LiveManifest.reach(of: manifest, wall: wall) {
        seen.note(
          server: server, last: UInt64(max(0, reach)), target: manifest.segment,
          hasEnded: !manifest.isLive, at: now)
      } else {
        continue
      }
      watched[name] = seen
    }
  }

  /// The server that the first viewer of a watched stream gets: `nil` leaves that to its origin.
  func watchedRoute(_ path: Span<UInt8>, site: Int, at now: Instant) -> Route? {
    guard let seen = watched[StreamNames.hash(path, site: site)] else { return nil }
    let origin = snapshot.site(site).origin
    let view = health.view(of: places[origin], at: now)
    let all = ServerSet(first: places[origin].count)
    return seen.leader(of: view.sound.places, at: now).map { Route(server: $0, alike: all) }
  }
}

extension LivePresentation {
  /// Takes note of a twin that nobody asked for a viewer.
  mutating func see(
    _ playlist: PlaylistSighting?, _ sighting: ManifestSighting?, path: [UInt8], wall: WallTime
  ) {
    if let playlist, playlist.server != server,
      let name = renditions.first(where: { $0.value.path == path })?.key
    {
      renditions[name]?.note(playlist)
    }
    if let sighting, sighting.server != server, path == root {
      _ = manifest?.note(sighting, isOwn: false, wall: wall)
    }
  }
}

/// Gives what probes see to the book.
public final class StreamProbes: ProbeListener {
  private let streams: StreamBook

  /// Listens for a book.
  public init(_ streams: StreamBook) {
    self.streams = streams
    super.init()
  }

  /// Takes note of it.
  public override func playlistSeen(
    origin: Int, server: Int, path: [UInt8], body: [UInt8], at now: Instant, wall: WallTime
  ) {
    streams.see(path, origin: origin, server: server, body: body, at: now, wall: wall)
  }
}
