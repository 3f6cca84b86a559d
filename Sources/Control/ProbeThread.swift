internal import Delivery
internal import Loop
internal import Origin

/// The thread that asks the servers of a node's origins whether they are well.
final class ProbeThread {
  private let wakeup: Wakeup
  private let thread: WorkerThread

  /// Starts the thread, if the configuration asks for probes; before any worker runs.
  ///
  /// - Throws: `SystemError` when there is no descriptor or thread left.
  static func start(for edge: EdgeNode) throws(SystemError) -> ProbeThread? {
    Prober.isNeeded(by: edge.snapshot) ? try ProbeThread(edge) : nil
  }

  private init(_ edge: EdgeNode) throws(SystemError) {
    let network = try KernelNetwork()
    wakeup = network.wakeup
    let start = ProberStart(
      prober: Prober(
        snapshot: edge.snapshot, addresses: edge.addresses, board: edge.health,
        errors: edge.errors, network: network, version: Version.text,
        seed: UInt64.random(in: 0...UInt64.max), listener: StreamProbes(edge.streams)))
    thread = try WorkerThread(name: "prober") { start.prober.run() }
  }

  /// Gives up what is under way and joins the thread.
  func stop() {
    wakeup.wake()
    thread.join()
  }
}

/// Hands a prober over to its thread.
///
/// Exception: unchecked, because the main thread does not touch the prober after it started it.
private struct ProberStart: @unchecked Sendable {
  let prober: Prober
}
