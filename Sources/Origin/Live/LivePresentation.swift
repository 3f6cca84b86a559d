internal import Bytes
internal import Policy
internal import Streams

/// A live presentation and the one server that it comes from: playlists, segments and all.
///
/// It changes server in one step, for renditions of different packagers do not mix (RFC 8216bis
/// §6.2.4; ExoPlayer loads for ever, #9510). Each switch and each restart of the server begins an
/// epoch: its URIs are told apart by it, so that equal names do not collide.
struct LivePresentation: Sendable {
  /// What holds for a poll, from configuration, health and the operator.
  struct Terms {
    /// What the servers have in common.
    var twins = OriginSettings.Twins.auto
    /// Servers that may be asked instead of the present one, the best first.
    var candidates: [Int] = []
    /// How many servers there are.
    var twinCount = 1
    /// Whether the server may be left at all.
    var isPinned = false
    /// Servers that the operator wants instead of the present one, the best first; empty for none.
    var wanted: [Int] = []
    /// Whether an end is passed on, whatever twins say.
    var passesEnds = false
    /// Whether playlists that go back are withheld.
    var guards = true
    var now = Instant(nanoseconds: 0)
    var wall = WallTime(milliseconds: 0)
    /// Whether a segment that was sent can still be had, by its URI.
    var isHeld: ([UInt8]) -> Bool = { _ in true }

    /// The best of the candidates that a poll has not heard of; `nil` without one.
    func next<Sighting>(of poll: StreamPoll<Sighting>) -> Int? {
      candidates.first { !poll.hasAsked($0) }
    }
  }

  /// The path of the multivariant playlist or manifest, or of the only playlist.
  let root: [UInt8]
  /// The server of each epoch.
  var servers: [Int]
  var renditions: [Hash128: LiveRendition] = [:]
  /// Its manifest, where it is a DASH presentation.
  var manifest: LiveManifest?
  /// How renditions number the present server's playlists.
  var numbering: EpochNumbering?
  /// The present server's segments follow on those of the one before.
  private(set) var isSeamless = false
  /// Servers known to be of one timeline with the present one.
  var aligned: ServerSet = []
  /// The site, as an index.
  var site = 0
  /// The server that the operator wants, whatever is seen of it.
  var pinned: Int?
  /// The operator says that it is over.
  var passesEnds = false
  var timeline = StreamTimeline()
  var usedAt: Instant
  /// When the present epoch began; `nil` for the first.
  private(set) var begunAt: Instant?

  init(root: [UInt8], server: Int, at now: Instant) {
    self.root = root
    servers = [server]
    usedAt = now
  }

  /// The epoch: how often it has switched or restarted.
  var epoch: Int { servers.count - 1 }

  /// The server that it comes from.
  var server: Int { servers[servers.count - 1] }

  private mutating func keep(_ rendition: LiveRendition, _ name: Hash128) {
    renditions[name] = rendition
    guard renditions.count > OriginLimits.renditionsMax else { return }
    if let oldest = renditions.min(by: { $0.value.usedAt < $1.value.usedAt }) {
      renditions[oldest.key] = nil
    }
  }

  /// The server that the URIs of an epoch lead to; the present one for an epoch that is not known.
  func server(ofEpoch epoch: Int) -> Int {
    servers.indices.contains(epoch) ? servers[epoch] : server
  }

  /// The URIs of a playlist of the present server that are newer than what was sent of it.
  func unseen(_ text: PlaylistText, of name: Hash128, isMarked: Bool) -> [[UInt8]] {
    guard let history = renditions[name]?.history, history.epoch == epoch, let edge = history.edge
    else { return [] }
    var uris: [[UInt8]] = []
    for (index, segment) in text.segments.enumerated().suffix(OriginLimits.unseenMax) {
      guard let number = history.numbering.sent(text.sequence(at: index)), number > edge.number,
        !segment.isGap
      else { continue }
      uris.append(
        isMarked && epoch > 0 ? EpochMark.added(to: segment.uri, epoch: epoch) : segment.uri)
    }
    return uris
  }

