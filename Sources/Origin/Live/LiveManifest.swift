internal import Bytes
internal import Policy
internal import Streams

/// The manifest of a live DASH presentation: what viewers have seen, and how its servers stand.
struct LiveManifest: Sendable {
  /// How far a server had got when it was last seen.
  struct Sight: Sendable {
    var progress: ManifestProgress
    /// When it was first seen like this.
    var at: Instant
  }

  /// What was sent, and how it goes on; `nil` for a manifest that cannot be bridged.
  var bridge: ManifestBridge?
  /// The bytes that were sent last.
  var sent: [UInt8]?
  /// The epoch that they are of.
  var epoch = 0
  /// The present server's manifest as it last wrote it.
  var observed: Manifest?
  var observedAt = WallTime(milliseconds: 0)
  /// Up to when the present server's newest segment reached, in Unix time.
  var reached: Int64?
  /// When the edge of what was sent last moved.
  var changedAt: Instant
  /// Polls of the present server since then that showed nothing new.
  var idlePolls = 0
  var sights: [Int: Sight] = [:]
  /// Since when the present server's manifest goes back.
  var regressedSince: Instant?
  var hasEnded = false
  /// Segments that the present server should have and has not.
  var overdue = OverdueSegments()
  /// When servers were left for that.
  var leftBehind: [Int: Instant] = [:]
  /// How long its segments are.
  var segment = Milliseconds.zero

  /// The servers whose manifests were compared with the present one's, and since when.
  private var compared: ServerSet = []
  private var comparedAt: Instant?

  init(at now: Instant) { changedAt = now }

  /// The first of some servers whose manifest has not been looked at of late: it counts as
  /// compared from now on, whether it answers or not.
  mutating func nextToCompare(of servers: [Int], at now: Instant) -> Int? {
    if comparedAt.map({ now - $0 >= OriginLimits.compareAgain }) ?? true {
      (compared, comparedAt) = ([], now)
    }
    guard let next = servers.first(where: { !compared.contains($0) }) else { return nil }
    compared.insert(next)
    return next
  }

  /// Takes note of what a server said; tells what it is to what it said before.
  ///
  /// - Parameters:
  ///   - sighting: What it said.
  ///   - isOwn: It is the present server: where it went back, what it said before stays the
  ///     measure until an epoch begins.
  ///   - wall: Unix time.
  /// - Returns: `.advanced` for the first.
  mutating func note(
    _ sighting: ManifestSighting, isOwn: Bool, wall: WallTime
  ) -> ManifestProgress.Change {
    let progress = ManifestProgress(
      of: sighting.manifest, now: Milliseconds(wall.milliseconds))
    guard let before = sights[sighting.server] else {
      sights[sighting.server] = Sight(progress: progress, at: sighting.at)
      return .advanced
    }
    let change = progress.change(since: before.progress)
    if change == .regressed, isOwn { return change }
    let isSame = change == .unchanged
    sights[sighting.server] = Sight(progress: progress, at: isSame ? before.at : sighting.at)
    return change
  }

  /// Goes on from what was sent before the node stopped.
  mutating func restore(
    _ bridge: ManifestBridge, of server: Int, epoch: Int, at now: Instant, wall: WallTime
  ) {
    self.bridge = bridge
    self.epoch = epoch
    sent = bridge.lastSent
    observedAt = wall
    guard let sent, let manifest = Manifest.read(sent.span) else { return }
    segment = ManifestFacts.read(sent.span)?.segmentDuration ?? .zero
    let progress = ManifestProgress(of: manifest, now: Milliseconds(wall.milliseconds))
    sights[server] = Sight(progress: progress, at: now)
    reached = reach(of: server)
    // What was sent behind a switch has other times than what its server says.
    if bridge.isBridged { sights[server] = nil }
  }

  /// Up to when a server's newest segment reaches, in Unix time; `nil` where segments are due by
  /// the clock, whatever their server does.
  func reach(of server: Int) -> Int64? { sights[server]?.progress.reach }

  /// The same of a manifest that was just seen.
  static func reach(of sighting: ManifestSighting, wall: WallTime) -> Int64? {
    ManifestProgress(of: sighting.manifest, now: Milliseconds(wall.milliseconds)).reach
  }

  /// How the manifest of a twin stands to what was sent: by when its newest segment ends.
  ///
  /// A quarter of a segment is more than clocks differ, and less than a twin that goes on is ahead
  /// of one that has been late for a quarter.
  func lead(of twin: ManifestSighting) -> LiveRendition.Lead {
    guard let theirs = reach(of: twin.server), let reached else { return .unknown }
    return theirs &- reached >= max(1, twin.segment.count / 4) ? .ahead : .level
  }

  /// Whether the segments of a server are due by the clock: its manifest may rightly stay as it is.
  func isByClock(_ server: Int) -> Bool { sights[server]?.progress.isByClock ?? false }

  /// When the present server was last known to be whole, in Unix time.
  ///
  /// Nothing that was due later is named to viewers any more.
  func lastWhole(at now: Instant, _ wall: WallTime) -> Milliseconds {
    let seen = Milliseconds(observedAt.milliseconds)
    guard isBehind(at: now), let since = overdue.since else { return seen }
    // The first that was missing had been due for less than another one takes.
    let passed = (now - since).count &+ segment.count
    return min(seen, Milliseconds(wall.milliseconds &- passed))
  }

  /// Whether nothing new came for 1.25 segments, at two looks: players bear 1.5.
  ///
  /// Where segments are due by the clock, whether they are missing.
  func isLate(from server: Int, at now: Instant) -> Bool {
    isBehind(at: now)
      || idlePolls >= 2 && segment > .zero && !isByClock(server)
        && (now - changedAt).count * 4 >= segment.count * 5
  }
}

extension ManifestProgress {
  /// When the newest segment that is listed ends, in Unix time; `nil` where none is.
  fileprivate var reach: Int64? {
    guard !isByClock, let edge, let start = availabilityStartTime else { return nil }
    return edge.count &+ start.count
  }
}
