internal import Bytes

/// What a worker remembers of a server's failures: it is put last for 1 s, then 2, 4, 5.
///
/// Passive and forgetful on purpose: one good answer clears it.
struct FailureMemory: Equatable {
  private var failures = 0
  private var shunnedUntil = Instant(nanoseconds: .min)

  /// Whether the server is to be put last at `now`.
  func isFailing(at now: Instant) -> Bool { now < shunnedUntil }

  /// Notes a failure; those of fetches that ran side by side count once.
  mutating func failed(at now: Instant) {
    guard !isFailing(at: now) else { return }
    let length = min(
      OriginLimits.shunMax.count, OriginLimits.shunFirst.count << Int64(min(failures, 8)))
    failures += 1
    shunnedUntil = now + Milliseconds(length)
  }

  /// Notes a complete answer.
  mutating func succeeded() {
    failures = 0
    shunnedUntil = Instant(nanoseconds: .min)
  }
}
