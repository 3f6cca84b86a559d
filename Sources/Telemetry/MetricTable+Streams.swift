// What is counted of live presentations.
extension MetricTable {
  static let streams: [MetricFamily] = [
    MetricFamily(
      "spillway_fills_prefetched_total", .counter, one(.fillsPrefetched),
      "Segments fetched before the playlist that names them was published."),
    MetricFamily(
      "spillway_segments_missing_total", .counter,
      by(
        "outcome",
        [(.segmentsRefused, "not_yet"), (.segmentsFromTwin, "twin"), (.segmentsHeld, "held")]),
      "Live segments not there: 404 by the node, had by another server, or there when held."),
    MetricFamily(
      "spillway_stream_presentations", .gauge, .origin(.presentations),
      "Live presentations that are known."),
    MetricFamily(
      "spillway_stream_presentations_stale", .gauge, .origin(.stale),
      "Live presentations with a playlist that was late when it was asked for last."),
    MetricFamily(
      "spillway_stream_lag_seconds", .gauge, .milliseconds, .origin(.lagMilliseconds),
      "How far a server of a live presentation was behind its best one, at most."),
    MetricFamily(
      "spillway_stream_switches_total", .counter,
      by("reason", [(.streamSwitches, "switched"), (.streamRestarts, "restarted")]),
      "Live presentations that went on from another server, or from one that began anew."),
    MetricFamily(
      "spillway_stream_twins_asked_total", .counter, one(.streamTwinsAsked),
      "Playlists of another server fetched to see whether it is ahead."),
    MetricFamily(
      "spillway_stream_playlists_withheld_total", .counter,
      by(
        "reason", [(.streamRegressionsWithheld, "regression"), (.streamEndsWithheld, "end")]),
      "Playlists not passed on because they went back, or ended while a twin goes on."),
    MetricFamily(
      "spillway_stream_stale_playlists_total", .counter, one(.streamStale),
      "Polls of live playlists that were late with no twin ahead."),
    MetricFamily(
      "spillway_stream_ends_total", .counter, one(.streamEnds),
      "Live playlists whose end was passed on."),
    MetricFamily(
      "spillway_stream_shadow_total", .counter,
      by(
        "verdict",
        [
          (.streamWouldSwitch, "switched"), (.streamWouldRestart, "restarted"),
          (.streamWouldWithhold, "withheld"),
        ]),
      "What would have been done about live presentations of origins with shadow = true."),
    MetricFamily(
      "spillway_stream_passed_unchanged_total", .counter, one(.streamPassedUnchanged),
      "Playlists that could not be numbered on and passed as they came, or were withheld."),
    MetricFamily(
      "spillway_rewrites_total", .counter,
      by("outcome", [(.rewritesMade, "made"), (.rewritesRefused, "refused")]),
      "Playlists, manifests and redirects whose URLs of the origin became paths, or that pass as "
        + "they came: they are encoded, too long or cannot be read."),
    MetricFamily(
      "spillway_reloads_total", .counter,
      by(
        "outcome",
        [
          (.reloadsFromState, "known"), (.reloadsAskedAgain, "asked_again"),
          (.reloadsOvertaken, "overtaken"), (.reloadsTimedOut, "timeout"),
        ]),
      "Blocking playlist reloads that were not simply answered by the origin, by what came of them."
    ),
    MetricFamily(
      "spillway_delta_updates_total", .counter, one(.deltaUpdatesMade),
      "Delta updates made from full playlists."),
    MetricFamily(
      "spillway_gzips_total", .counter, one(.gzipsMade),
      "Playlists and manifests that were compressed, once per publication."),
  ]
}
