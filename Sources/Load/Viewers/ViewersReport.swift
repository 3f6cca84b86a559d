/// What `spillway load viewers` found.
public struct ViewersReport: Sendable {
  /// How it was asked.
  let settings: ViewersSettings
  /// What the players met with.
  public let tally: ViewerTally
  /// For how long, in nanoseconds.
  let nanoseconds: Int64
  /// Processor time of the tool itself, its origin included.
  let cpuNanoseconds: Int64
  /// Requests that reached the tool's own origin, and states of objects that they asked for.
  let origin: (requests: Int, publications: Int)?

  /// No request failed, no rule of streams was broken, and somebody saw a picture.
  public var isFine: Bool {
    tally.errors == 0 && tally.violations == 0 && tally.started > 0
  }

  /// The figures in the order of the table.
  public var figures: [Figure] {
    viewing + delivery + originFigures + [
      Figure("failed_connect", "connects failed", .count(tally.refused)),
      Figure("failed_status", "error statuses", .count(tally.badStatuses)),
      Figure("failed_malformed", "answers malformed", .count(tally.malformed)),
      Figure("failed_timeout", "requests unanswered", .count(tally.unanswered)),
      Figure("failed_unreadable", "playlists unreadable", .count(tally.unreadable)),
      Figure("violations_sequence", "sequence went back", .count(tally.wentBack)),
      Figure("violations_short", "segments cut short", .count(tally.short)),
      Figure("violations_stale", "playlists too old", .count(tally.stale)),
      Figure(
        "cpu_s", "CPU time of this tool", .thousandths(UInt64(cpuNanoseconds / 1_000_000)), "s"),
    ]
  }

  private var viewing: [Figure] {
    let watched = max(1, tally.played + tally.stalled)
    return [
      Figure("duration_s", "duration", .thousandths(UInt64(nanoseconds / 1_000_000)), "s"),
      Figure("players", "players", .count(tally.players)),
      Figure("started", "players who saw a picture", .count(tally.started)),
    ] + .percentiles("startup", "start-up", tally.startup) + [
      Figure(
        "rebuffering_percent", "rebuffering",
        .thousandths(UInt64(Double(tally.stalled) * 100_000 / Double(watched))), "%"),
      Figure("stalls", "stalls", .count(tally.stalls)),
      Figure(
        "longest_stall_s", "longest stall", .thousandths(UInt64(tally.longestStall / 1_000_000)),
        "s"),
      Figure("played_s", "played", .thousandths(UInt64(tally.played / 1_000_000)), "s"),
      Figure("switches", "rendition switches", .count(tally.switches)),
      Figure("missed", "segments missed", .count(tally.missed)),
    ] + .percentiles("latency", "live latency", tally.latency)
  }

  private var delivery: [Figure] {
    [
      Figure("segments", "segments", .count(tally.segments)),
      Figure("playlists", "playlists", .count(tally.updates)),
      Figure("cache_hits", "cache hits", .count(tally.hits)),
      Figure("body_bytes", "body bytes", .count(Int(clamping: tally.bodyBytes))),
      Figure(
        "body_mbit_per_second", "body Mbit/s",
        .thousandths(UInt64(Double(tally.bodyBytes) * 8 * 1e6 / Double(max(1, nanoseconds))))),
    ] + .percentiles("first_byte", "first byte", tally.firstByte)
      + .percentiles("fresh_first_byte", "first byte, fresh", tally.freshFirstByte)
      + .percentiles("playlist_age", "playlist age", tally.age)
  }

  private var originFigures: [Figure] {
    guard let origin else { return [] }
    let each = Double(origin.requests) / Double(max(1, origin.publications))
    return [
      Figure("origin_requests", "origin requests", .count(origin.requests)),
      Figure("origin_publications", "origin publications", .count(origin.publications)),
      Figure(
        "origin_requests_per_publication", "requests a publication",
        .thousandths(UInt64(each * 1000))),
    ]
  }
}