  /// How long a playlist may be waited for: a quarter of a target duration, at most a second; a
  /// twin is asked after that.
  var patienceForAnswer: Milliseconds? {
    var targets = renditions.values.compactMap { $0.sent?.targetDuration.count }
    if let segment = manifest?.segment.count, segment > 0 { targets.append(segment) }
    guard let target = targets.max() else { return nil }
    return Milliseconds(min(1000, max(250, target / 4)))
  }

  /// Takes over a presentation that turned out to be one of its playlists.
  mutating func take(_ alone: LivePresentation) {
    if renditions.isEmpty {
      servers = alone.servers
      begunAt = alone.begunAt
      numbering = alone.numbering
      isSeamless = alone.isSeamless
      aligned = alone.aligned
      timeline = alone.timeline
      pinned = pinned ?? alone.pinned
      passesEnds = passesEnds || alone.passesEnds
    }
    for (name, rendition) in alone.renditions where alone.epoch == epoch {
      renditions[name] = rendition
    }
  }

  /// Decides what becomes of a poll of one of its playlists.
  mutating func judge(
    _ poll: inout PlaylistPoll, of name: Hash128, path: [UInt8], _ terms: Terms
  ) -> PlaylistDecision {
    var rendition = renditions.removeValue(forKey: name) ?? LiveRendition(path: path, at: terms.now)
    defer { keep(rendition, name) }
    rendition.usedAt = terms.now
    usedAt = terms.now
    timeline.now = terms.wall
    for sighting in poll.sightings.dropFirst(poll.noted) { rendition.note(sighting) }
    poll.noted = poll.sightings.count
    if renditions.isEmpty, rendition.history.edge == nil, epoch == 0,
      let first = poll.sightings.first
    {
      // Nothing was sent of it yet: whoever answers is its server.
      follow(first.server)
    }
    if let decision = judgeWanted(poll, &rendition, terms) { return decision }
    guard let own = poll.sighting(of: server) else {
      return judgeWithoutOwn(&poll, &rendition, terms)
    }
    learn(poll, own, rendition, terms)
    let text = poll.sightings[own].text
    if text.hasEndlist { return judgeEnd(poll, own, &rendition, terms) }
    guard rendition.history.epoch == epoch else {
      return send(own, of: poll, &rendition, terms)
    }
    switch rendition.history.standing(of: text) {
    case .advanced:
      return jumps(text, rendition, terms)
        ? judgeRegression(poll, own, &rendition, terms)
        : send(own, of: poll, &rendition, terms)
    case .unchanged: return judgeIdle(poll, own, &rendition, terms, resends: false)
    case .behind:
      if isWithheldTooLong(rendition, terms), rendition.sights[server]?.hasMoved ?? false {
        return judgeRegression(poll, own, &rendition, terms)
      }
      return judgeIdle(poll, own, &rendition, terms, resends: true)
    case .regressed: return judgeRegression(poll, own, &rendition, terms)
    }
  }
}

// MARK: twins

extension LivePresentation {
  /// Learns which servers are of one timeline with the present one.
  mutating func learn(
    _ poll: PlaylistPoll, _ own: Int, _ rendition: LiveRendition, _ terms: Terms
  ) {
    guard terms.twins == .auto, poll.sightings.count > 1 else { return }
    let mine = poll.sightings[own]
    for other in poll.sightings where other.server != server {
      let skew = Milliseconds(abs((other.at - mine.at).count))
      note(
        server: other.server,
        isAligned: TwinAlignment.isSameTimeline(mine.text, other.text, skew: skew))
    }
  }

  func isSameTimeline(
    _ rendition: LiveRendition, _ twin: PlaylistSighting, _ terms: Terms
  ) -> Bool {
    switch terms.twins {
    case .independent: return false
    case .sameTimeline, .sameBytes: return true
    case .auto:
      guard let mine = rendition.observed else { return false }
      let skew = twin.at - rendition.observedAt
      return TwinAlignment.isSameTimeline(mine, twin.text, skew: skew)
    }
  }

