internal import Bytes

/// How long a server took for first bytes lately: a moving average, and a value.
///
/// What is long ago counts less and less, so that a server that was slow once is asked again.
struct Latency {
  private var average = 0
  private var seen = Instant(nanoseconds: 0)

  /// It took so long, in microseconds.
  mutating func add(_ microseconds: Int, at now: Instant) {
    let sample = max(1, microseconds)
    average = average == 0 ? sample : average + (sample - average) / OriginLimits.latencyDivisor
    seen = max(seen, now)
  }

  /// What may be expected; 0 where nothing is known.
  func microseconds(at now: Instant) -> Int {
    let idle = max(0, (now - seen).count)
    return average >> min(62, Int(idle / OriginLimits.latencyHalfLife.count))
  }
}
