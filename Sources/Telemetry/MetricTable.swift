/// The one table of everything that is counted: metrics, status and documentation are made from it.
///
/// A name is part of the product: it is changed only with a line in the change log.
public enum MetricTable {
  /// Every metric, in the order of the page.
  public static let families =
    viewers + requests + fills + streams + origins + cache + disk + volumes + node + process

  private typealias Series = MetricFamily.Series

  static func one(_ counter: Counter) -> MetricFamily.Source {
    .counters(label: "", [Series(counter: counter, label: "")])
  }

  static func by(_ label: String, _ series: [(Counter, String)]) -> MetricFamily.Source {
    .counters(label: label, series.map { Series(counter: $0.0, label: $0.1) })
  }

  private static let viewers: [MetricFamily] = [
    MetricFamily(
      "spillway_viewer_connections", .gauge, one(.viewerConnectionsActive),
      "Viewer connections open now."),
    MetricFamily(
      "spillway_viewer_connections_accepted_total", .counter, one(.viewerConnectionsAccepted),
      "Viewer connections accepted."),
    MetricFamily(
      "spillway_viewer_connections_closed_total", .counter, one(.viewerConnectionsClosed),
      "Viewer connections closed, by either side."),
    MetricFamily(
      "spillway_viewer_connections_refused_total", .counter, one(.viewerConnectionsRefused),
      "Viewer connections closed at once because a limit was reached."),
    MetricFamily(
      "spillway_accept_backoffs_total", .counter, one(.acceptBackOffs),
      "Pauses of accepting because descriptors or memory had run out."),
    MetricFamily(
      "spillway_viewer_received_bytes_total", .counter, .bytes, one(.viewerBytesReceived),
      "Bytes received from viewers, heads and bodies."),
  ]

  private static let requests: [MetricFamily] = [
    MetricFamily(
      "spillway_requests", .gauge, one(.requestsActive), "Requests being answered now."),
    MetricFamily(
      "spillway_requests_total", .counter, .requests,
      "Requests answered, by status and by what the cache had to do with it."),
    MetricFamily(
      "spillway_response_bytes_total", .counter, .bytes, .sentBytes,
      "Body bytes sent to viewers, by what the cache had to do with it."),
    MetricFamily(
      "spillway_time_to_first_byte_seconds", .histogram, .microseconds, .times(.toFirstByte),
      "Time from the whole request head to the first body byte sent."),
    MetricFamily(
      "spillway_request_duration_seconds", .histogram, .microseconds, .times(.whole),
      "Time from the whole request head to the last byte sent."),
    MetricFamily(
      "spillway_request_errors_total", .counter,
      by(
        "kind",
        [
          (.requestBadHead, "bad_request"), (.requestTooLarge, "too_large"),
          (.requestHeadTimeout, "head_timeout"), (.requestBodyTimeout, "body_timeout"),
          (.requestUnknownHost, "unknown_host"), (.requestLoop, "loop"),
          (.requestBadReload, "bad_reload"),
        ]),
      "Requests refused for a fault of their own, by kind."),
    MetricFamily(
      "spillway_responses_aborted_total", .counter,
      by(
        "side",
        [
          (.responseAbortedByViewer, "viewer"), (.responseAbortedByOrigin, "origin"),
          (.responseAbortedByEdge, "edge"),
        ]),
      "Responses cut after their head was sent, by the side that caused it."),
  ]

  private static let fills: [MetricFamily] = [
    MetricFamily("spillway_fills", .gauge, one(.fillsActive), "Fills running now."),
    MetricFamily(
      "spillway_fills_started_total", .counter, one(.fillsStarted),
      "Fills started: shared fetches of an object from its origin."),
    MetricFamily(
      "spillway_fills_finished_total", .counter,
      by(
        "outcome",
        [
          (.fillsSealed, "sealed"), (.fillsRevalidated, "revalidated"), (.fillsPassed, "passed"),
          (.fillsAborted, "aborted"),
        ]),
      "Fills ended: stored whole, confirmed by 304, found not shareable, or broken."),
    MetricFamily(
      "spillway_fill_resumptions_total", .counter,
      by(
        "outcome",
        [(.fillResumptions, "resumed"), (.fillResumptionsRefused, "refused")]),
      "Bodies that broke off: gone on with under a strong tag, or cut for want of that proof."),
    MetricFamily(
      "spillway_fills_refused_total", .counter, one(.fillsRefused),
      "Fills refused because no memory could be reserved in time."),
    MetricFamily(
      "spillway_fill_joins_total", .counter, one(.fillJoins),
      "Requests that joined a Fill in flight instead of asking the origin."),
    MetricFamily(
      "spillway_fill_waiters_released_total", .counter, one(.fillWaitersReleased),
      "Waiting requests set free because the answer turned out not to be shareable."),
    MetricFamily(
      "spillway_readers_lapped_total", .counter, one(.readersLapped),
      "Readers that fell out of the window of a Fill or object."),
  ]

  private static let cache: [MetricFamily] = [
    MetricFamily(
      "spillway_memory_used_bytes", .gauge, .bytes, .node(.memoryUsedBytes),
      "Bytes of the memory tier in use, Fills included."),
    MetricFamily(
      "spillway_memory_limit_bytes", .gauge, .bytes, .node(.memoryLimitBytes),
      "Bytes that the memory tier may use (cache.memory)."),
    MetricFamily(
      "spillway_memory_objects", .gauge, .node(.memoryObjects), "Objects in the memory tier."),
    MetricFamily(
      "spillway_memory_evictions_total", .counter, .node(.memoryEvictions),
      "Objects evicted from the memory tier to make room."),
    MetricFamily(
      "spillway_memory_admissions_refused_total", .counter, one(.memoryAdmissionsRefused),
      "Objects streamed but not kept, because they were too large or no room could be made."),
    MetricFamily(
      "spillway_pass_entries", .gauge, .node(.passEntries),
      "Keys remembered as not shareable."),
    MetricFamily(
      "spillway_purges_total", .counter,
      by(
        "scope",
        [
          (.purgesOfURL, "url"), (.purgesOfSite, "site"), (.purgesOfPrefix, "prefix"),
          (.purgesOfTag, "tag"),
        ]),
      "Purges accepted, by scope."),
    MetricFamily(
      "spillway_purge_sequence", .gauge, .node(.purgeSequence), "Sequence number of the last purge."
    ),
    MetricFamily(
      "spillway_containers_open_total", .counter, one(.containersOpen),
      "Bodies dropped because HTTP framing was whole but the media container was not."),
    MetricFamily(
      "spillway_container_checks_disabled_total", .counter, one(.containerChecksDisabled),
      "Directories whose container check was switched off for a while after repeated failures."),
  ]
}