  /// Goes over to an epoch of `server`.
  mutating func begin(
    _ event: StreamEvent, server: Int, isSeamless: Bool, rendition: [UInt8], _ terms: Terms
  ) {
    timeline.add(event, from: self.server, to: server, rendition: rendition)
    // Whoever is of one timeline with the server that is left is so with its twin.
    aligned = isSeamless ? aligned.union(ServerSet(only: self.server)) : []
    aligned.remove(server)
    servers.append(server)
    begunAt = terms.now
    self.isSeamless = isSeamless
    numbering = nil
  }

  /// A server is of one timeline with the present one, or is not.
  mutating func note(server: Int, isAligned: Bool) {
    if isAligned { aligned.insert(server) } else { aligned.remove(server) }
  }

  /// Nothing was sent yet: this is the server that it comes from.
  mutating func follow(_ server: Int) { servers = [server] }

  /// The rendition by which another that was never sent is numbered.
  private var reference: LiveRendition? {
    renditions.values.filter { $0.history.edge != nil }.max { $0.changedAt < $1.changedAt }
  }
}

// MARK: what is sent

extension LivePresentation {
  /// Whether the URIs of the present epoch are marked: those of the first are as they came, and
  /// same bytes may share a name.
  private func mark(_ terms: Terms) -> Int? {
    epoch == 0 || terms.twins == .sameBytes ? nil : epoch
  }

  /// Sends an answer of the present server.
  mutating func send(
    _ index: Int, of poll: PlaylistPoll, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistDecision {
    let sighting = poll.sightings[index]
    let before = rendition.history
    guard let text = marked(sighting, terms),
      let sent = numbered(text, &rendition, terms)
    else {
      timeline.add(.passedUnchanged)
      return rendition.sent == nil
        ? .send(sighting: index, text: nil) : resend(index, &rendition, .passedUnchanged)
    }
    let hasMoved =
      before.edge?.number != rendition.history.edge?.number
      || sent.tailPartCount != rendition.sent?.tailPartCount
    if hasMoved || rendition.sent == nil {
      rendition.changedAt = terms.now
      rendition.idlePolls = 0
      rendition.regressed = nil
    }
    rendition.sent = sent
    rendition.observed = sighting.text
    rendition.observedAt = sighting.at
    if numbering == nil { numbering = rendition.history.numbering }
    return .send(sighting: index, text: sent == sighting.text ? nil : sent)
  }

  private func marked(_ sighting: PlaylistSighting, _ terms: Terms) -> PlaylistText? {
    guard let mark = mark(terms) else { return sighting.text }
    let rewrite = URIRewrite(authorities: [], pathPrefix: [], epoch: mark)
    return PlaylistText.read(rewrite.rewrite(sighting.body.span).span)
  }

  private mutating func numbered(
    _ text: PlaylistText, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistText? {
    if rendition.history.epoch == epoch, rendition.history.edge != nil {
      return rendition.history.take(text)
    }
    let counted = renditions.values.compactMap { $0.history.edge?.discontinuity }.max() ?? 0
    if numbering == nil, var edge = reference?.history.edge,
      rendition.history.edge.map({ $0.number &+ 1 < edge.number }) ?? true
    {
      // It was never sent, or not asked for of late: the others have got further.
      edge.discontinuity = max(edge.discontinuity, counted)
      let silence = reference.map { terms.now - $0.changedAt } ?? .zero
      let start = RenditionHistory.start(
        in: text, behind: edge, numbered: isSeamless ? reference?.history.numbering : nil,
        silence: silence)
      numbering = EpochNumbering(of: text, from: start, behind: edge, isSeamless: isSeamless)
    }
    return rendition.history.bridge(
      to: text, epoch: epoch, shared: numbering, counted: counted, isSeamless: isSeamless,
      silence: terms.now - rendition.changedAt, isHeld: { terms.isHeld($0.uri) })
  }

  /// Sends what was sent last, under the head of an answer.
  mutating func resend(
    _ index: Int, _ rendition: inout LiveRendition, _ event: StreamEvent?
  ) -> PlaylistDecision {
    if let event { timeline.add(event, once: true) }
    guard let sent = rendition.sent else { return .send(sighting: index, text: nil) }
    return .send(sighting: index, text: sent)
  }
}
