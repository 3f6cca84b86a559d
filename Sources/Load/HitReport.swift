/// What `spillway load hit` found.
public struct HitReport: Sendable {
  /// How it was asked.
  public let settings: HitSettings
  /// What came.
  public let tally: HitTally
  /// For how long, in nanoseconds.
  let nanoseconds: Int64
  /// Processor time of the tool itself.
  let cpuNanoseconds: Int64

  /// Everything was answered, and with a status below 400.
  public var isFine: Bool {
    tally.failures == 0 && tally.answers > 0 && tally.statuses[4] + tally.statuses[5] == 0
  }

  /// The figures in the order of the table.
  public var figures: [Figure] {
    [
      Figure("duration_s", "duration", .thousandths(UInt64(nanoseconds / 1_000_000)), "s"),
      Figure("connections", "connections", .count(settings.connections)),
      Figure("answers", "answers", .count(tally.answers)),
      Figure("answers_per_second", "answers a second", .thousandths(perSecond(tally.answers))),
      Figure("body_bytes", "body bytes", .count(Int(clamping: tally.bodyBytes))),
      Figure("body_mbit_per_second", "body Mbit/s", .thousandths(megabits)),
      Figure("cache_hits", "cache hits", .count(tally.hits)),
      Figure("status_2xx", "status 2xx", .count(tally.statuses[2])),
      Figure("status_3xx", "status 3xx", .count(tally.statuses[3])),
      Figure("status_4xx", "status 4xx", .count(tally.statuses[4])),
      Figure("status_5xx", "status 5xx", .count(tally.statuses[5])),
    ] + .percentiles("latency", "latency", tally.whole)
      + .percentiles("first_byte", "first byte", tally.firstByte) + [
        Figure("failed_connect", "connects failed", .count(tally.refused)),
        Figure("failed_broken", "answers broken off", .count(tally.broken)),
        Figure("failed_malformed", "answers malformed", .count(tally.malformed)),
        Figure("failed_timeout", "requests unanswered", .count(tally.unanswered)),
        Figure("failed_unsent", "requests not sent in time", .count(tally.unsent)),
        Figure("reconnects", "reconnects", .count(tally.reconnects)),
        Figure(
          "answers_per_cpu_second", "answers a CPU second of this tool",
          .thousandths(
            UInt64(Double(tally.answers) * 1e12 / Double(max(1, cpuNanoseconds))))),
      ]
  }

  private func perSecond(_ count: Int) -> UInt64 {
    UInt64(Double(count) * 1e12 / Double(nanoseconds))
  }

  private var megabits: UInt64 {
    UInt64(Double(tally.bodyBytes) * 8 * 1e6 / Double(nanoseconds))
  }
}
