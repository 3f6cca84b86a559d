public import Bytes
internal import Loop
public import Policy
public import Streams

/// The live presentations of a node: which server each comes from, and what viewers have seen.
///
/// Any thread may call any method. Fills do, when they begin and when a playlist is whole; a hit
/// never does. What is decided here is decided for all workers.
public final class StreamBook: @unchecked Sendable {
  // Exception: unchecked, because `lock` guards all that changes.
  /// Where an object is to be fetched from.
  public struct Route: Equatable, Sendable {
    /// The server to ask, as an index into the origin's.
    public var server: Int
    /// The servers whose answer is as good as that server's, which is one of them.
    public var alike: ServerSet
    /// The servers that need not be asked before this one, for they are known to be down.
    public var passedOver: ServerSet = []
    /// Its presentation comes from another server by now, which doesn't have it.
    public var isLeft = false
    /// How long its first byte may take, where that is shorter than the origin's own limit.
    public var firstByte: Milliseconds?

    /// Another server's answer would be as good.
    public var mayGoElsewhere: Bool { alike.count > 1 }
  }

  /// One playlist of one presentation, as a Fill knows it.
  public struct Question: Sendable {
    /// The site.
    public var site: Int
    /// The hash of the playlist's key.
    public var name: Hash128
    /// Its path.
    public var path: [UInt8]
    /// The clocks.
    public var now: Instant
    /// The wall clock.
    public var wall: WallTime
    /// The state that is asked for; `nil` for the playlist as it is.
    public var reload: BlockingReload?

    /// A question for the playlist at `path`.
    public init(site: Int, name: Hash128, path: [UInt8], now: Instant, wall: WallTime) {
      self.site = site
      self.name = name
      self.path = path
      self.now = now
      self.wall = wall
    }
  }

  let lock = Lock()
  let snapshot: Snapshot
  let health: HealthBoard
  /// The rules that an operator switched off.
  public let switches: SwitchBoard
  /// The places of each origin's servers on the health board.
  let places: [[Int]]
  var presentations: [Hash128: LivePresentation] = [:]
  var names = StreamNames()
  /// The playlists that probes look at, by the hash of path and site.
  var watched: [Hash128: WatchedPlaylist] = [:]
  /// How far the templates of manifests have got.
  var edges = SegmentEdges()
  /// How often origins are asked for playlists and manifests.
  var busyPlaylists = BusyPlaylists()
  private let recorder: StreamRecorder
  /// The hashes by which records know each origin's servers, and the sites.
  private let serverNames: [[UInt64]]
  private let siteNames: [UInt64]

  /// Knows of the presentations that `recorder` has kept.
  public init(
    snapshot: Snapshot, health: HealthBoard, recorder: StreamRecorder = StreamRecorder(),
    now: Instant = Instant(nanoseconds: 0), wall: WallTime = WallTime(milliseconds: 0)
  ) {
    self.snapshot = snapshot
    self.health = health
    let origins = snapshot.origins
    switches = SwitchBoard(
      origins: origins.count, rewrites: Set(origins.indices.filter { origins[$0].rewrite }))
    self.recorder = recorder
    serverNames = snapshot.origins.map { $0.servers.map(StreamBook.hash(of:)) }
    siteNames = (0..<snapshot.siteCount).map { StreamBook.hash(ofSite: $0, in: snapshot) }
    places = snapshot.origins.map { origin in
      origin.servers.prefix(OriginLimits.serversMax).map {
        health.place(host: $0.host, port: $0.port)
      }
    }
    presentations = StreamBook.restored(recorder, snapshot, at: now, wall: wall)
    for (key, presentation) in presentations {
      for path in [presentation.root] + presentation.renditions.values.map(\.path) {
        names.note(path.span, site: presentation.site, presentation: key)
        names.noteDirectory(of: path.span, site: presentation.site, presentation: key)
      }
    }
  }

  // MARK: where to fetch

  /// Where an object is to be fetched from; `nil` where it belongs to no live presentation.
  ///
  /// - Parameters:
  ///   - path: The path of its target.
  ///   - site: The site.
  ///   - mark: The epoch that its URI is marked with.
  ///   - isManifest: It is a playlist or manifest.
  ///   - now: The clock.
  /// - Returns: The server of its epoch; for a manifest the present one, or the best other one
  ///   while that is known to be down.
  public func route(
    _ path: Span<UInt8>, site: Int, mark: Int?, isManifest: Bool, at now: Instant
  ) -> Route? {
    lock.lock()
    defer { lock.unlock() }
    guard let key = owner(of: path, site: site),
      let presentation = presentations[key]
    else { return isManifest ? watchedRoute(path, site: site, at: now) : nil }
    let origin = snapshot.site(site).origin
    guard !snapshot.origins[origin].shadow else { return nil }
    let twins = snapshot.origins[origin].twins
    guard isManifest else {
      return presentation.route(mark: mark, twins: twins, count: places[origin].count)
    }
    let own = ServerSet(only: presentation.server)
    var route = Route(server: presentation.server, alike: own)
    route.firstByte = presentation.patienceForAnswer
    let view = health.view(of: places[origin], at: now)
    if presentation.pinned != presentation.server, let sound = view.sound.first,
      view.usable.isDisjoint(with: own)
    {
      route.passedOver = own
      route.server = sound
    }
    return route
  }

