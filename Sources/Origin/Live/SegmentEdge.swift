internal import Bytes
internal import Streams

/// A fetch that waits for what the origin says of an earlier segment.
public struct SegmentWaiter: Hashable, Sendable {
  /// The worker whose it is.
  public let worker: Int
  /// The number by which that worker finds it.
  public let number: UInt32

  /// A fetch that waits.
  public init(worker: Int, number: UInt32) {
    self.worker = worker
    self.number = number
  }
}

/// The live edge of one template: which segments are known to be there, and which not yet.
///
/// Players that have run away ask for thousands of future segments a second (ffmpeg 5.1's DASH
/// demuxer does). The origin says of the first one that it is not there; until that may have
/// changed, later ones need not be asked for. Only what an origin said counts against a segment,
/// never the clock: an origin's may be ahead of ours.
struct SegmentEdge: Sendable {
  /// What becomes of a fetch.
  enum Verdict: Equatable {
    /// The origin is asked.
    case ask
    /// The origin is being asked for another one: what it says of that may tell enough.
    case wait
    /// It is not there: an earlier one was not, a moment ago.
    case refuse
  }

  /// What an origin said of a segment.
  enum Outcome: Equatable {
    /// It is there.
    case found
    /// It is not, which holds for so long.
    case missing(Milliseconds)
    /// Nothing.
    case unknown
  }

  /// The segments of the newest period that has such names, and of the one before.
  private(set) var series: [SegmentSeries] = []
  var usedAt: Instant
  /// The newest that an origin had.
  private var found: UInt64?
  /// The earliest beyond the edge that the origin did not have, and how long that holds.
  private var missing: (value: UInt64, until: Instant)?
  /// The one beyond the edge that it is being asked for, and since when.
  private var asked: (value: UInt64, since: Instant)?
  private var waiters: [(value: UInt64, waiter: SegmentWaiter)] = []

  /// Nothing is known.
  init(at now: Instant) { usedAt = now }

  /// A new manifest is sent.
  mutating func learn(_ series: [SegmentSeries], at now: Instant) {
    self.series = series
    usedAt = now
  }

  /// The newest segment that is known to be there: listed, due, or once answered.
  func newest(at wall: WallTime) -> UInt64? {
    let now = Milliseconds(wall.milliseconds)
    return max(found, series.compactMap { $0.newest(at: now) }.max())
  }

  /// Decides about a fetch of a segment.
  ///
  /// - Parameters:
  ///   - value: Its number, or its time.
  ///   - waiter: Who is told when it need not wait any longer.
  ///   - now: The clock.
  ///   - wall: The wall clock.
  /// - Returns: What becomes of it.
  mutating func ask(
    _ value: UInt64, waiter: SegmentWaiter?, at now: Instant, wall: WallTime
  ) -> Verdict {
    usedAt = now
    if let newest = newest(at: wall), value <= newest { return .ask }
    if isMissing(value, at: now, wall: wall) { return .refuse }
    // One question at a time; only the next segment waits for no later one.
    if let asked, asked.value <= value || !isNext(value, at: wall),
      now - asked.since < OriginLimits.segmentQuestionMax
    {
      guard let waiter else { return .wait }
      guard waiters.count < OriginLimits.segmentWaitersMax else { return .refuse }
      waiters.append((value, waiter))
      return .wait
    }
    asked = (value, now)
    return .ask
  }

  /// Whether an origin said a moment ago of it, or of an earlier one, that it is not there.
  func isMissing(_ value: UInt64, at now: Instant, wall: WallTime) -> Bool {
    guard let missing, now < missing.until, value >= missing.value else { return false }
    return newest(at: wall).map { value > $0 } ?? true
  }

  /// Takes note of what an origin said of a segment; tells who may ask again, the earliest first.
  mutating func note(
    _ value: UInt64, _ outcome: Outcome, at now: Instant, wall: WallTime
  ) -> [SegmentWaiter] {
    switch outcome {
    case .found:
      found = max(found, value)
      if let missing, missing.value <= value { self.missing = nil }
    case .missing(let length):
      let isHole = newest(at: wall).map { value <= $0 } ?? false
      let isKnown = missing.map { $0.value < value && now < $0.until } ?? false
      // Behind the next segment nothing comes so soon.
      let until = now + (isNext(value, at: wall) ? length : OriginLimits.segmentMissingMax)
      if !isHole, !isKnown { missing = (value, until) }
    case .unknown: break
    }
    if asked?.value == value { asked = nil }
    defer { waiters = [] }
    return waiters.sorted { $0.value < $1.value }.map(\.waiter)
  }

  /// How long a segment that is not there may be waited for: a quarter of its duration at most.
  ///
  /// - Returns: `nil` for one that is neither the newest that should be there nor the next.
  func patience(for value: UInt64, at wall: WallTime) -> Milliseconds? {
    let now = Milliseconds(wall.milliseconds)
    guard
      let series = series.first(where: { series in
        series.newest(at: now) == value || series.next(at: now) == value
      }), series.duration > .zero
    else { return nil }
    return min(Milliseconds(series.duration.count / 4), OriginLimits.segmentHoldMax)
  }

  /// Whether a segment should be there, or is the next that will be.
  func isNamed(_ value: UInt64, at wall: WallTime) -> Bool {
    if let newest = newest(at: wall), value <= newest { return true }
    return isNext(value, at: wall)
  }

  /// Whether a segment is the next one behind those that should be there.
  private func isNext(_ value: UInt64, at wall: WallTime) -> Bool {
    let now = Milliseconds(wall.milliseconds)
    return series.contains { series in
      series.next(at: now) == value || found.map { series.next(after: $0) == value } ?? false
    }
  }

  /// How long its segments are; zero where nothing says so.
  var duration: Milliseconds { series.first?.duration ?? .zero }

  /// Whether a segment has been due by the clock for more than a quarter of its duration.
  func isOverdue(_ value: UInt64, at wall: WallTime) -> Bool {
    let now = Milliseconds(wall.milliseconds)
    return series.contains { series in
      series.isOverdue(value, by: Milliseconds(series.duration.count / 4), at: now)
    }
  }

  /// The larger of two, of which each may be missing.
  private func max(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
    guard let one, let other else { return one ?? other }
    return Swift.max(one, other)
  }
}
