/// When the requests of an open loop are due: evenly, whatever becomes of them.
///
/// Latency counts from that time: a server that stalls for a second is not asked less in it, as by
/// a client that waits, so the stall shows in every request that it held up.
struct Schedule {
  private let start: Int64
  private let interval: Double
  /// Requests that were taken.
  private(set) var taken = 0
  private let last: Int

  /// - Parameters:
  ///   - start: when the first is due, in nanoseconds.
  ///   - rate: requests a second.
  ///   - nanoseconds: for how long.
  ///   - most: requests at most.
  init(start: Int64, rate: Double, nanoseconds: Int64, most: Int?) {
    self.start = start
    interval = 1_000_000_000 / rate
    last = min(most ?? .max, Int(Double(nanoseconds) / interval))
  }

  /// When the next request is due; `nil` after the last.
  var due: Int64? { taken < last ? start &+ Int64(Double(taken) * interval) : nil }

  /// Takes the next request, if it is due.
  mutating func take(at now: Int64) -> Int64? {
    guard let due, due <= now else { return nil }
    taken += 1
    return due
  }

  /// Requests that are due and were not taken.
  func overdue(at now: Int64) -> Int {
    max(0, min(last, Int(Double(now &- start) / interval) + 1) - taken)
  }
}
