internal import Bytes

/// Whether a server can be trusted, by what came of its fetches and probes: a value.
///
/// A failure makes it suspect: it is asked only when no better one is left, and after a while one
/// fetch tries it. A good answer clears it; after `OriginLimits.failuresToDown` failures in a row
/// it is down, and up again only after `OriginLimits.successesToUp` good answers, which come one at
/// a time. So a server that hangs costs one fetch its time-out now and then, never all of them (a
/// parent marked up before its retry had answered kept receiving traffic: Apache Traffic Server
/// #13474).
///
/// Where the server is probed, the probe is that one request and no fetch tries it: fetches that
/// fail still make it suspect or down at once, but only probes bring it up again. After
/// `ProbeRule.fall` failed ones in a row it is down, after `ProbeRule.rise` whole good answers up.
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

  /// How the probes of a server count.
  struct ProbeRule: Equatable {
    /// Failed probes in a row after which it is down.
    let fall: Int
    /// Passed probes in a row after which it is up again.
    let rise: Int
  }

  /// How far it is trusted.
  public private(set) var state = State.healthy
  /// How its probes count; `nil` where there are none.
  private let probes: ProbeRule?
  /// Failures of fetches since it was last healthy; where it is probed, since a fetch succeeded or
  /// it came up.
  private var fetchFailures = 0
  /// Failed probes in a row.
  private var probeFailures = 0
  /// Good answers since it was down.
  private var successes = 0
  /// Answers in a row that were errors of the server.
  private var errorAnswers = 0
  /// Before this nothing tries it but what has no other choice.
  private var triedAgainAt = Instant(nanoseconds: .min)
  /// One fetch, or a probe, tries it just now.
  private var isTried = false
  /// When it came up again; `nil` for one that was never down.
  private var upSince: Instant?

  /// Healthy: nothing is known.
  init(probes: ProbeRule? = nil) { self.probes = probes }

  /// Failures that speak against it now, of fetches and of probes.
  public var failures: Int { fetchFailures + probeFailures }

  /// Whether one fetch may try it now although it is not healthy.
  func mayBeTried(at now: Instant) -> Bool {
    probes == nil && state != .healthy && !isTried && now >= triedAgainAt
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
    fetchFailures += 1
    successes = 0
    errorAnswers = 0
    upSince = nil
    state = isDown || fetchFailures >= OriginLimits.failuresToDown ? .down : .suspect
    triedAgainAt = now + Milliseconds(Health.pause(after: fetchFailures))
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
    case .healthy: fetchFailures = 0
    case .suspect: recover()
    case .down, .halfOpen:
      // Fetches that had no better choice succeed too; where there are probes, they decide.
      if probes == nil { countSuccess(of: OriginLimits.successesToUp, at: now) }
    }
  }

  /// A probe is about to be sent; false where one is under way.
  mutating func beginProbe() -> Bool {
    precondition(probes != nil, "a server that is not probed was probed")
    guard !isTried else { return false }
    isTried = true
    return true
  }

  /// A probe failed: no whole answer in time, or not the one that was wanted.
  mutating func probeFailed(at now: Instant) {
    guard let probes else { preconditionFailure("a server that is not probed failed a probe") }
    isTried = false
    probeFailures += 1
    successes = 0
    guard isDown || probeFailures >= probes.fall else { return }
    state = .down
    upSince = nil
    triedAgainAt = max(triedAgainAt, now)
  }

  /// A probe got the whole answer that was wanted.
  mutating func probeSucceeded(at now: Instant) {
    guard let probes else { preconditionFailure("a server that is not probed passed a probe") }
    isTried = false
    probeFailures = 0
    switch state {
    case .healthy: break
    case .suspect:
      // The failures stay: one that answers probes and fails its viewers must end up down.
      if now >= triedAgainAt { state = .healthy }
    case .down, .halfOpen: countSuccess(of: probes.rise, at: now)
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

  /// How long until a fetch tries it again, in milliseconds.
  ///
  /// Zero for one that is healthy, and for one that is probed: no fetch does.
  func wait(at now: Instant) -> Int64 {
    state == .healthy || probes != nil ? 0 : max(0, (triedAgainAt - now).count)
  }

  /// It was down and is not up yet.
  var isDown: Bool { state == .down || state == .halfOpen }

  /// One more of the good answers in a row that bring a server up.
  private mutating func countSuccess(of wanted: Int, at now: Instant) {
    state = .halfOpen
    successes += 1
    // The next one may try it at once.
    triedAgainAt = min(triedAgainAt, now)
    guard successes >= wanted else { return }
    recover()
    upSince = now
  }

  private mutating func recover() {
    state = .healthy
    fetchFailures = 0
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
