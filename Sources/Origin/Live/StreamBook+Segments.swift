public import Bytes
internal import Policy
public import Streams

// Segments of live presentations: where the edge of their template is, and what can be done about
// one that its server does not have.
extension StreamBook {
  /// A segment as a fetch knows it.
  public struct SegmentQuestion: Sendable {
    /// The site.
    public var site: Int
    /// The path of its target.
    public var path: [UInt8]
    /// The epoch that its URI is marked with.
    public var mark: Int?
    /// The clocks.
    public var now: Instant
    /// The wall clock.
    public var wall: WallTime

    /// A question for the segment at `path`.
    public init(site: Int, path: [UInt8], mark: Int?, now: Instant, wall: WallTime) {
      self.site = site
      self.path = path
      self.mark = mark
      self.now = now
      self.wall = wall
    }
  }

  /// What becomes of a fetch of a segment.
  public enum SegmentVerdict: Equatable, Sendable {
    /// The origin is asked; the name is there where a template makes the path.
    case ask(SegmentName?)
    /// The origin is being asked for another one: its answer is waited for.
    case wait
    /// It is not there yet.
    case refuse
  }

  /// What an origin said of a segment.
  public enum SegmentOutcome: Equatable, Sendable {
    /// It is there.
    case found
    /// It is not, which may be kept for so long.
    case missing(Milliseconds)
    /// Nothing.
    case unknown
  }

  /// Learns the templates of a manifest that is sent.
  ///
  /// - Parameters:
  ///   - manifest: What is sent, with the marks of epochs.
  ///   - question: What was asked for.
  public func learnSegments(of manifest: Manifest, _ question: Question) {
    guard !snapshot.origins[snapshot.site(question.site).origin].shadow else { return }
    let series = manifest.segmentSeries(
      path: question.path, now: Milliseconds(question.wall.milliseconds))
    guard !series.isEmpty else { return }
    let key = StreamNames.hash(question.path.span, site: question.site)
    lock.withLock {
      edges.learn(series, site: question.site, at: question.now)
      // A BaseURL may lead out of the directory of the manifest.
      for one in series {
        names.claimDirectory(of: one.path.prefix.span, site: question.site, presentation: key)
      }
    }
  }

  /// How a segment of a template stands.
  public enum SegmentStanding: Equatable, Sendable {
    /// It should be there; the newest is this one.
    case named(newest: UInt64)
    /// It is beyond the newest, which is this one, if there is any.
    case beyond(newest: UInt64?)
    /// The origin said a moment ago of it, or of an earlier one, that it is not there.
    case missing
  }

  /// How a segment stands, to be told; `nil` where no template makes its path.
  public func standing(of question: SegmentQuestion) -> SegmentStanding? {
    lock.lock()
    defer { lock.unlock() }
    guard
      let name = edges.name(
        of: question.path.span, site: question.site, epoch: question.mark ?? 0),
      let edge = edges[name]
    else { return nil }
    if edge.isMissing(name.value, at: question.now, wall: question.wall) { return .missing }
    guard let newest = edge.newest(at: question.wall), name.value <= newest else {
      return .beyond(newest: edge.newest(at: question.wall))
    }
    return .named(newest: newest)
  }

  /// Decides about a fetch before it begins.
  ///
  /// - Parameters:
  ///   - question: The segment.
  ///   - waiter: Who is told when it need not wait any longer; `nil` for one that cannot wait yet.
  /// - Returns: With a name, `note` has to be called once.
  public func ask(_ question: SegmentQuestion, waiter: SegmentWaiter?) -> SegmentVerdict {
    lock.lock()
    defer { lock.unlock() }
    guard
      let name = edges.name(
        of: question.path.span, site: question.site, epoch: question.mark ?? 0),
      let verdict = edges[name]?.ask(
        name.value, waiter: waiter, at: question.now, wall: question.wall)
    else { return .ask(nil) }
    switch verdict {
    case .ask: return .ask(name)
    case .wait: return .wait
    case .refuse: return .refuse
    }
  }

