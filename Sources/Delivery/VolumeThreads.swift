internal import Bytes
public import Loop
internal import Store

/// The threads of the disk tier: disk readers, a writer per volume, one that fills the directory.
public final class VolumeThreads {
  private let tier: VolumeTier
  private var threads: [WorkerThread] = []
  private let scan: ScanRun

  /// Starts them.
  ///
  /// `report` is told, on a thread of the tier, what goes wrong and how a rebuild goes.
  /// - Throws: `SystemError` when the system has no thread left.
  public init(
    _ tier: VolumeTier, report: @escaping @Sendable (String) -> Void
  ) throws(SystemError) {
    self.tier = tier
    let scan = ScanRun(tier.store, report: report)
    self.scan = scan
    for index in tier.readers.indices {
      threads.append(
        try WorkerThread(name: "disk reader \(index)") {
          VolumeThreads.read(tier, index, report)
        })
    }
    for index in tier.writers.indices {
      threads.append(
        try WorkerThread(name: "disk writer \(index)") {
          VolumeThreads.write(tier, index, report)
        })
    }
    threads.append(try WorkerThread(name: "disk scan") { scan.run() })
  }

  /// How far the filling of the directory, or the building of the index, has come.
  public var scanProgress: ScanProgress { scan.progress }

  /// Finishes what waits, commits it, and joins the threads.
  public func stop() {
    scan.stop()
    for queue in tier.readers { queue.close() }
    for queue in tier.writers { queue.close() }
    for thread in threads { thread.join() }
    threads.removeAll()
  }

  private static func read(
    _ tier: VolumeTier, _ index: Int, _ report: (String) -> Void
  ) {
    let reader: DiskReader
    do throws(StoreError) {
      reader = try DiskReader(tier)
    } catch {
      report("a disk reader cannot start: \(error); volumes are not read")
      return tier.readers[index].close()
    }
    var batch: [ReadJob] = []
    while tier.readers[index].take(into: &batch) {
      for job in batch { reader.run(job) }
      batch.removeAll(keepingCapacity: true)
    }
  }

  private static func write(
    _ tier: VolumeTier, _ index: Int, _ report: (String) -> Void
  ) {
    let writer: DiskWriter
    do throws(StoreError) {
      writer = try DiskWriter(tier, volume: index)
    } catch {
      report("the writer of \(tier.store.volumes[index].path) cannot start: \(error)")
      return tier.writers[index].close()
    }
    var batch: [WriteJob] = []
    while tier.writers[index].take(into: &batch, until: writer.deadline) {
      for job in batch {
        writer.run(job)
        writer.settle()
      }
      batch.removeAll(keepingCapacity: true)
      writer.settle()
    }
    writer.end()
  }
}
