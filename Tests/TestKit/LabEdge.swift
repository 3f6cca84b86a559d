import Bytes
public import Cache
public import Delivery
public import Loop
public import Origin
import Policy
public import Telemetry

/// The node under test: the real journey on simulated networks, one per worker.
public final class LabEdge {
  /// What its workers share.
  public let node: EdgeNode
  /// Its workers.
  public let workers: [Worker]
  /// What probes the origin's servers, where the lab says how.
  public let prober: Prober?
  /// Where all workers listen.
  public static let address = SocketAddress(host: .ipv4(0x0A00_0000), port: 80)

  init(
    world: SimulatedWorld, settings: NodeSettings, workers count: Int, disk: DiskTier,
    listener: ProbeListener?
  ) {
    let networks = (0..<count).map { _ in SimulatedNetwork(world: world) }
    do {
      node = try EdgeNode(
        snapshot: Snapshot(settings), addresses: AddressBook(), wakeups: networks.map(\.wakeup),
        accessRecords: 0, errors: ErrorQueue(level: .info), disk: disk)
    } catch {
      preconditionFailure("the lab's edge does not start: \(error)")
    }
    let node = node
    prober =
      Prober.isNeeded(by: node.snapshot)
      ? Prober(
        snapshot: node.snapshot, addresses: node.addresses, board: node.health,
        errors: node.errors, network: SimulatedNetwork(world: world), version: "1",
        seed: world.random.next(), listener: listener ?? StreamProbes(node.streams)) : nil
    workers = networks.indices.map { Worker(index: $0, node: node, network: networks[$0]) }
    for index in networks.indices {
      workers[index].listen(on: networks[index].listen(LabEdge.address))
      workers[index].listen(on: networks[index].listen(LabEdge.address(ofWorker: index)))
    }
  }

  deinit {
    for worker in workers { worker.end() }
    prober?.end()
  }

  /// Where one worker alone listens.
  public static func address(ofWorker index: Int) -> SocketAddress {
    address.with(port: 8000 + UInt16(index))
  }

  /// A counter, summed over the workers.
  public func counted(_ counter: Counter) -> Int {
    Int(truncatingIfNeeded: node.telemetry.reduce(0) { $0 &+ $1.value(of: counter) })
  }

  /// Requests that were answered so, summed over the workers.
  public func answered(status: Int, cache: CacheResult) -> Int {
    let label = StatusLabel(status: status)
    return Int(node.telemetry.reduce(0) { $0 + $1.requests(status: label, cache: cache) })
  }

  /// Requests that the cache had this to do with, whatever their status.
  public func answered(_ cache: CacheResult) -> Int {
    [200, 206, 304, 416].reduce(0) { $0 + answered(status: $1, cache: cache) }
  }

  /// Tells every worker to finish what runs and stop.
  public func drains() { for mailbox in node.mailboxes { mailbox.post(.drain) } }

  /// Purges what `scope` names.
  public func purges(_ scope: PurgeScope) { _ = node.table.purges.purge(scope) }

  /// Evicts everything that is stored.
  public func forgetsEverything() { _ = node.table.reclaim(blocks: node.arena.blockCount * 16) }
}
