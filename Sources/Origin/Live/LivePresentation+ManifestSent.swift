internal import Bytes
internal import Policy
internal import Streams

// What is sent of a manifest.
extension LivePresentation {
  /// Goes over to the server of an answer, and sends that.
  mutating func change(
    to index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    let twin = poll.sightings[index]
    var isSame = terms.twins == .sameBytes || terms.twins == .sameTimeline
    if terms.twins == .auto {
      switch live.observed.map({ ManifestAlignment.between($0, twin.manifest) }) {
      case .sameTimeline: isSame = true
      case .independent: isSame = false
      case .undecided, nil: isSame = aligned.contains(twin.server)
      }
    }
    let left = live.lastWhole(at: terms.now, terms.wall)
    if !isSame { live.bridge?.switchOrigin(at: left) }
    begin(.switched, server: twin.server, isSeamless: isSame, rendition: root, terms)
    live.overdue = OverdueSegments()
    return send(index, of: poll, &live, terms)
  }

  /// Sends an answer of the present server.
  mutating func send(
    _ index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    let sighting = poll.sightings[index]
    let now = Milliseconds(terms.wall.milliseconds)
    var body = sighting.body
    if terms.twinCount > 1 {
      // The next switch is seen a segment after it, if players bear that.
      let period = max(OriginLimits.updatePeriodMin, sighting.segment)
      body =
        ManifestText.updating(
          body.span, atLeastEvery: min(period, StreamsLimits.bridgeUpdatePeriodMax)) ?? body
    }
    if live.bridge == nil { live.bridge = ManifestBridge(first: body.span) }
    let mark = terms.twins == .sameBytes ? 0 : UInt64(epoch)
    var sent = live.bridge?.next(body.span, epoch: mark, now: now)
    if sent == nil, live.bridge != nil, live.sent != nil {
      // What was sent stays for no longer than a manifest may be late.
      let since = max(live.changedAt, begunAt ?? live.changedAt)
      if (terms.now - since).count < max(sighting.segment.count, 1000) {
        return resend(index, &live, nil)
      }
      // Its times are no longer what they were: it has begun anew.
      live.bridge?.switchOrigin(at: Milliseconds(live.observedAt.milliseconds))
      begin(.restarted, server: server, isSeamless: false, rendition: root, terms)
      sent = live.bridge?.next(body.span, epoch: UInt64(epoch), now: now)
    }
    if sent == nil {
      timeline.add(.passedUnchanged, once: true)
      sent = ManifestText.rewriting(body.span, servers: [], epoch: UInt64(epoch)) ?? body
      live.bridge = sent.flatMap { ManifestBridge(first: $0.span) }
    }
    let reach = live.reach(of: server)
    if live.sent == nil || (reach.map { $0 > live.reached ?? .min } ?? (sent != live.sent)) {
      live.changedAt = terms.now
      live.idlePolls = 0
      live.regressedSince = nil
    }
    if let reach { live.reached = reach }
    live.sent = sent
    live.epoch = epoch
    live.segment = sighting.segment
    live.observed = sighting.manifest
    live.observedAt = terms.wall
    return .send(sighting: index, body: sent == sighting.body ? nil : sent)
  }

  /// Sends that it is over.
  mutating func sendEnd(
    _ index: Int, of poll: ManifestPoll, _ live: inout LiveManifest, _ terms: Terms
  ) -> ManifestDecision {
    if !live.hasEnded { timeline.add(.ended) }
    live.hasEnded = true
    guard epoch > 0 else { return .send(sighting: index, body: nil) }
    if let end = live.bridge?.end(now: Milliseconds(terms.wall.milliseconds)) { live.sent = end }
    return resend(index, &live, nil)
  }

  /// Sends what was sent last, under the head of an answer.
  mutating func resend(
    _ index: Int, _ live: inout LiveManifest, _ event: StreamEvent?
  ) -> ManifestDecision {
    if let event { timeline.add(event, once: true) }
    return .send(sighting: index, body: live.sent)
  }
}
