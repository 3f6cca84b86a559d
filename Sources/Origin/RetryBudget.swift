internal import Bytes

/// How many more requests than fetches an origin may get: a value.
///
/// An origin that fails under load fails more under retries. So retries on another server, hedges
/// and resumptions of one origin are together at most a share of the fetches of the last seconds,
/// and a small number at rest (as Finagle's retry budget; Envoy's is of fetches that run).
struct RetryBudget {
  private var fetches = SlidingCount(seconds: OriginLimits.retryWindowSeconds)
  // A second longer than the fetches, so that no window of the length holds more than is allowed.
  private var retries = SlidingCount(seconds: OriginLimits.retryWindowSeconds + 1)

  /// A fetch begins.
  mutating func began(at now: Instant) { fetches.add(at: now) }

  /// Takes one retry; false where none is left.
  mutating func take(at now: Instant) -> Bool {
    let atRest = OriginLimits.retriesPerSecond * OriginLimits.retryWindowSeconds
    let share = fetches.count(at: now) * OriginLimits.retryPercent / 100
    guard retries.count(at: now) < atRest + share else { return false }
    retries.add(at: now)
    return true
  }
}

/// How often something happened in the last seconds, by whole seconds: a value.
struct SlidingCount {
  private var slots: [Int]
  private var second = Int64.min
  private var total = 0

  /// Counts over `seconds`, the present one included.
  init(seconds: Int) { slots = Array(repeating: 0, count: seconds) }

  /// It happened once more.
  mutating func add(at now: Instant) {
    advance(to: now)
    slots[place(of: second)] += 1
    total += 1
  }

  /// How often it happened.
  mutating func count(at now: Instant) -> Int {
    advance(to: now)
    return total
  }

  private func place(of second: Int64) -> Int { Int(second.magnitude % UInt64(slots.count)) }

  /// Drops what is too old; workers read their clocks apart, so time may seem to go back a little.
  private mutating func advance(to now: Instant) {
    let present = max(0, now.nanoseconds / 1_000_000_000)
    guard present > second else { return }
    let passed = second < 0 ? slots.count : Int(min(present - second, Int64(slots.count)))
    for step in 0..<passed {
      let old = place(of: present - Int64(step))
      total -= slots[old]
      slots[old] = 0
    }
    second = present
  }
}
