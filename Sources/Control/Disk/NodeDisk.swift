internal import Bytes
internal import Cache
internal import Delivery
internal import Glibc
internal import Loop
internal import Policy
internal import Store
internal import Telemetry

/// The volumes of a running node: opened before it serves, with the purges that hold for them.
final class NodeDisk: @unchecked Sendable {
  // Exception: unchecked, because `edge` and the threads are set once at start, and the locks guard
  // what changes.
  let tier: VolumeTier
  private let purgeFile: PurgeFile
  private let log: ErrorLog
  private let lock = Lock()
  private var edge: EdgeNode?
  private var threads: VolumeThreads?
  private var keeper: WorkerThread?
  private let keeperWakeup: Wakeup
  /// Held while purges are written down: an older state must not replace a younger one.
  private let writing = Lock()
  private var keptSequence: UInt64 = 0
  private var isStopping = false

  /// How often purges that requests caused are written down (unsafe methods, RFC 9111 section 4.4).
  private static let keepInterval = Milliseconds.seconds(1)

  /// Opens what is configured; `nil` where no volume is.
  ///
  /// - Throws: `NodeError.store` with what to do about it.
  static func open(
    _ configuration: Configuration.Disk, log: ErrorLog
  ) throws(NodeError) -> NodeDisk? {
    guard !configuration.volumes.isEmpty else { return nil }
    let settings = StoreSettings(
      indexDirectory: configuration.index,
      volumes: configuration.volumes.map { ($0.path, UInt64($0.bytes)) })
    let store: ObjectStore
    do throws(StoreError) {
      store = try ObjectStore.open(settings, disk: SystemDisk())
    } catch {
      throw .store(error)
    }
    for volume in store.volumes where volume.formerBytes > 0 {
      log.write(.warning, emptied(volume))
    }
    for volume in store.volumes where !volume.isDirect {
      log.write(
        .warning,
        "\(volume.path): its file system takes no direct writes; its objects are sent by copy")
    }
    do throws(SystemError) {
      return try NodeDisk(
        VolumeTier(store), purgeFile: PurgeFile(path: configuration.index + ".purges"), log: log)
    } catch {
      throw .system(error)
    }
  }

  /// What the log says of a volume that has got another size.
  private static func emptied(_ volume: Volume) -> String {
    "\(volume.path): its size is now \(StatusReport.size(volume.bytes)) and was "
      + "\(StatusReport.size(volume.formerBytes)): it was emptied"
  }

  /// How far the scan beside the node has come.
  var scanProgress: ScanProgress { threads?.scanProgress ?? ScanProgress() }

  private init(_ tier: VolumeTier, purgeFile: PurgeFile, log: ErrorLog) throws(SystemError) {
    self.tier = tier
    self.purgeFile = purgeFile
    self.log = log
    keeperWakeup = try Wakeup()
  }

  /// Takes over the purges of earlier processes, then starts the threads; before the first viewer.
  func start(_ edge: EdgeNode) throws(SystemError) {
    self.edge = edge
    let wereThere = try restorePurges(edge)
    // Where they were read a full disk keeps nobody from starting: what is written there holds, and
    // whoever purges is told that it does not last.
    guard keepPurges(isForced: true) || wereThere else {
      throw SystemError(code: EIO, call: "writing the purges down")
    }
    let log = log
    threads = try VolumeThreads(tier) { log.write(.warning, $0) }
    keeper = try WorkerThread(name: "purge keeper") { [self] in keep() }
  }

  /// Finishes what waits to be written, and joins the threads.
  func stop() {
    lock.withLock { isStopping = true }
    keeperWakeup.wake()
    keeper?.join()
    threads?.stop()
    _ = keepPurges()
  }

  /// Writes purges down that were not yet.
  ///
  /// - Returns: `false` where that fails: they hold, but not after a restart.
  func keepPurges(isForced: Bool = false) -> Bool {
    guard let edge else { return true }
    let purges = edge.table.purges
    return writing.withLock {
      let sequence = purges.current
      guard isForced || keptSequence != sequence else { return true }
      do throws(SystemError) {
        try purgeFile.write(purges.encoded { edge.snapshot.siteName($0) })
      } catch {
        log.write(.error, "\(purgeFile.path): purges cannot be written down: \(error)")
        return false
      }
      keptSequence = sequence
      return true
    }
  }

  /// Says whether purges were there.
  private func restorePurges(_ edge: EdgeNode) throws(SystemError) -> Bool {
    let purges = edge.table.purges
    if let bytes = try purgeFile.read() {
      if purges.restore(bytes.span, site: { edge.snapshot.site(named: $0) }) { return true }
      log.write(.error, "\(purgeFile.path) makes no sense: all objects on volumes count as purged")
    } else {
      if tier.store.volumes.allSatisfy(\.isNew) { return false }
      log.write(.warning, "\(purgeFile.path) is missing: all objects on volumes count as purged")
    }
    purges.forgetEverything(before: UInt64(max(0, WallTime.read().milliseconds)) * 1000)
    return false
  }

  private func keep() {
    while !lock.withLock({ isStopping }) {
      _ = keeperWakeup.sleep(until: Instant.read() + NodeDisk.keepInterval)
      _ = keepPurges()
    }
  }
}