  // MARK: what came

  /// Decides what becomes of a poll of a live media playlist.
  ///
  /// - Parameters:
  ///   - poll: What servers have answered so far.
  ///   - question: The playlist that was asked for.
  ///   - isHeld: Whether a segment that was sent can still be had from the cache, by its URI.
  /// - Returns: The decision, and what happened on the way, to be counted.
  public func judge(
    _ poll: inout PlaylistPoll, of question: Question, isHeld: ([UInt8]) -> Bool
  ) -> (decision: PlaylistDecision, events: [StreamEvent]) {
    lock.lock()
    defer { lock.unlock() }
    let path = question.path
    let (key, root) = place(of: path, site: question.site)
    let first = poll.sightings.first
    let isLive = first?.text.isLive
    guard var presentation = claim(key, root, question, first?.server, isLive: isLive)
    else { return (first == nil ? .fail : .send(sighting: 0, text: nil), []) }
    defer { keep(presentation, key, question.now) }
    return withoutActuallyEscaping(isHeld) { isHeld in
      let terms = terms(of: question, presentation, isHeld)
      let origin = snapshot.site(question.site).origin
      let decision =
        snapshot.origins[origin].shadow
        ? presentation.watch(&poll, of: question.name, path: path, terms)
        : presentation.judge(&poll, of: question.name, path: path, terms)
      if case .send(let index, let text) = decision {
        note(text ?? poll.sightings[index].text, of: question, key)
        let record = presentation.record(
          of: question.name, site: siteNames[question.site], servers: serverNames[origin],
          wall: question.wall)
        if let record { recorder.write(record) }
      }
      let events = presentation.timeline.takeUncounted()
      return (poll.withheld(decision, for: question.reload), events)
    }
  }

  /// Decides what becomes of a poll of a live DASH manifest.
  ///
  /// - Parameters:
  ///   - poll: What servers have answered so far.
  ///   - question: The manifest that was asked for.
  /// - Returns: The decision, and what happened on the way, to be counted.
  public func judge(
    _ poll: inout ManifestPoll, of question: Question
  ) -> (decision: ManifestDecision, events: [StreamEvent]) {
    lock.lock()
    defer { lock.unlock() }
    let path = question.path
    let key = StreamNames.hash(path.span, site: question.site)
    let first = poll.sightings.first
    guard var presentation = claim(key, path, question, first?.server, isLive: first?.isLive)
    else { return (first == nil ? .fail : .send(sighting: 0, body: nil), []) }
    names.note(path.span, site: question.site, presentation: key)
    names.noteDirectory(of: path.span, site: question.site, presentation: key)
    let origin = snapshot.site(question.site).origin
    let terms = terms(of: question, presentation) { _ in true }
    let before = (presentation.manifest?.sent, presentation.epoch)
    let decision =
      snapshot.origins[origin].shadow
      ? presentation.watch(&poll, terms) : presentation.judge(&poll, terms)
    if (presentation.manifest?.sent, presentation.epoch) != before {
      let record = presentation.manifestRecord(
        name: key, site: siteNames[question.site], servers: serverNames[origin], at: question)
      if let record { recorder.write(record) }
    }
    let events = presentation.timeline.takeUncounted()
    keep(presentation, key, question.now)
    return (decision, events)
  }

  /// Takes a presentation out of the book, or begins it where a server answered with what is live.
  private func claim(
    _ key: Hash128, _ root: [UInt8], _ question: Question, _ server: Int?, isLive: Bool?
  ) -> LivePresentation? {
    if let found = presentations.removeValue(forKey: key) { return found }
    guard let server, isLive ?? false else { return nil }
    var presentation = LivePresentation(root: root, server: server, at: question.now)
    presentation.site = question.site
    return presentation
  }

