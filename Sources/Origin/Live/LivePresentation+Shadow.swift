internal import Bytes
internal import Streams

// A presentation that is only watched: what would be done is noted, and nothing is.
extension LivePresentation {
  /// Thinks of what `judge` would do with a poll, and passes the first answer as it came.
  ///
  /// A twin is asked where `judge` would ask one, for only its answer tells what would be done.
  mutating func watch(
    _ poll: inout PlaylistPoll, of name: Hash128, path: [UInt8], _ terms: Terms
  ) -> PlaylistDecision {
    var trial = self
    let decision = trial.judge(&poll, of: name, path: path, terms)
    guard let first = poll.sightings.first else { return .fail }
    let passes = decision == .send(sighting: 0, text: nil) && trial.epoch == epoch
    if case .ask = decision {
      self = trial
      return decision
    }
    if passes {
      self = trial
      return decision
    }
    note(trial, path, terms)
    var rendition = renditions[name] ?? LiveRendition(path: path, at: terms.now)
    rendition.sights = trial.renditions[name]?.sights ?? [:]
    rendition.follow(first, at: terms.now)
    renditions[name] = rendition
    servers = [first.server]
    numbering = EpochNumbering()
    return .send(sighting: 0, text: nil)
  }

  /// The same for its manifest.
  mutating func watch(_ poll: inout ManifestPoll, _ terms: Terms) -> ManifestDecision {
    var trial = self
    var terms = terms
    // Nothing that passes is changed, not even how often players come back.
    terms.twinCount = 1
    let decision = trial.judge(&poll, terms)
    guard let first = poll.sightings.first else { return .fail }
    if case .ask = decision {
      self = trial
      return decision
    }
    if decision == .send(sighting: 0, body: nil), trial.epoch == epoch {
      self = trial
      return decision
    }
    note(trial, root, terms)
    servers = [first.server]
    manifest = nil
    var alone = ManifestPoll()
    alone.add(first)
    _ = judge(&alone, terms)
    return .send(sighting: 0, body: nil)
  }

  /// What a trial came to is noted, and not done.
  private mutating func note(_ trial: LivePresentation, _ path: [UInt8], _ terms: Terms) {
    usedAt = terms.now
    timeline.now = terms.wall
    if trial.epoch == epoch {
      timeline.add(.wouldWithhold, rendition: path, once: true)
    } else {
      let isRestart = trial.server == server
      timeline.add(
        isRestart ? .wouldRestart : .wouldSwitch, from: server, to: trial.server, rendition: path,
        once: true)
    }
  }
}

extension LiveRendition {
  /// Viewers were sent what a server said, whatever they had seen before.
  fileprivate mutating func follow(_ sighting: PlaylistSighting, at now: Instant) {
    let before = history.edge?.number
    var passed = RenditionHistory()
    guard passed.take(sighting.text) != nil else { return }
    history = passed
    sent = sighting.text
    observed = sighting.text
    observedAt = sighting.at
    usedAt = now
    regressed = nil
    if before == history.edge?.number {
      idlePolls += 1
    } else {
      idlePolls = 0
      changedAt = now
    }
  }
}
