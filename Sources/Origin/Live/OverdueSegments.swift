internal import Bytes

/// Segments that have been due for a while and that the present server of a presentation does not
/// have: how a frozen encoder shows under a manifest whose segments are numbered.
struct OverdueSegments: Sendable {
  private var first: (name: SegmentName, at: Instant)?
  private var newestAt = Instant(nanoseconds: 0)
  private var areTwo = false

  /// One is missing; one that was missing before, or so soon behind the first, tells nothing new.
  mutating func add(_ name: SegmentName, at now: Instant, apart pause: Milliseconds) {
    if now - newestAt > OriginLimits.overdueMemory { self = OverdueSegments() }
    newestAt = now
    guard let first else {
      self.first = (name, now)
      return
    }
    if first.name != name, now - first.at >= pause { areTwo = true }
  }

  /// When the first was missing.
  var since: Instant? { first?.at }

  /// The server has a segment: it goes on, unless that is older than those that are missing.
  mutating func clear(_ name: SegmentName) {
    guard let first, first.name.template == name.template, first.name.value <= name.value else {
      return
    }
    self = OverdueSegments()
  }

  /// Whether two were missing, one after the other, and nobody has seen that the server goes on.
  func areConfirmed(at now: Instant) -> Bool {
    areTwo && now - newestAt <= OriginLimits.overdueMemory
  }
}
