internal import Bytes
internal import Policy
internal import Streams

/// The manifest of a live DASH presentation: what viewers have seen, and how its servers stand.
struct LiveManifest: Sendable {
  /// How far a server had got when it was last seen.
  struct Sight: Sendable {
    var progress: ManifestProgress
    /// When it was first seen like this.
    var at: Instant
  }

  /// What was sent, and how it goes on; `nil` for a manifest that cannot be bridged.
  var bridge: ManifestBridge?
  /// The bytes that were sent last.
  var sent: [UInt8]?
  /// The epoch that they are of.
  var epoch = 0
  /// The present server's manifest as it last wrote it.
  var observed: Manifest?
  var observedAt = WallTime(milliseconds: 0)
  /// Up to when the present server's newest segment reached, in Unix time.
  var reached: Int64?
  /// When the edge of what was sent last moved.
  var changedAt: Instant
  /// Polls of the present server since then that showed nothing new.
  var idlePolls = 0
  var sights: [Int: Sight] = [:]
  /// Since when the present server's manifest goes back.
  var regressedSince: Instant?
  var hasEnded = false
  /// How long its segments are.
  var segment = Milliseconds.zero

  init(at now: Instant) { changedAt = now }

  /// Takes note of what a server said; tells what it is to what it said before.
  @discardableResult
  mutating func note(
    _ sighting: ManifestSighting, wall: WallTime
  ) -> ManifestProgress.Change {
    let progress = ManifestProgress(
      of: sighting.manifest, now: Milliseconds(wall.milliseconds))
    guard let before = sights[sighting.server] else {
      sights[sighting.server] = Sight(progress: progress, at: sighting.at)
      return .advanced
    }
    let change = progress.change(since: before.progress)
    let isSame = change == .unchanged
    sights[sighting.server] = Sight(progress: progress, at: isSame ? before.at : sighting.at)
    return change
  }

