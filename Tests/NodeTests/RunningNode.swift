import Bytes
import Delivery
import Loop
import Policy
import Telemetry

/// A real node on worker threads of this process, over the kernel's loopback.
final class RunningNode {
  let edge: EdgeNode
  let port: UInt16
  private var threads: [WorkerThread] = []

  /// Starts a node with one site whose origin listens on `originPort`.
  init(workers: Int, originPort: UInt16, memoryBytes: Int, objectBytesMax: Int) throws {
    let server = ServerSettings(host: "127.0.0.1", port: originPort)
    let timeouts = OriginTimeouts(
      connect: .seconds(20), firstByte: .seconds(60), stall: .seconds(60))
    let snapshot = try Snapshot(
      NodeSettings(
        name: "edge1",
        cache: CacheSettings(memoryBytes: memoryBytes, objectBytesMax: objectBytesMax),
        origins: [OriginSettings(name: "origin", servers: [server], timeouts: timeouts)],
        sites: [SiteSettings(name: "site", hosts: ["*"], origin: 0)]))
    let book = try AddressBook()
    let index = book.register(host: "127.0.0.1", port: originPort)
    book.publish([.loopback(port: originPort)], for: index)
    let networks = try (0..<workers).map { _ in try KernelNetwork() }
    let edge = try EdgeNode(
      snapshot: snapshot, addresses: book, wakeups: networks.map(\.wakeup), accessRecords: 64,
      errors: ErrorQueue(level: .error))
    let made = networks.indices.map { Worker(index: $0, node: edge, network: networks[$0]) }
    let sockets = try ListeningSocket.open(.loopback(port: 0), workers: workers)
    for (worker, socket) in zip(made, sockets) { worker.listen(on: socket) }
    self.edge = edge
    port = sockets[0].address.port
    for worker in made {
      let start = WorkerStart(worker: worker)
      threads.append(try WorkerThread(name: "worker") { start.worker.run() })
    }
  }

  /// The sum of a counter over all workers.
  func counted(_ counter: Counter) -> UInt64 {
    edge.telemetry.reduce(0) { $0 + $1.value(of: counter) }
  }

  /// Finishes what runs and ends the worker threads.
  func stop() {
    for mailbox in edge.mailboxes { mailbox.post(.drain) }
    for thread in threads { thread.join() }
    threads = []
  }
}

/// Hands a worker over to its thread.
///
/// Exception: unchecked, because this thread does not touch the worker after it started it.
private struct WorkerStart: @unchecked Sendable {
  let worker: Worker
}

/// Runs `body` on `count` threads at once and waits for all of them.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
  let threads = try (0..<count).map { index in
    try WorkerThread(name: "client") { body(index) }
  }
  for thread in threads { thread.join() }
}
