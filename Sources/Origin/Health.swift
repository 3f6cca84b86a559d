internal import Bytes

/// Whether a server can be trusted, by what came of the fetches that it was asked for: a value.
///
/// A failure makes it suspect: it is asked only when no better one is left, and after a while one
/// fetch tries it. A good answer clears it; after `OriginLimits.failuresToDown` failures in a row
/// it is down, and up again only after `OriginLimits.successesToUp` good answers, which come one at
/// a time. So a server that hangs costs one fetch its time-out now and then, never all of them (a
/// parent marked up before its retry had answered kept receiving traffic: Apache Traffic Server
/// #13474).
public struct Health: Equatable, Sendable {
  /// How far a server is trusted.
  public enum State: UInt8, Sendable {
    /// It gets its share.
    case healthy
    /// It failed: last in the order until one good answer.
    case suspect
    /// It failed several times: last in the order.
    case down
    /// It was down and answers again: one fetch at a time, until there were enough good answers.
    case halfOpen

    /// Its word in status and logs.
    public var label: String {
      switch self {
      case .healthy: "healthy"
      case .suspect: "suspect"
      case .down: "down"
      case .halfOpen: "half-open"
      }
    }
  }

  /// How far it is trusted.
  public private(set) var state = State.healthy
  /// Failures since it was last healthy.
  public private(set) var failures = 0
  /// Good answers since it was down.
  private var successes = 0
  /// Answers in a row that were errors of the server.
  private var errorAnswers = 0
  /// Before this nothing tries it but what has no other choice.
  private var triedAgainAt = Instant(nanoseconds: .min)
  /// One fetch tries it just now.
  private var isTried = false
  /// When it came up again; `nil` for one that was never down.
  private var upSince: Instant?

  /// Healthy: nothing is known.
  public init() {}

  /// Whether one fetch may try it now although it is not healthy.
  func mayBeTried(at now: Instant) -> Bool {
    state != .healthy && !isTried && now >= triedAgainAt
  }

  /// A fetch is about to try it; false where it may not.
  mutating func beginTrial(at now: Instant) -> Bool {
    guard mayBeTried(at: now) else { return false }
    isTried = true
    if state == .down { state = .halfOpen }
    return true
  }

  /// The fetch that tried it ended without telling anything.
  mutating func endTrial() { isTried = false }

  /// A fetch failed; those that ran side by side count once.
  mutating func failed(at now: Instant, isTrial: Bool) {
    if isTrial { isTried = false }
    guard isTrial || state == .healthy || now >= triedAgainAt else { return }
    failures += 1
    successes = 0
    errorAnswers = 0
    upSince = nil
    state = failures >= OriginLimits.failuresToDown ? .down : .suspect
    triedAgainAt = now + Milliseconds(Health.pause(after: failures))
  }

  /// A whole answer came, and it was an error of the server (500, 502, 503, 504).
  ///
  /// One path that fails is no sick server: only several in a row are a failure.
  mutating func answeredError(at now: Instant, isTrial: Bool) {
    errorAnswers += 1
    guard isTrial || errorAnswers >= OriginLimits.errorAnswersToFail else { return }
    failed(at: now, isTrial: isTrial)
  }

  /// A whole answer came.
  mutating func succeeded(at now: Instant, isTrial: Bool) {
    if isTrial { isTried = false }
    errorAnswers = 0
    switch state {
    case .healthy: failures = 0
    case .suspect: recover()
    case .down, .halfOpen:
      state = .halfOpen
      successes += 1
      // The next one may try it at once.
      triedAgainAt = min(triedAgainAt, now)
      guard successes >= OriginLimits.successesToUp else { return }
      recover()
      upSince = now
    }
  }

  /// Which part of its share it gets, in thousandths: all but in the time after it came up.
  func share(at now: Instant) -> Int {
    guard let upSince else { return 1000 }
    let since = (now - upSince).count
    let ramp = OriginLimits.ramp.count
    return since >= ramp ? 1000 : max(50, Int(1000 * since / ramp))
  }

  /// How bad it is, to find the least bad one: fewer failures, then the earlier trial.
  var badness: (failures: Int, until: Int64) { (failures, triedAgainAt.nanoseconds) }

  /// How long until it is tried again, in milliseconds; zero for a healthy one.
  func wait(at now: Instant) -> Int64 {
    state == .healthy ? 0 : max(0, (triedAgainAt - now).count)
  }

  private mutating func recover() {
    state = .healthy
    failures = 0
    successes = 0
    triedAgainAt = Instant(nanoseconds: .min)
  }

  /// Milliseconds: 1 s after the first failure, then 2, 4, 5.
  private static func pause(after failures: Int) -> Int64 {
    min(
      OriginLimits.shunMax.count,
      OriginLimits.shunFirst.count << Int64(min(max(0, failures - 1), 8)))
  }
}
