internal import Bytes
internal import Policy
internal import Streams

// What an operator sees of a presentation.
extension LivePresentation {
  /// The row of this presentation.
  ///
  /// - Parameters:
  ///   - origin: The origin, as an index.
  ///   - twins: What its servers have in common, as configured.
  ///   - now: The clock.
  /// - Returns: What is known now.
  func row(origin: Int, twins: OriginSettings.Twins, at now: Instant) -> StreamRow {
    let shared: StreamRow.Twins =
      switch twins {
      case .independent: .independent
      case .sameTimeline: .sameTimeline
      case .sameBytes: .sameBytes
      case .auto: aligned.isEmpty ? .independent : .sameTimeline
      }
    let isAligned = { (other: Int) in
      twins == .sameTimeline || twins == .sameBytes || other == server
        || twins == .auto && aligned.contains(other)
    }
    let playlists = renditions.values.map { $0.row(from: server, isAligned, at: now) }
    let manifests = manifest.map { [$0.row(path: root, from: server, used: usedAt, at: now)] } ?? []
    return StreamRow(
      site: site, root: root, origin: origin, server: server, firstServer: server(ofEpoch: 0),
      epoch: epoch, twins: shared, pinned: pinned, passesEnds: passesEnds,
      playlists: (manifests + playlists).sorted { $0.path.lexicographicallyPrecedes($1.path) },
      timeline: timeline.entries)
  }
}

extension LiveRendition {
  func row(from server: Int, _ isAligned: (Int) -> Bool, at now: Instant) -> StreamRow.Playlist {
    StreamRow.Playlist(
      path: path, last: history.edge?.number, age: now - changedAt,
      target: sent?.targetDuration ?? .zero, verdict: verdict(from: server),
      standings: standings(isAligned, at: now))
  }

  /// As it was when it was asked for last: nobody knows of a playlist that nobody watches.
  private func verdict(from server: Int) -> StreamRow.Verdict {
    guard let sent else { return .advancing }
    if sent.hasEndlist { return .ended }
    if regressed != nil { return .regressed }
    if idlePolls >= 2, usedAt - changedAt >= patience(sent), !isSparse(sent) { return .stale }
    if let sight = sights[server], let edge = history.edge,
      let last = history.numbering.sent(sight.last), last < edge.number
    {
      return .behind
    }
    return .advancing
  }

  /// What is known of each server, and how far it is behind the best.
  ///
  /// Only looks within half a target duration are compared: an older one says nothing.
  private func standings(
    _ isAligned: (Int) -> Bool, at now: Instant
  ) -> [StreamRow.Standing] {
    let window = (sent?.targetDuration.count ?? 0) / 2
    let newest = sights.values.map(\.seenAt).max() ?? now
    let looks = sights.filter { (newest - $0.value.seenAt).count <= window }
    let bestNumber = looks.filter { isAligned($0.key) }.map(\.value.last).max()
    let bestTime = looks.values.compactMap { $0.end?.count }.max()
    return sights.sorted { $0.key < $1.key }.map { server, sight in
      var standing = StreamRow.Standing(server: server, last: sight.last, age: now - sight.seenAt)
      guard looks.count > 1, looks[server] != nil else { return standing }
      let areAligned = looks.keys.allSatisfy(isAligned)
      if areAligned, let bestNumber {
        standing.lag = .segments(bestNumber - sight.last)
      } else if let bestTime, let end = sight.end {
        let (time, isTooMuch) = bestTime.subtractingReportingOverflow(end.count)
        if !isTooMuch { standing.lag = .time(Milliseconds(time)) }
      }
      return standing
    }
  }
}

extension LiveManifest {
  /// The manifest as a playlist without numbers; how far its servers are is not told.
  func row(
    path: [UInt8], from server: Int, used: Instant, at now: Instant
  ) -> StreamRow.Playlist {
    let verdict: StreamRow.Verdict =
      hasEnded
      ? .ended
      : regressedSince != nil
        ? .regressed : isLate(from: server, at: used) ? .stale : .advancing
    return StreamRow.Playlist(
      path: path, last: nil, age: now - changedAt, target: segment, verdict: verdict,
      standings: [])
  }
}
