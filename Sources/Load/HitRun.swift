internal import Bytes
internal import Synchronization

/// `spillway load hit`: many connections that ask a server for what it should have.
public enum HitRun {
  /// Loads the server and says what came of it.
  ///
  /// - Parameters:
  ///   - settings: what and how much.
  ///   - progress: given a line twice a second, on the calling thread.
  /// - Returns: what came of it.
  /// - Throws: `LoadError` where the settings make no sense, or nothing can be started.
  public static func run(
    _ settings: HitSettings, progress: (String) -> Void
  ) throws(LoadError) -> HitReport {
    try settings.check()
    LoadThreads.raiseDescriptorLimit()
    let start = Instant.read().nanoseconds
    let cpu = LoadThreads.cpuNanoseconds()
    var workers: [HitWorker] = []
    for index in 0..<settings.threads {
      workers.append(try HitWorker(settings, index: index, start: start))
    }
    var (shown, before) = (start, 0)
    try LoadThreads.run(workers.map { worker in { worker.run() } }) { now in
      let answered = workers.reduce(0) { $0 + $1.answered.load(ordering: .relaxed) }
      let failed = workers.reduce(0) { $0 + $1.failed.load(ordering: .relaxed) }
      let rate = Double(answered - before) * 1e9 / Double(now - shown)
      progress(
        "\((now - start) / 1_000_000_000) s  \(answered) answers  \(Int(rate))/s  \(failed) failed")
      (shown, before) = (now, answered)
    }
    let spent = min(Instant.read().nanoseconds - start, settings.nanoseconds)
    var tally = HitTally()
    for worker in workers { tally.add(worker.tally) }
    return HitReport(
      settings: settings, tally: tally, nanoseconds: max(1, spent),
      cpuNanoseconds: LoadThreads.cpuNanoseconds() - cpu)
  }
}
