public import Telemetry

/// What `spillway status` shows: a snapshot of the node, for people and, as JSON, for programs.
public struct StatusReport: Sendable {
  /// The node's name.
  public let node: String
  /// The version that runs.
  public let version: String
  /// How long the node has been up.
  public let uptimeSeconds: UInt64
  /// The counters of all threads.
  let telemetry: NodeTelemetry
  /// What is known once per node, and once per volume.
  let values: NodeValues
  /// What else is known of the disk tier; `nil` without volumes.
  let disk: DiskStatus?
  /// What else is known of live presentations; `nil` where nobody asked.
  let streams: StreamStatus?

  /// Takes a snapshot's parts; the counters are read when the report is written.
  public init(
    node: String, version: String, uptimeSeconds: UInt64, telemetry: NodeTelemetry,
    values: NodeValues, disk: DiskStatus? = nil, streams: StreamStatus? = nil
  ) {
    self.streams = streams
    self.disk = disk
    self.node = node
    self.version = version
    self.uptimeSeconds = uptimeSeconds
    self.telemetry = telemetry
    self.values = values
  }

  /// Of the requests that wanted an object, how many of a thousand needed no fetch of their own.
  ///
  /// Hits, stale and revalidated answers and joined Fills count as found; refused requests
  /// (`none`) do not count at all.
  public var hitThousandths: UInt64 {
    var found: UInt64 = 0
    var asked: UInt64 = 0
    for cache in CacheResult.allCases where cache != .none {
      let count = telemetry.requests(cache: cache)
      asked &+= count
      switch cache {
      case .hit, .stale, .revalidated, .joined: found &+= count
      case .miss, .pass, .bypass, .error, .none: break
      }
    }
    return asked == 0 ? 0 : found &* 1000 / asked
  }

  /// The report as JSON, one object on one line.
  public var json: String {
    var writer = JSONWriter()
    writer.object { report in
      report.member("node", node)
      report.member("version", version)
      report.member("uptime_seconds", uptimeSeconds)
      report.member("workers", values[.workers])
      writeRequests(to: &report)
      writeFills(to: &report)
      writeOrigin(to: &report)
      writeStreams(to: &report)
      report.object("memory") { memory in
        memory.member("used_bytes", values[.memoryUsedBytes])
        memory.member("limit_bytes", values[.memoryLimitBytes])
        memory.member("objects", values[.memoryObjects])
        memory.member("evictions", values[.memoryEvictions])
        memory.member("admissions_refused", telemetry.total(.memoryAdmissionsRefused))
      }
      writeDisk(to: &report)
      report.member("purge_sequence", values[.purgeSequence])
      report.member("snapshots_alive", values[.snapshotsAlive])
      report.member("access_records_dropped", telemetry.total(.accessRecordsDropped))
      report.object("process") { process in
        process.member("cpu_seconds", thousandths: values[.processMicroseconds] / 1000)
        process.member("resident_bytes", values[.processResidentBytes])
        process.member("open_descriptors", values[.processDescriptors])
      }
    }
    return writer.finish()
  }

  /// The report for people, one line per subject.
  public var text: String {
    let sent = CacheResult.allCases.reduce(0) { $0 &+ telemetry.sentBytes(cache: $1) }
    var text = TextBuffer(capacity: 1024)
    text.append(text: "\(node), Spillway \(version), up \(uptimeSeconds) s, ")
    text.append(text: "\(values[.workers]) workers\n")
    text.append(text: "viewers    \(telemetry.total(.viewerConnectionsActive)) connections, ")
    text.append(text: "\(telemetry.total(.requestsActive)) requests now, \(answered) answered\n")
    text.append(text: "cache      \(hitThousandths / 10).\(hitThousandths % 10) % found, ")
    text.append(
      text: "\(values[.memoryObjects]) objects, \(Self.size(values[.memoryUsedBytes])) of ")
    text.append(text: "\(Self.size(values[.memoryLimitBytes]))\n")
    text.append(text: "sent       \(Self.size(sent)) to viewers, ")
    text.append(text: "\(Self.size(telemetry.total(.originBytesReceived))) received from origins\n")
    text.append(text: "fills      \(telemetry.total(.fillsActive)) now, ")
    text.append(text: "\(telemetry.total(.fillsStarted)) started, ")
    text.append(text: "\(telemetry.total(.fillJoins)) joins, ")
    text.append(text: "\(telemetry.total(.fillsAborted)) aborted\n")
    text.append(text: "origins    \(telemetry.total(.originRequests)) requests, ")
    text.append(text: "\(originErrors) errors, \(telemetry.total(.originConnectionsActive)) ")
    text.append("connections\n")
    for server in values.servers { appendServer(server, to: &text) }
    appendStreams(to: &text)
    appendDisk(to: &text)
    return text.string
  }