  /// How the manifest of a twin stands to what was sent: by when its newest segment ends.
  func lead(of twin: ManifestSighting) -> LiveRendition.Lead {
    // Numbered segments are due by the clock, whatever their server does.
    guard let theirs = sights[twin.server]?.progress, !theirs.isByClock, let edge = theirs.edge,
      let start = theirs.availabilityStartTime, let reached
    else { return .unknown }
    let lead = edge.count &+ start.count &- reached
    return lead >= max(1, twin.segment.count / 2) ? .ahead : .level
  }
}

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
      let seen = live.note(sighting, wall: terms.wall)
      if sighting.server == server { change = seen }
    }
    poll.noted = poll.sightings.count
    guard let own = poll.sighting(of: server) else { return judgeWithoutOwn(poll, &live, terms) }
    guard live.sent != nil, live.epoch == epoch else { return send(own, of: poll, &live, terms) }
    if !poll.sightings[own].isLive || change == .ended {
      return judgeEnd(poll, own, &live, terms)
    }
    switch change {
    case .advanced, .ended: return send(own, of: poll, &live, terms)
    case .unchanged: return judgeIdle(poll, own, &live, terms)
    case .regressed: return judgeRegression(poll, own, &live, terms)
    }
  }

  private mutating func judgeWithoutOwn(
    _ poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    guard let twin = poll.sightings.lastIndex(where: { $0.isLive }) else {
      if !poll.sightings.isEmpty { return resend(poll.sightings.count - 1, &live, .endWithheld) }
      return nextTwin(poll, terms).map { .ask(server: $0) } ?? .fail
    }
    let sighting = poll.sightings[twin]
    let silence = terms.now - live.changedAt
    let isByClock = live.sights[sighting.server]?.progress.isByClock ?? false
    let isWaiting = !isByClock && silence < sighting.segment
    let lead = live.lead(of: sighting)
    if terms.isPinned || live.sent != nil && lead != .ahead && (lead == .level || isWaiting) {
      return resend(twin, &live, nil)
    }
    return change(to: twin, of: poll, &live, terms)
  }

  private mutating func judgeIdle(
    _ poll: ManifestPoll, _ own: Int, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    if poll.sightings.count == 1, poll.failed == 0 { live.idlePolls += 1 }
    live.regressedSince = nil
    let segment = poll.sightings[own].segment
    let isLate =
      live.idlePolls >= 2 && segment > .zero
      && (terms.now - live.changedAt).count * 4 >= segment.count * 5
      && !(live.sights[server]?.progress.isByClock ?? true)
    if isLate, !terms.isPinned {
      if let twin = leader(poll, live) { return change(to: twin, of: poll, &live, terms) }
      if let next = nextTwin(poll, terms) { return .ask(server: next) }
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
      let isByClock = live.sights[sighting.server]?.progress.isByClock ?? false
      if live.lead(of: sighting) == .ahead || isByClock {
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
    terms.isPinned ? nil : terms.candidates.first { !poll.hasAsked($0) }
  }

  private func leader(_ poll: ManifestPoll, _ live: LiveManifest) -> Int? {
    poll.sightings.firstIndex { sighting in
      sighting.server != server && sighting.isLive
        && live.lead(of: sighting) == .ahead
    }
  }
}

// What is sent of a manifest.
extension LivePresentation {
  /// Goes over to the server of an answer, and sends that.
  private mutating func change(
    to index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    let twin = poll.sightings[index]
    var isSame = terms.twins == .sameBytes || terms.twins == .sameTimeline
    if terms.twins == .auto, let mine = live.observed {
      isSame = ManifestAlignment.between(mine, twin.manifest) == .sameTimeline
    }
    if !isSame { live.bridge?.switchOrigin(at: Milliseconds(live.observedAt.milliseconds)) }
    begin(.switched, server: twin.server, isSeamless: isSame, rendition: root, terms)
    return send(index, of: poll, &live, terms)
  }

  private mutating func send(
    _ index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    let sighting = poll.sightings[index]
    let now = Milliseconds(terms.wall.milliseconds)
    var body = sighting.body
    if terms.twinCount > 1,
      let often = ManifestText.updating(
        body.span, atLeastEvery: StreamsLimits.bridgeUpdatePeriodMax)
    {
      body = often
    }
    if live.bridge == nil, epoch == 0 { live.bridge = ManifestBridge(first: body.span, now: now) }
    let mark = terms.twins == .sameBytes ? 0 : UInt64(epoch)
    guard let sent = live.bridge?.next(body.span, epoch: mark, now: now) else {
      timeline.add(.passedUnchanged, once: true)
      if live.bridge != nil, live.sent != nil { return resend(index, &live, nil) }
      live.sent = body
      return .send(sighting: index, body: body == sighting.body ? nil : body)
    }
    if sent != live.sent || live.sights[server]?.at == sighting.at {
      live.changedAt = terms.now
      live.idlePolls = 0
      live.regressedSince = nil
    }
    live.sent = sent
    live.epoch = epoch
    live.segment = sighting.segment
    if let progress = live.sights[server]?.progress, !progress.isByClock, let edge = progress.edge,
      let start = progress.availabilityStartTime
    {
      live.reached = edge.count &+ start.count
    }
    live.observed = sighting.manifest
    live.observedAt = terms.wall
    return .send(sighting: index, body: sent == sighting.body ? nil : sent)
  }

  private mutating func sendEnd(
    _ index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    if !live.hasEnded { timeline.add(.ended) }
    live.hasEnded = true
    guard epoch > 0 else { return .send(sighting: index, body: nil) }
    if let end = live.bridge?.end(now: Milliseconds(terms.wall.milliseconds)) { live.sent = end }
    return resend(index, &live, nil)
  }

  /// Sends what was sent last, under the head of an answer.
  private mutating func resend(
    _ index: Int, _ live: inout LiveManifest, _ event: StreamEvent?
  ) -> ManifestDecision {
    if let event { timeline.add(event, once: true) }
    return .send(sighting: index, body: live.sent)
  }
}