  /// Takes note of what an origin said of a segment.
  ///
  /// - Parameters:
  ///   - name: The segment.
  ///   - outcome: What its server said, and any twin that was asked.
  ///   - now: The clock.
  ///   - wall: The wall clock.
  /// - Returns: Who may ask again, the earliest segment first.
  public func note(
    _ name: SegmentName, _ outcome: SegmentOutcome, at now: Instant, wall: WallTime
  ) -> [SegmentWaiter] {
    let known: SegmentEdge.Outcome =
      switch outcome {
      case .found: .found
      case .missing(let length):
        .missing(
          min(OriginLimits.segmentMissingMax, max(OriginLimits.segmentMissingMin, length)))
      case .unknown: .unknown
      }
    return lock.withLock { edges[name]?.note(name.value, known, at: now, wall: wall) ?? [] }
  }

  // MARK: segments that their server does not have

  /// What can be done about a segment that its server does not have.
  public enum Recourse: Equatable, Sendable {
    /// Servers of the same timeline are asked.
    case twins(ServerSet)
    /// It is waited for, as long as this from the first answer on.
    case hold(Milliseconds)
    /// Viewers are told.
    case none
  }

  /// Says what can be done about a segment that its server does not have.
  ///
  /// A twin is asked only for a segment that should be there, or is the next: one that a playlist
  /// has named, that a manifest lists or that is due. Only the next one of a DASH presentation is
  /// held: players of HLS ask for what is listed and count the wait as a slow network (hls.js).
  ///
  /// - Parameters:
  ///   - question: The segment.
  ///   - name: Its name, where a template makes its path.
  ///   - asked: The servers that do not have it.
  /// - Returns: The best that can be done.
  public func recourse(
    for question: SegmentQuestion, _ name: SegmentName?, asked: ServerSet
  ) -> Recourse {
    lock.lock()
    defer { lock.unlock() }
    let origin = snapshot.site(question.site).origin
    guard !snapshot.origins[origin].shadow else { return .none }
    let path = question.path.span
    let isListed = names.isNamed(path, site: question.site)
    let isNamed = name.flatMap { edges[$0]?.isNamed($0.value, at: question.wall) } ?? false
    if isListed || isNamed,
      let key = names.presentation(of: path, site: question.site),
      let presentation = presentations[key]
    {
      let route = presentation.route(
        mark: question.mark, twins: snapshot.origins[origin].twins, count: places[origin].count)
      let others = route.alike.subtracting(asked)
      if !others.isEmpty { return .twins(others) }
    }
    guard !isListed, let name, switches.isOn(.hold, origin: origin),
      let patience = edges[name]?.patience(for: name.value, at: question.wall)
    else { return .none }
    return .hold(patience)
  }

  /// A segment was asked for at more than one moment or server, and this is what came of it.
  ///
  /// Numbered manifests do not tell whether their server goes on; only its newest segments do
  /// (streams rules, section 4). One that has been due for more than a quarter of its duration, and
  /// that its server does not have, is an observation; two make the presentation go over to a twin
  /// of its timeline that had both.
  ///
  /// - Parameters:
  ///   - name: The segment.
  ///   - question: The same as a question.
  ///   - asked: The servers that do not have it.
  ///   - server: The server that has it; `nil` for none.
  /// - Returns: What happened, to be counted.
  public func observed(
    _ name: SegmentName, _ question: SegmentQuestion, missingAt asked: ServerSet,
    foundAt server: Int?
  ) -> [StreamEvent] {
    lock.lock()
    defer { lock.unlock() }
    guard let key = names.presentation(of: question.path.span, site: question.site),
      presentations[key]?.manifest != nil, let edge = edges[name]
    else { return [] }
    let isOverdue = edge.isOverdue(name.value, at: question.wall)
    let pause = edge.duration.count / 4
    presentations[key]?.note(
      name, isOverdue: isOverdue, missingAt: asked, foundAt: server,
      LivePresentation.Observation(
        now: question.now, wall: question.wall, pause: Milliseconds(pause)))
    return presentations[key]?.timeline.takeUncounted() ?? []
  }
}
