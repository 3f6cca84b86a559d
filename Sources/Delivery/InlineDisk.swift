internal import Store

/// Runs the jobs of a tier without threads, in the one thread of a scenario.
final class InlineDisk {
  private var reader: DiskReader?
  private var writers: [Int: DiskWriter] = [:]
  /// What a job leaves behind while it runs.
  private var waiting: [(job: WriteJob, volume: Int)] = []
  private var isWriting = false

  func run(_ job: ReadJob, for tier: VolumeTier) {
    do throws(StoreError) {
      if reader == nil { reader = try DiskReader(tier) }
      reader?.run(job)
    } catch {
      preconditionFailure("a scenario's volume cannot be read: \(error)")
    }
  }

  func run(_ job: WriteJob, volume: Int, for tier: VolumeTier) {
    waiting.append((job, volume))
    guard !isWriting else { return }
    isWriting = true
    defer { isWriting = false }
    while !waiting.isEmpty {
      let next = waiting.removeFirst()
      do throws(StoreError) {
        if writers[next.volume] == nil {
          writers[next.volume] = try DiskWriter(tier, volume: next.volume)
        }
        writers[next.volume]?.run(next.job)
        writers[next.volume]?.settle(isLast: true)
      } catch {
        preconditionFailure("a scenario's volume cannot be written: \(error)")
      }
    }
  }
}
