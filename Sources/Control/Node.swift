internal import Bytes
internal import Delivery
internal import Glibc
internal import Loop
internal import Origin
internal import Policy
internal import Store
internal import Telemetry

/// The parts of a running node, in the order in which they start; they stop in the reverse.
final class Node {
  private let edge: EdgeNode
  private let resolver: Resolver
  private let access: AccessLogWriter?
  private let admin: AdminServer
  private let disk: NodeDisk?
  private let prober: ProbeThread?
  private var workers: [WorkerThread] = []

  init(_ configuration: Configuration, log: ErrorLog) throws(NodeError) {
    let snapshot: Snapshot
    do throws(SnapshotError) {
      snapshot = try configuration.compile()
    } catch {
      throw .configuration("\(error)")
    }
    let opened = try NodeDisk.open(configuration.disk, log: log)
    // Threads that run already are ended when a later part cannot start.
    var started:
      (resolver: Resolver?, access: AccessLogWriter?, disk: NodeDisk?, prober: ProbeThread?)
    do throws(SystemError) {
      let count = Node.workerCount(configuration)
      let book = try Node.book(of: configuration)
      resolver = try Node.resolver(for: book, configuration)
      started.resolver = resolver
      var networks: [KernelNetwork] = []
      for _ in 0..<count { networks.append(try KernelNetwork()) }
      edge = try Node.edge(snapshot, book, networks, configuration, log, opened)
      try opened?.start(edge)
      disk = opened
      started.disk = opened
      access = try Node.accessLog(configuration, edge, log)
      started.access = access
      let made = Node.workers(networks, edge)
      try Node.listen(configuration, made)
      admin = try AdminServer(
        socket: configuration.admin.socket, metrics: configuration.admin.metrics,
        actions: NodeActions(
          configuration, edge: edge, access: access, disk: opened, log: log
        ).actions)
      // Give names a moment, so that the first viewers do not meet an unresolved origin.
      _ = book.waitUntilResolved(timeout: Milliseconds.seconds(2))
      prober = try ProbeThread.start(for: edge)
      started.prober = prober
      for worker in made { workers.append(try Node.start(worker)) }
    } catch {
      started.prober?.stop()
      started.disk?.stop()
      started.access?.stop()
      started.resolver?.stop()
      throw .system(error)
    }
  }

  /// Finishes what runs and ends every thread.
  func stop() {
    for mailbox in edge.mailboxes { mailbox.post(.drain) }
    for worker in workers { worker.join() }
    prober?.stop()
    admin.stop()
    disk?.stop()
    access?.stop()
    resolver.stop()
  }

  /// Opens the log files anew.
  func reopenLogs() { access?.reopen() }

  private static func workerCount(_ configuration: Configuration) -> Int {
    if configuration.workers > 0 { return configuration.workers }
    return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), DeliveryLimits.workersMax)
  }

  /// Every origin's name is known to the resolver before the first request asks for it.
  private static func book(of configuration: Configuration) throws(SystemError) -> AddressBook {
    let book = try AddressBook()
    for origin in configuration.origins {
      for server in origin.servers { _ = book.register(host: server.host, port: server.port) }
    }
    return book
  }

  private static func resolver(
    for book: AddressBook, _ configuration: Configuration
  ) throws(SystemError) -> Resolver {
    var settings = Resolver.Configuration()
    settings.servers = configuration.resolvers.map(\.description)
    return try Resolver(book: book, configuration: settings)
  }

  private static func edge(
    _ snapshot: Snapshot, _ book: AddressBook, _ networks: [KernelNetwork],
    _ configuration: Configuration, _ log: ErrorLog, _ disk: NodeDisk?
  ) throws(SystemError) -> EdgeNode {
    let isLogged = configuration.log.access != .off
    do throws(ArenaError) {
      return try EdgeNode(
        snapshot: snapshot, addresses: book, wakeups: networks.map(\.wakeup),
        accessRecords: isLogged ? TelemetryLimits.accessRecordsPerWorker : 0, errors: log.queue,
        disk: disk?.tier ?? DiskTier(), recorder: streams(configuration, log))
    } catch {
      throw SystemError(code: error.code, call: error.call)
    }
  }

  /// Where live playlists are written down; nowhere if that cannot be, for the node serves all the
  /// same and only a restart shows.
  private static func streams(_ configuration: Configuration, _ log: ErrorLog) -> StreamRecorder {
    guard let folder = configuration.state else { return StreamRecorder() }
    do throws(SystemError) {
      unsafe mkdir(folder, 0o750)
      return try StreamFile(folder: folder)
    } catch {
      log.write(.warning, "node.state = \"\(folder)\" cannot be used: \(error.text)")
      return StreamRecorder()
    }
  }

  private static func accessLog(
    _ configuration: Configuration, _ edge: EdgeNode, _ log: ErrorLog
  ) throws(SystemError) -> AccessLogWriter? {
    let path: String
    switch configuration.log.access {
    case .off: return nil
    case .standardOutput: path = "-"
    case .file(let name): path = name
    }
    let writer = try AccessLogWriter(path: path, rings: edge.telemetry.map(\.ring), errors: log)
    try writer.start()
    return writer
  }

  /// Opens every listener: one socket per worker, or one for all on worker 0.
  private static func listen(
    _ configuration: Configuration, _ workers: [Worker]
  ) throws(SystemError) {
    for listen in configuration.listen {
      let sockets: [ListeningSocket]
      switch listen {
      case .address(let address):
        sockets = try ListeningSocket.open(address, workers: workers.count)
      case .systemd:
        sockets = try ListeningSocket.inherited()
        // A node that nobody can reach must not start (`sd_listen_fds(3)`).
        if sockets.isEmpty { throw SystemError(code: ENOTSOCK, call: "LISTEN_FDS") }
      }
      for (index, socket) in sockets.enumerated() {
        workers[socket.isShared ? 0 : index].listen(on: socket)
      }
    }
  }

  private static func workers(_ networks: [KernelNetwork], _ edge: EdgeNode) -> [Worker] {
    networks.indices.map { Worker(index: $0, node: edge, network: networks[$0]) }
  }

  private static func start(_ worker: Worker) throws(SystemError) -> WorkerThread {
    let start = WorkerStart(worker: worker)
    return try WorkerThread(name: "worker \(worker.index)") { start.worker.run() }
  }
}

/// Hands a worker over to its thread.
///
/// Exception: unchecked, because the main thread does not touch the worker after it started it.
private struct WorkerStart: @unchecked Sendable {
  let worker: Worker
}

/// Why a node does not start.
enum NodeError: Error {
  /// The system refuses something.
  case system(SystemError)
  /// A volume or the index cannot be opened.
  case store(StoreError)
  /// The configuration does not compile.
  case configuration(String)
}
