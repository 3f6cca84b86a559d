public import Bytes

/// What happened to a presentation, for the operator: the newest `OriginLimits.timelineMax` events.
struct StreamTimeline: Sendable {
  /// The wall clock of what is added next.
  var now = WallTime(milliseconds: 0)
  private(set) var entries: [StreamTimelineEntry] = []
  /// What was added since the driver last took it, for its counters.
  private var uncounted: [StreamEvent] = []

  /// Adds an event; with `once` not if it is what happened last.
  mutating func add(
    _ event: StreamEvent, from: Int? = nil, to: Int? = nil, rendition: [UInt8] = [],
    order: String = "", once: Bool = false
  ) {
    let isOld = once && entries.last?.event == event
    // What would be done is thought of anew at each poll, for nothing was.
    if event != .ordered, !(isOld && event.isOfShadow) { uncounted.append(event) }
    if event == .twinAsked || isOld { return }
    if entries.count >= OriginLimits.timelineMax { entries.removeFirst() }
    entries.append(
      StreamTimelineEntry(
        event: event, at: now, from: from, to: to, rendition: rendition, order: order))
  }

  /// Takes what was added since this was last called.
  mutating func takeUncounted() -> [StreamEvent] {
    defer { uncounted = [] }
    return uncounted
  }
}

/// One event of a presentation.
public struct StreamTimelineEntry: Sendable, Equatable {
  /// What happened.
  public let event: StreamEvent
  /// When.
  public let at: WallTime
  /// The server that it came from before, as an index into its origin's.
  public let from: Int?
  /// The server that it comes from now.
  public let to: Int?
  /// The playlist that showed it; empty for the whole presentation.
  public let rendition: [UInt8]
  /// What an operator ordered; empty for all else.
  public let order: String
}

extension StreamEvent {
  /// It was thought of, and not done.
  var isOfShadow: Bool {
    switch self {
    case .wouldSwitch, .wouldRestart, .wouldWithhold: true
    case .switched, .restarted, .regressionWithheld, .endWithheld, .ended, .stale, .twinAsked,
      .passedUnchanged, .ordered:
      false
    }
  }
}
