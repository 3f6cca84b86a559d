internal import Bytes
internal import Policy
internal import Streams

// How a poll of the manifest is judged: as those of playlists are (LivePresentation+Verdicts).
extension LivePresentation {
  /// Decides what becomes of a poll of its manifest.
  mutating func judge(_ poll: inout ManifestPoll, _ terms: Terms) -> ManifestDecision {
    var live = manifest ?? LiveManifest(at: terms.now)
    defer { manifest = live }
    usedAt = terms.now
    timeline.now = terms.wall
    if live.sent == nil, epoch == 0, let first = poll.sightings.first { follow(first.server) }
    var change = ManifestProgress.Change.unchanged
    for sighting in poll.sightings.dropFirst(poll.noted) {
      let isOwn = sighting.server == server
      let seen = live.note(sighting, isOwn: isOwn, wall: terms.wall)
      if isOwn { change = seen }
    }
    poll.noted = poll.sightings.count
    if let decision = judgeWanted(poll, &live, terms) { return decision }
    guard let own = poll.sighting(of: server) else { return judgeWithoutOwn(poll, &live, terms) }
    if let next = learn(poll, own, &live, terms) { return .ask(server: next) }
    guard live.sent != nil, live.epoch == epoch else { return send(own, of: poll, &live, terms) }
    if !poll.sightings[own].isLive || change == .ended {
      return judgeEnd(poll, own, &live, terms)
    }
    switch change {
    case .advanced where live.isBehind(at: terms.now): return judgeIdle(poll, own, &live, terms)
    case .advanced where live.reach(of: server).map { $0 > live.reached ?? .min } ?? true:
      return send(own, of: poll, &live, terms)
    // A later publishTime alone is nothing to play.
    case .advanced, .unchanged, .ended: return judgeIdle(poll, own, &live, terms)
    case .regressed: return judgeRegression(poll, own, &live, terms)
    }
  }

  /// Learns which servers are of one timeline with the present one; tells which one to ask first.
  ///
  /// Segments of a template are asked for with no manifest in between: who may stand in for a dead
  /// server has to be known before it dies.
  private mutating func learn(
    _ poll: ManifestPoll, _ own: Int, _ live: inout LiveManifest, _ terms: Terms
  ) -> Int? {
    guard terms.twins == .auto, poll.sightings[own].isLive else { return nil }
    for other in poll.sightings where other.server != server {
      switch ManifestAlignment.between(poll.sightings[own].manifest, other.manifest) {
      case .sameTimeline: note(server: other.server, isAligned: true)
      case .independent: note(server: other.server, isAligned: false)
      case .undecided: break
      }
    }
    guard poll.failed.isEmpty else { return nil }
    return live.nextToCompare(of: terms.candidates.filter { !poll.hasAsked($0) }, at: terms.now)
  }