  private var answered: UInt64 {
    CacheResult.allCases.reduce(0) { $0 &+ telemetry.requests(cache: $1) }
  }

  /// The counters of origin errors with their words, as the table declares them.
  private var originErrorSeries: [MetricFamily.Series] {
    for family in MetricTable.families where family.name == "spillway_origin_errors_total" {
      if case .counters(_, let series) = family.source { return series }
    }
    preconditionFailure("the table declares no origin errors")
  }

  private var originErrors: UInt64 {
    originErrorSeries.reduce(0) { $0 &+ telemetry.total($1.counter) }
  }

  private func writeRequests(to report: inout JSONWriter) {
    report.object("viewers") { viewers in
      viewers.member("connections", telemetry.total(.viewerConnectionsActive))
      viewers.member("requests_active", telemetry.total(.requestsActive))
      viewers.member("received_bytes", telemetry.total(.viewerBytesReceived))
    }
    report.member("hit_ratio", thousandths: hitThousandths)
    report.object("requests") { requests in
      requests.member("total", answered)
      for cache in CacheResult.allCases {
        requests.member("\(cache.label)", telemetry.requests(cache: cache))
      }
    }
    report.object("sent_bytes") { sent in
      for cache in CacheResult.allCases {
        sent.member("\(cache.label)", telemetry.sentBytes(cache: cache))
      }
    }
  }

  private func writeFills(to report: inout JSONWriter) {
    report.object("fills") { fills in
      fills.member("active", telemetry.total(.fillsActive))
      fills.member("started", telemetry.total(.fillsStarted))
      fills.member("sealed", telemetry.total(.fillsSealed))
      fills.member("aborted", telemetry.total(.fillsAborted))
      fills.member("refused", telemetry.total(.fillsRefused))
      fills.member("joins", telemetry.total(.fillJoins))
    }
  }

  private func writeOrigin(to report: inout JSONWriter) {
    report.object("origin") { origin in
      origin.member("connections", telemetry.total(.originConnectionsActive))
      origin.member("requests", telemetry.total(.originRequests))
      origin.member("received_bytes", telemetry.total(.originBytesReceived))
      origin.object("errors") { errors in
        for series in originErrorSeries {
          errors.member(series.label, telemetry.total(series.counter))
        }
      }
      origin.array("servers") { list in
        for server in values.servers {
          list.object { row in
            row.member("server", server.name)
            row.member("state", server.state)
            row.member("drained", server.isDrained)
            row.member("failures", UInt64(server.failures))
            row.member("tried_again_in_ms", UInt64(max(0, server.wait)))
            if let probes = server.probes { writeProbes(probes, to: &row) }
          }
        }
      }
    }
  }

  private func writeProbes(_ probes: ProbeValues, to row: inout JSONWriter) {
    row.object("probes") { object in
      object.member("passed", probes.passed)
      object.member("failed", probes.failed)
      guard let age = probes.age else { return }
      object.member("last", probes.fault == nil ? "passed" : "failed")
      object.member("age_ms", UInt64(max(0, age)))
      if let fault = probes.fault { object.member("why", fault) }
    }
  }

  /// A line for a server that is drained, and one that is not healthy or failed its last probe.
  private func appendServer(_ server: ServerValues, to text: inout TextBuffer) {
    if server.isDrained { text.append(text: "           \(server.name) is drained\n") }
    guard !server.isHealthy || server.probes?.fault != nil else { return }
    text.append(text: "           \(server.name) is \(server.state): \(server.failures) failures")
    if server.wait > 0 { text.append(text: ", tried again in \(server.wait) ms") }
    if let probes = server.probes, let age = probes.age {
      let outcome = probes.fault.map { "failed (\($0))" } ?? "passed"
      text.append(text: ", last probe \(outcome) \(age) ms ago")
    }
    text.append("\n")
  }

  /// A size in the largest unit of 1024 that leaves a whole number before the point.
  static func size(_ bytes: UInt64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var unit = 0
    var scale: UInt64 = 1
    while unit + 1 < units.count && bytes / scale >= 1024 {
      scale *= 1024
      unit += 1
    }
    let tenths = bytes / scale * 10 + bytes % scale / max(1, scale / 10)
    return unit == 0 ? "\(bytes) B" : "\(tenths / 10).\(min(9, tenths % 10)) \(units[unit])"
  }
}