  /// What a playlist names that viewers have not been told of: to be fetched before they are.
  ///
  /// - Parameters:
  ///   - sighting: The playlist.
  ///   - question: What was asked for.
  /// - Returns: At most `OriginLimits.unseenMax` URIs as they are sent, the newest last; none where
  ///   no twin could stand in for a server that dies, for parts, or where nothing was sent yet.
  public func unseen(_ sighting: PlaylistSighting, of question: Question) -> [[UInt8]] {
    lock.lock()
    defer { lock.unlock() }
    let number = snapshot.site(question.site).origin
    guard places[number].count > 1, sighting.text.partTarget == nil,
      switches.isOn(.hold, origin: number), !snapshot.origins[number].shadow,
      let key = owner(of: question.path.span, site: question.site),
      let presentation = presentations[key], presentation.server == sighting.server
    else { return [] }
    return presentation.unseen(
      sighting.text, of: question.name, isMarked: snapshot.origins[number].twins != .sameBytes)
  }

  /// Learns from a multivariant playlist which playlists belong together.
  public func learn(_ playlist: MultivariantPlaylist, of question: Question, server: Int) {
    lock.lock()
    defer { lock.unlock() }
    let path = question.path
    let (key, root) = place(of: path, site: question.site)
    var presentation =
      presentations.removeValue(forKey: key)
      ?? LivePresentation(root: root, server: server, at: question.now)
    presentation.site = question.site
    presentation.usedAt = question.now
    names.note(path.span, site: question.site, presentation: key)
    names.noteDirectory(of: path.span, site: question.site, presentation: key)
    let uris = playlist.variants.map(\.uri) + playlist.media.compactMap(\.uri)
    for uri in uris {
      guard let path = NamedPart.resolve(uri, against: question.path.span) else { continue }
      adopt(path, into: &presentation, key, question.site)
    }
    keep(presentation, key, question.now)
  }

  /// A playlist that was known on its own belongs to a presentation: with what was sent of it.
  private func adopt(
    _ path: [UInt8], into presentation: inout LivePresentation, _ key: Hash128, _ site: Int
  ) {
    if let own = owner(of: path.span, site: site), own != key,
      let alone = presentations[own], alone.root == path
    {
      presentations[own] = nil
      presentation.take(alone)
    }
    names.note(path.span, site: site, presentation: key)
    names.noteDirectory(of: path.span, site: site, presentation: key)
  }

  /// Remembers what a playlist names: its media is fetched from the server that named it.
  private func note(_ text: PlaylistText, of question: Question, _ key: Hash128) {
    let path = question.path
    guard text.isLive else { return }
    names.note(path.span, site: question.site, presentation: key)
    names.noteDirectory(of: path.span, site: question.site, presentation: key)
    for segment in text.segments.suffix(StreamsLimits.historySegmentsMax) {
      guard let name = NamedPart.resolve(segment.uri, against: path.span) else { continue }
      names.note(name.span, site: question.site, presentation: key)
    }
  }

  private func keep(_ presentation: LivePresentation, _ key: Hash128, _ now: Instant) {
    presentations[key] = presentation
    guard presentations.count > OriginLimits.presentationsMax else { return }
    let oldest = presentations.min { $0.value.usedAt < $1.value.usedAt }
    if let oldest { presentations[oldest.key] = nil }
  }

  private func terms(
    of question: Question, _ presentation: LivePresentation, _ isHeld: @escaping ([UInt8]) -> Bool
  ) -> LivePresentation.Terms {
    let origin = snapshot.site(question.site).origin
    var terms = LivePresentation.Terms()
    terms.twins = snapshot.origins[origin].twins
    terms.isPinned = presentation.pinned == presentation.server
    terms.passesEnds = presentation.passesEnds
    terms.guards = switches.isOn(.guards, origin: origin)
    terms.twinCount = places[origin].count
    terms.now = question.now
    terms.wall = question.wall
    terms.isHeld = isHeld
    let view = health.view(of: places[origin], at: question.now)
    let others = places[origin].indices.filter { $0 != presentation.server }
    let servers = snapshot.origins[origin].servers
    let sound = others.filter(view.sound.union(view.open).contains)
    terms.candidates = sound.filter { !servers[$0].backup } + sound.filter { servers[$0].backup }
    if let pinned = presentation.pinned {
      terms.wanted = view.usable.contains(pinned) ? [pinned] : []
    } else if view.drained.contains(presentation.server) {
      terms.wanted = terms.candidates
    } else if let home = home(of: snapshot.origins[origin]), home != presentation.server,
      view.sound.contains(home), !view.drained.contains(home),
      presentation.begunAt.map({ question.now - $0 >= OriginLimits.returnAfter }) ?? true
    {
      terms.wanted = [home]
    }
    return terms
  }

  /// The server that presentations go back to by themselves; `nil` where they don't.
  private func home(of origin: OriginSettings) -> Int? {
    guard origin.returns == .auto, origin.usedPolicy == .latched else { return nil }
    return origin.servers.firstIndex { !$0.backup }
  }
}

extension PlaylistText {
  /// Whether it is a media playlist that goes on changing.
  var isLive: Bool { !hasEndlist && !isVOD }
}
