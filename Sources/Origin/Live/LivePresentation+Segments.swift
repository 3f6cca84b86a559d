internal import Bytes
internal import Policy
internal import Streams

// Where the media of a presentation comes from, and what segments tell of its servers.
extension LivePresentation {
  /// Where a segment is fetched from.
  ///
  /// - Parameters:
  ///   - mark: The epoch that its URI is marked with.
  ///   - twins: What the servers have in common.
  ///   - count: How many there are.
  /// - Returns: The server of the epoch. Where the present one of a DASH presentation is of its
  ///   timeline, that one: players of numbered segments go on with the URIs of the first epoch.
  func route(mark: Int?, twins: OriginSettings.Twins, count: Int) -> StreamBook.Route {
    let named = server(ofEpoch: mark ?? 0)
    let alike = alike(named, twins: twins, count: count)
    let follows = manifest != nil && alike.contains(server)
    var route = StreamBook.Route(server: follows ? server : named, alike: alike)
    route.isLeft = !route.mayGoElsewhere && (mark ?? 0) < epoch
    return route
  }

  /// The servers whose segments are as good as those of this one, itself among them.
  private func alike(_ server: Int, twins: OriginSettings.Twins, count: Int) -> ServerSet {
    switch twins {
    case .independent: return ServerSet(only: server)
    case .sameTimeline, .sameBytes: return ServerSet(first: count)
    case .auto:
      // What was compared was compared with the present server.
      let known = aligned.union(ServerSet(only: self.server))
      return known.contains(server) ? known : ServerSet(only: server)
    }
  }

  /// When a segment was seen to be missing or there.
  struct Observation {
    var now: Instant
    var wall: WallTime
    /// How far apart two have to be.
    var pause: Milliseconds
  }

  /// Takes note of a segment that the present server has or has not; goes over to the twin that
  /// has what this one lacked twice.
  mutating func note(
    _ name: SegmentName, isOverdue: Bool, missingAt asked: ServerSet, foundAt found: Int?,
    _ observation: Observation
  ) {
    if found == server {
      manifest?.overdue.clear(name)
      return
    }
    guard isOverdue, asked.contains(server) else { return }
    usedAt = observation.now
    manifest?.overdue.add(name, at: observation.now, apart: observation.pause)
    guard let found, pinned != server, let manifest, manifest.isBehind(at: observation.now) else {
      return
    }
    var terms = Terms()
    terms.now = observation.now
    timeline.now = observation.wall
    begin(.switched, server: found, isSeamless: true, rendition: root, terms)
    self.manifest?.overdue = OverdueSegments()
  }
}

extension LiveManifest {
  /// Whether the present server lacks segments that have long been due, whatever its manifest says.
  func isBehind(at now: Instant) -> Bool { overdue.areConfirmed(at: now) }
}
