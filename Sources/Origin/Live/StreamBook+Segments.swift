public import Bytes
internal import Policy
public import Streams

// Segments of live DASH, which manifests name by a template: where their edge is.
extension StreamBook {
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
    lock.withLock { edges.learn(series, site: question.site, at: question.now) }
  }

  /// Decides about a fetch before it begins.
  ///
  /// - Parameters:
  ///   - path: The path of its target.
  ///   - site: The site.
  ///   - mark: The epoch that its URI is marked with.
  ///   - waiter: Who is told when it need not wait any longer; `nil` for one that cannot wait yet.
  ///   - now: The clock.
  ///   - wall: The wall clock.
  /// - Returns: With a name, `note` has to be called once.
  public func ask(
    forSegment path: Span<UInt8>, site: Int, mark: Int?, waiter: SegmentWaiter?, at now: Instant,
    wall: WallTime
  ) -> SegmentVerdict {
    lock.lock()
    defer { lock.unlock() }
    guard let name = edges.name(of: path, site: site, epoch: mark ?? 0),
      let verdict = edges[name]?.ask(name.value, waiter: waiter, at: now, wall: wall)
    else { return .ask(nil) }
    switch verdict {
    case .ask: return .ask(name)
    case .wait: return .wait
    case .refuse: return .refuse
    }
  }

  /// Takes note of what an origin said of a segment.
  ///
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
}
