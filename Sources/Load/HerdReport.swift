/// What `spillway load herd` found.
public struct HerdReport: Sendable {
  /// How it was asked.
  let settings: HerdSettings
  /// Requests that reached the origin.
  public let originRequests: Int
  /// What came of the viewers' requests; first bytes of bodies, without the first viewer's.
  public let tally: HitTally
  /// How long behind the origin each piece had come.
  public let lag: Latencies

  /// Everybody had the whole object.
  public var isFine: Bool {
    tally.failures == 0 && tally.answers == settings.followers + 1
      && tally.statuses[2] == tally.answers
  }

  /// The figures in the order of the table.
  public var figures: [Figure] {
    [
      Figure("followers", "followers", .count(settings.followers)),
      Figure("answers", "answers", .count(tally.answers)),
      Figure("origin_requests", "origin requests", .count(originRequests)),
    ] + .percentiles("ttfb", "first byte", tally.firstByte)
      + .percentiles("lag", "lag", lag) + [
        Figure("failed_connect", "connects failed", .count(tally.refused)),
        Figure("failed_broken", "answers broken off", .count(tally.broken)),
        Figure("failed_malformed", "answers malformed", .count(tally.malformed)),
        Figure("failed_timeout", "viewers unanswered", .count(tally.unanswered)),
      ]
  }
}