  /// The operator wants another server: it is followed once it has what viewers have not seen, as
  /// for playlists (LivePresentation+Orders).
  private mutating func judgeWanted(
    _ poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision? {
    guard !terms.wanted.isEmpty, !terms.wanted.contains(server) else { return nil }
    var waits: Int?
    for (index, sighting) in poll.sightings.enumerated()
    where terms.wanted.contains(sighting.server) && sighting.isLive {
      if live.sent == nil || live.isByClock(sighting.server) || live.lead(of: sighting) == .ahead {
        return change(to: index, of: poll, &live, terms)
      }
      let silence = terms.now - live.changedAt
      if silence.count * 4 < sighting.segment.count * 5 { waits = index }
    }
    if let next = terms.wanted.first(where: { !poll.hasAsked($0) }) {
      timeline.add(.twinAsked)
      return .ask(server: next)
    }
    return waits.map { resend($0, &live, nil) }
  }

  /// The present server gave no manifest.
  private mutating func judgeWithoutOwn(
    _ poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    guard let twin = poll.sightings.lastIndex(where: { $0.isLive }) else {
      if !poll.sightings.isEmpty { return resend(poll.sightings.count - 1, &live, .endWithheld) }
      return nextTwin(poll, terms).map { .ask(server: $0) } ?? .fail
    }
    let sighting = poll.sightings[twin]
    let silence = terms.now - live.changedAt
    let isWaiting = !live.isByClock(sighting.server) && silence < sighting.segment
    let lead = live.lead(of: sighting)
    if terms.isPinned || live.sent != nil && lead != .ahead && (lead == .level || isWaiting) {
      return resend(twin, &live, nil)
    }
    return change(to: twin, of: poll, &live, terms)
  }

  private mutating func judgeIdle(
    _ poll: ManifestPoll, _ own: Int, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    if poll.sightings.count == 1, poll.failed.isEmpty { live.idlePolls += 1 }
    live.regressedSince = nil
    if live.isLate(from: server, at: terms.now), !terms.isPinned {
      if let twin = leader(poll, live) { return change(to: twin, of: poll, &live, terms) }
      if let next = nextTwin(poll, terms) { return .ask(server: next) }
      if let twin = standIn(poll, &live, terms) { return change(to: twin, of: poll, &live, terms) }
      timeline.add(.stale, once: true)
    }
    return send(own, of: poll, &live, terms)
  }

  private mutating func judgeRegression(
    _ poll: ManifestPoll, _ own: Int, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    guard terms.guards else { return .send(sighting: own, body: nil) }
    if !terms.isPinned {
      if let twin = leader(poll, live) { return change(to: twin, of: poll, &live, terms) }
      if let next = nextTwin(poll, terms) { return .ask(server: next) }
    }
    if let since = live.regressedSince, terms.now > since {
      live.bridge?.switchOrigin(at: Milliseconds(live.observedAt.milliseconds))
      begin(.restarted, server: server, isSeamless: false, rendition: root, terms)
      live.sights[server] = nil
      _ = live.note(poll.sightings[own], isOwn: true, wall: terms.wall)
      return send(own, of: poll, &live, terms)
    }
    live.regressedSince = terms.now
    return resend(own, &live, .regressionWithheld)
  }

  private mutating func judgeEnd(
    _ poll: ManifestPoll, _ own: Int, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    guard !live.hasEnded, !terms.isPinned, !terms.passesEnds else {
      return sendEnd(own, of: poll, &live, terms)
    }
    if let twin = poll.sightings.firstIndex(where: { $0.server != server && $0.isLive }) {
      let sighting = poll.sightings[twin]
      if live.lead(of: sighting) == .ahead || live.isByClock(sighting.server) {
        return change(to: twin, of: poll, &live, terms)
      }
      let still = live.sights[sighting.server].map { terms.now - $0.at } ?? .zero
      if still.count * 2 < max(1, sighting.segment.count) * 3 {
        return resend(own, &live, .endWithheld)
      }
    } else if let next = nextTwin(poll, terms) {
      return .ask(server: next)
    }
    return sendEnd(own, of: poll, &live, terms)
  }

  private func nextTwin(_ poll: ManifestPoll, _ terms: Terms) -> Int? {
    terms.isPinned ? nil : terms.next(of: poll)
  }

  /// A twin of a server that lacks what has long been due, where nothing tells how far it is.
  ///
  /// Its segments are due by the clock as well, and are other moments: one of the same timeline
  /// would have been asked for them. One that was left for the same is not gone back to soon.
  private func standIn(
    _ poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> Int? {
    guard live.isBehind(at: terms.now) else { return nil }
    let twin = poll.sightings.firstIndex { sighting in
      sighting.server != server && sighting.isLive && live.isByClock(sighting.server)
        && !aligned.contains(sighting.server)
        && live.leftBehind[sighting.server].map { terms.now - $0 >= OriginLimits.returnAfter }
          ?? true
    }
    if twin != nil { live.leftBehind[server] = terms.now }
    return twin
  }

  private func leader(_ poll: ManifestPoll, _ live: LiveManifest) -> Int? {
    poll.sightings.firstIndex { sighting in
      sighting.server != server && sighting.isLive
        && live.lead(of: sighting) == .ahead
    }
  }
}
