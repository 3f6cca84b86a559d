internal import Bytes
internal import Glibc
internal import Loop
internal import Synchronization

/// The threads of a load tool: started together, watched, and joined.
enum LoadThreads {
  /// Nanoseconds between two live lines.
  private static let interval: Int64 = 500_000_000

  /// Runs each body on a thread of its own until all have ended.
  ///
  /// - Parameters:
  ///   - bodies: what the threads do.
  ///   - report: called twice a second on the calling thread, with the time in nanoseconds.
  /// - Throws: `LoadError.failed` where no thread can be had.
  static func run(
    _ bodies: [@Sendable () -> Void], report: (Int64) -> Void
  ) throws(LoadError) {
    let running = Atomic<Int>(bodies.count)
    var threads: [WorkerThread] = []
    do throws(SystemError) {
      for (index, body) in bodies.enumerated() {
        threads.append(
          try WorkerThread(name: "load-\(index)") {
            body()
            running.subtract(1, ordering: .releasing)
          })
      }
    } catch {
      throw .failed("\(error)")
    }
    var shown = Instant.read().nanoseconds
    while running.load(ordering: .acquiring) > 0 {
      usleep(20_000)
      let now = Instant.read().nanoseconds
      guard now - shown >= interval else { continue }
      shown = now
      report(now)
    }
    for thread in threads { thread.join() }
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
