extension MetricTable {
  static let origins: [MetricFamily] = [
    MetricFamily(
      "spillway_origin_requests_total", .counter, one(.originRequests),
      "Requests sent to origins, retries included."),
    MetricFamily(
      "spillway_origin_responses_total", .counter,
      by(
        "status",
        [
          (.originResponses1xx, "1xx"), (.originResponses2xx, "2xx"), (.originResponses3xx, "3xx"),
          (.originResponses4xx, "4xx"), (.originResponses5xx, "5xx"),
        ]),
      "Response heads received from origins, by class."),
    MetricFamily(
      "spillway_origin_errors_total", .counter,
      by(
        "kind",
        [
          (.originConnectRefused, "connect_refused"), (.originConnectTimeout, "connect_timeout"),
          (.originFirstByteTimeout, "first_byte_timeout"), (.originStall, "stall"),
          (.originReset, "reset"), (.originBadHead, "bad_head"), (.originTruncated, "truncated"),
          (.originBadChunk, "bad_chunk"), (.originNameUnresolved, "dns"),
        ]),
      "Origin requests that failed, by kind."),
    MetricFamily(
      "spillway_origin_retries_total", .counter,
      by(
        "reason",
        [
          (.originRetriesReusedConnection, "reused_connection"),
          (.originRetriesNextServer, "next_server"),
        ]),
      "Origin requests repeated: a kept connection had died, or the next server was asked."),
    MetricFamily(
      "spillway_origin_retries_refused_total", .counter, one(.originRetriesRefused),
      "Retries on another server and resumptions that were not made: the origin's budget of "
        + "retries was used up."),
    MetricFamily(
      "spillway_origin_hedges_total", .counter,
      by(
        "outcome",
        [
          (.originHedgesStarted, "started"), (.originHedgesWon, "won"),
          (.originHedgesRefused, "refused"),
        ]),
      "Second servers asked because the first was late; those whose answer was taken; and those "
        + "not asked for want of budget."),
    MetricFamily(
      "spillway_origin_fetches_waiting", .gauge, one(.originFetchesWaiting),
      "Fetches that wait now because their origin has max_fills running."),
    MetricFamily(
      "spillway_origin_fetches_queued_total", .counter, one(.originFetchesQueued),
      "Fetches that had to wait because their origin had max_fills running."),
    MetricFamily(
      "spillway_origin_fetches_refused_total", .counter, one(.originFetchesRefused),
      "Fetches that failed with 503: they waited in vain for their origin, or too many waited."),
    MetricFamily(
      "spillway_origin_server_healthy", .gauge, .serverHealth,
      "1 while the server gets its share of fetches, 0 while it is suspect, down or half open."),
    MetricFamily(
      "spillway_origin_server_drained", .gauge, .serverDrained,
      "1 while an operator drains the server."),
    MetricFamily(
      "spillway_origin_rule_on", .gauge, .rules,
      "1 while the rule holds for the origin, 0 while it is off."),
    MetricFamily(
      "spillway_origin_probes_total", .counter, .serverProbes,
      "Health probes of each server that ended, by what came of them."),
    MetricFamily(
      "spillway_origin_received_bytes_total", .counter, .bytes, one(.originBytesReceived),
      "Bytes received from origins, heads and bodies."),
    MetricFamily(
      "spillway_origin_sent_bytes_total", .counter, .bytes, one(.originBytesSent),
      "Bytes sent to origins, heads and bodies."),
    MetricFamily(
      "spillway_origin_connections", .gauge, one(.originConnectionsActive),
      "Origin connections open now, idle ones included."),
    MetricFamily(
      "spillway_origin_connections_opened_total", .counter, one(.originConnectionsOpened),
      "Origin connections made."),
    MetricFamily(
      "spillway_origin_connections_reused_total", .counter, one(.originConnectionsReused),
      "Origin requests sent over a kept connection."),
  ]

  static let node: [MetricFamily] = [
    MetricFamily("spillway_workers", .gauge, .node(.workers), "Worker threads."),
    MetricFamily(
      "spillway_loop_turns_total", .counter, one(.turns), "Turns of the workers' event loops."),
    MetricFamily(
      "spillway_loop_messages_total", .counter, one(.messages),
      "Messages taken from the workers' mailboxes."),
    MetricFamily(
      "spillway_loop_stalls_total", .counter,
      by(
        "step",
        [
          (.stallsInSockets, "sockets"), (.stallsInMailbox, "mailbox"),
          (.stallsInTimers, "timers"), (.stallsInEndOfTurn, "end_of_turn"),
        ]),
      "Steps of a turn that held the event loop too long."),
    MetricFamily(
      "spillway_snapshots_alive", .gauge, .node(.snapshotsAlive),
      "Configuration snapshots still held; more than four means that an exchange hangs."),
    MetricFamily(
      "spillway_access_log_records_total", .counter, .node(.accessRecordsWritten),
      "Access records written to the log."),
    MetricFamily(
      "spillway_access_log_dropped_total", .counter, one(.accessRecordsDropped),
      "Access records dropped because a worker's ring was full."),
    MetricFamily(
      "spillway_access_log_write_errors_total", .counter, .node(.accessWriteErrors),
      "Writes of the access log that failed; their records are lost."),
    MetricFamily(
      "spillway_error_log_suppressed_total", .counter, .node(.errorLinesSuppressed),
      "Lines of the error log left out by its rate limit."),
  ]

  static let process: [MetricFamily] = [
    MetricFamily(
      "process_cpu_seconds_total", .counter, .microseconds, .node(.processMicroseconds),
      "Total user and system CPU time spent in seconds."),
    MetricFamily(
      "process_resident_memory_bytes", .gauge, .bytes, .node(.processResidentBytes),
      "Resident memory size in bytes."),
    MetricFamily(
      "process_virtual_memory_bytes", .gauge, .bytes, .node(.processVirtualBytes),
      "Virtual memory size in bytes."),
    MetricFamily(
      "process_open_fds", .gauge, .node(.processDescriptors), "Number of open file descriptors."),
    MetricFamily(
      "process_max_fds", .gauge, .node(.processDescriptorsMax),
      "Maximum number of open file descriptors."),
    MetricFamily(
      "process_start_time_seconds", .gauge, .milliseconds, .node(.processStartMilliseconds),
      "Start time of the process since unix epoch in seconds."),
  ]
}
