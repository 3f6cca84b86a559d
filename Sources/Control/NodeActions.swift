internal import Bytes
internal import Cache
internal import Delivery
internal import Origin
internal import Policy
internal import Telemetry
internal import Wire

/// What the admin doors can do with a running node.
struct NodeActions: Sendable {
  private let name: String
  private let edge: EdgeNode
  private let access: AccessLogWriter?
  private let disk: NodeDisk?
  private let log: ErrorLog
  private let process = ProcessReader()
  private let started = Instant.read()
  /// The counters of this thread: purges.
  private let own = WorkerTelemetry(accessRecords: 0)

  init(
    _ configuration: Configuration, edge: EdgeNode, access: AccessLogWriter?, disk: NodeDisk?,
    log: ErrorLog
  ) {
    self.disk = disk
    name = configuration.name
    self.edge = edge
    self.access = access
    self.log = log
  }

  var actions: AdminActions {
    AdminActions(
      metrics: { PrometheusText.render(telemetry, values(), version: Version.text) },
      status: {
        StatusReport(
          node: name, version: Version.text,
          uptimeSeconds: UInt64(max(0, (Instant.read() - started).count / 1000)),
          telemetry: telemetry, values: values(), disk: disk?.status,
          streams: operations.status)
      },
      purge: { purge($0) },
      explain: { request in
        let explainer = Explainer(
          snapshot: edge.snapshot, table: edge.table, tier: disk?.tier, streams: edge.streams,
          now: .read(), wall: .read())
        return explainer.explain(request)
      },
      list: { question throws(PurgeRequest.Mistake) in
        let view = VolumeView(
          snapshot: edge.snapshot, purges: edge.table.purges, wall: .read())
        return try CacheWalk(
          table: edge.table, store: disk?.tier.store, view: view, now: .read()
        ).page(question)
      },
      operate: { request throws(PurgeRequest.Mistake) in try operations.answer(request) },
      isServing: { true })
  }

  private var operations: NodeOperations { NodeOperations(edge: edge, log: log) }

  private var telemetry: NodeTelemetry { NodeTelemetry(threads: edge.telemetry + [own]) }

  private func values() -> NodeValues {
    var values = NodeValues()
    values[.workers] = UInt64(edge.mailboxes.count)
    values[.snapshotsAlive] = 1
    values[.memoryUsedBytes] = UInt64(edge.arena.usedBytes + edge.table.overheadBytes)
    values[.memoryLimitBytes] = UInt64(edge.arena.blockCount * BytesLimits.blockBytes)
    values[.memoryObjects] = UInt64(edge.table.objectCount)
    values[.memoryEvictions] = edge.table.evictionCount
    values[.purgeSequence] = edge.table.purges.current
    values[.passEntries] = UInt64(edge.table.passKeyCount)
    values[.accessRecordsWritten] = access?.recordsWritten ?? 0
    values[.accessWriteErrors] = access?.writeErrors ?? 0
    values[.errorLinesSuppressed] = log.queue.suppressed
    values.servers = servers()
    values.origins = operations.values()
    disk?.read(into: &values)
    process.read(into: &values)
    return values
  }

  private func servers() -> [ServerValues] {
    let now = Instant.read()
    return edge.health.rows(at: now).map { row in
      ServerValues(
        name: row.name, state: row.state.label, failures: row.failures, wait: row.wait,
        probes: row.probes.map { probes in
          ProbeValues(
            passed: probes.passed, failed: probes.failed,
            age: probes.last.map { max(0, (now - $0).count) }, fault: probes.fault?.text)
        }, isDrained: row.isDrained)
    }
  }

  private func purge(_ request: PurgeRequest) -> PurgeOutcome {
    let scope: PurgeScope
    switch request {
    case .url(let host, let target):
      guard let site = site(host), let hash = hash(site: site, host: host, target: target) else {
        return .unknownHost
      }
      own.add(to: .purgesOfURL)
      scope = .url(hash, site: site)
    case .prefix(let host, let path):
      guard let site = site(host) else { return .unknownHost }
      own.add(to: path == "/" ? .purgesOfSite : .purgesOfPrefix)
      scope = path == "/" ? .site(site) : .prefix(site: site, path: Array(path.utf8))
    case .tag(let tag):
      own.add(to: .purgesOfTag)
      scope = .tag(Array(tag.utf8))
    }
    let sequence = edge.table.purges.purge(scope)
    // What lies on volumes outlives this process: so must the purge, before it is answered.
    guard disk?.keepPurges() ?? true else { return .notWritten(sequence: sequence) }
    return .purged(sequence: sequence)
  }

  private func site(_ host: String) -> Int? {
    edge.snapshot.site(forHost: Array(host.utf8).span)
  }

  /// The hash of the key that a GET for this target has.
  private func hash(site: Int, host: String, target: String) -> Hash128? {
    let mark = target.firstIndex(of: "?") ?? target.endIndex
    let path = Array(target[..<mark].utf8)
    let query = mark == target.endIndex ? [] : Array(target[target.index(after: mark)...].utf8)
    var scratch: [UInt8] = []
    do throws(CacheKeyError) {
      return try CacheKey.make(
        snapshot: edge.snapshot, site: site, rule: edge.snapshot.rule(site: site, path: path.span),
        host: Array(host.utf8).span, path: path.span, query: query.span,
        hasQuery: mark != target.endIndex, into: &scratch
      ).hash
    } catch {
      return nil
    }
  }
}
