internal import Bytes
internal import Glibc
internal import Loop
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
    raiseDescriptorLimit()
    let start = Instant.read().nanoseconds
    let cpu = cpuNanoseconds()
    var workers: [HitWorker] = []
    for index in 0..<settings.threads {
      workers.append(try HitWorker(settings, index: index, start: start))
    }
    let running = Atomic<Int>(workers.count)
    var threads: [WorkerThread] = []
    do throws(SystemError) {
      for (index, worker) in workers.enumerated() {
        threads.append(
          try WorkerThread(name: "load-\(index)") {
            worker.run()
            running.subtract(1, ordering: .releasing)
          })
      }
    } catch {
      throw .failed("\(error)")
    }
    watch(workers, since: start, progress) { running.load(ordering: .acquiring) > 0 }
    for thread in threads { thread.join() }
    let spent = min(Instant.read().nanoseconds - start, settings.nanoseconds)
    var tally = HitTally()
    for worker in workers { tally.add(worker.tally) }
    return HitReport(
      settings: settings, tally: tally, nanoseconds: max(1, spent),
      cpuNanoseconds: cpuNanoseconds() - cpu)
  }

  private static func watch(
    _ workers: [HitWorker], since start: Int64, _ progress: (String) -> Void,
    while isRunning: () -> Bool
  ) {
    var (shown, before) = (start, 0)
    while isRunning() {
      usleep(20_000)
      let now = Instant.read().nanoseconds
      guard now - shown >= 500_000_000 else { continue }
      let answered = workers.reduce(0) { $0 + $1.answered.load(ordering: .relaxed) }
      let failed = workers.reduce(0) { $0 + $1.failed.load(ordering: .relaxed) }
      let rate = Double(answered - before) * 1e9 / Double(now - shown)
      progress(
        "\((now - start) / 1_000_000_000) s  \(answered) answers  \(Int(rate))/s  \(failed) failed")
      (shown, before) = (now, answered)
    }
  }

  /// As many descriptors as the process may have: a connection takes one.
  static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// User and system time of this process so far.
  static func cpuNanoseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
