internal import Bytes
internal import Streams

// When a presentation goes on from another server, and what is withheld from viewers meanwhile.
extension LivePresentation {
  /// The present server gave no playlist.
  mutating func judgeWithoutOwn(
    _ poll: inout PlaylistPoll, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistDecision {
    guard let twin = poll.sightings.indices.last else {
      guard !terms.isPinned, let next = terms.next(of: poll) else {
        return .fail
      }
      return .ask(server: next)
    }
    let sighting = poll.sightings[twin]
    if sighting.text.hasEndlist && !terms.passesEnds || terms.isPinned {
      return resend(twin, &rendition, .endWithheld)
    }
    let isSame = isSameTimeline(rendition, sighting, terms)
    if let sent = rendition.sent {
      // What was sent stays true until the twin has got further, or should have.
      let lead = rendition.lead(of: sighting, isSameTimeline: isSame)
      let isDue = terms.now - rendition.changedAt >= sent.targetDuration
      if lead == .level || lead == .unknown && !isDue { return resend(twin, &rendition, nil) }
    }
    begin(.switched, server: sighting.server, isSeamless: isSame, rendition: rendition.path, terms)
    return send(twin, of: poll, &rendition, terms)
  }

  /// The present server says nothing new.
  mutating func judgeIdle(
    _ poll: PlaylistPoll, _ own: Int, _ rendition: inout LiveRendition, _ terms: Terms,
    resends: Bool
  ) -> PlaylistDecision {
    let text = poll.sightings[own].text
    if poll.sightings.count == 1, poll.failed.isEmpty { rendition.idlePolls += 1 }
    let silence = terms.now - rendition.changedAt
    let isLate =
      !terms.isPinned && rendition.idlePolls >= 2 && silence >= rendition.patience(text)
      && !rendition.isSparse(text)
    rendition.regressed = nil
    if isLate {
      if let twin = leader(poll, rendition, terms) {
        begin(
          .switched, server: twin.sighting.server, isSeamless: twin.isSame,
          rendition: rendition.path, terms)
        return send(twin.index, of: poll, &rendition, terms)
      }
      if let next = terms.next(of: poll) {
        timeline.add(.twinAsked)
        return .ask(server: next)
      }
      timeline.add(.stale, once: true)
    }
    return resends ? resend(own, &rendition, nil) : send(own, of: poll, &rendition, terms)
  }

  /// The present server's playlist goes back.
  mutating func judgeRegression(
    _ poll: PlaylistPoll, _ own: Int, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistDecision {
    guard terms.guards else { return .send(sighting: own, text: nil) }
    if !terms.isPinned {
      if let twin = leader(poll, rendition, terms) {
        begin(
          .switched, server: twin.sighting.server, isSeamless: twin.isSame,
          rendition: rendition.path, terms)
        return send(twin.index, of: poll, &rendition, terms)
      }
      if let next = terms.next(of: poll) {
        timeline.add(.twinAsked)
        return .ask(server: next)
      }
    }
    let last = poll.sightings[own].text.lastSequence ?? 0
    if let before = rendition.regressed, last >= before.last, terms.now > before.since {
      begin(.restarted, server: server, isSeamless: false, rendition: rendition.path, terms)
      return send(own, of: poll, &rendition, terms)
    }
    rendition.regressed = (terms.now, last)
    return resend(own, &rendition, .regressionWithheld)
  }

  /// The present server says that it is over.
  ///
  /// While a twin goes on this is a failure of the server and is never passed on: encoders write an
  /// end when they are stopped, and players stop for good (ExoPlayer#2872). It is passed once all
  /// servers that can be reached ended, or none went on for 1.5 target durations.
  mutating func judgeEnd(
    _ poll: PlaylistPoll, _ own: Int, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistDecision {
    let text = poll.sightings[own].text
    guard rendition.sent.map({ !$0.hasEndlist }) ?? false, !terms.isPinned, !terms.passesEnds else {
      if !(rendition.sent?.hasEndlist ?? false) { timeline.add(.ended) }
      return send(own, of: poll, &rendition, terms)
    }
    if let twin = leader(poll, rendition, terms) {
      begin(
        .switched, server: twin.sighting.server, isSeamless: twin.isSame, rendition: rendition.path,
        terms)
      return send(twin.index, of: poll, &rendition, terms)
    }
    if let next = terms.next(of: poll) {
      timeline.add(.twinAsked)
      return .ask(server: next)
    }
    let goesOn = poll.sightings.contains { sighting in
      guard sighting.server != server, !sighting.text.hasEndlist,
        let sight = rendition.sights[sighting.server]
      else { return false }
      return (terms.now - sight.at).count * 2 < text.targetDuration.count * 3
    }
    if goesOn {
      return resend(own, &rendition, .endWithheld)
    }
    timeline.add(.ended)
    return send(own, of: poll, &rendition, terms)
  }

  /// Whether a playlist goes on further away than time has passed: another packager's numbers.
  func jumps(
    _ text: PlaylistText, _ rendition: LiveRendition, _ terms: Terms
  ) -> Bool {
    guard let edge = rendition.history.edge,
      let first = rendition.history.numbering.sent(text.mediaSequence), first > edge.number + 1
    else { return false }
    let silence = max(0, (terms.now - rendition.changedAt).count)
    let passed = silence / max(1, text.targetDuration.count)
    return first - edge.number > UInt64(passed) * 2 + UInt64(text.segments.count) + 3
  }

  /// The twin that is ahead of what was sent, if one of those that answered is.
  private func leader(
    _ poll: PlaylistPoll, _ rendition: LiveRendition, _ terms: Terms
  ) -> (index: Int, sighting: PlaylistSighting, isSame: Bool)? {
    for (index, sighting) in poll.sightings.enumerated()
    where sighting.server != server && !sighting.text.hasEndlist {
      let isSame = isSameTimeline(rendition, sighting, terms)
      if rendition.lead(of: sighting, isSameTimeline: isSame) == .ahead {
        return (index, sighting, isSame)
      }
    }
    return nil
  }

  func isWithheldTooLong(_ rendition: LiveRendition, _ terms: Terms) -> Bool {
    guard let target = rendition.sent?.targetDuration else { return false }
    return terms.now - rendition.changedAt > Milliseconds(target.count * 2)
  }
}
