internal import Glibc
internal import Loop
internal import Synchronization

/// A thread that looks at a queue every 25 ms, and once more when it is stopped.
final class LogThread {
  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  private let stopping = Flag()
  private let thread: WorkerThread

  /// Starts the thread; `look` runs on it alone.
  init(name: String, _ look: @escaping @Sendable () -> Void) throws(SystemError) {
    let stopping = stopping
    thread = try WorkerThread(name: name) {
      while !stopping.isSet.load(ordering: .acquiring) {
        look()
        usleep(LogLimits.pollMicroseconds)
      }
      look()
    }
  }

  /// Lets the thread take what is left and joins it; once.
  func stop() {
    stopping.isSet.store(true, ordering: .releasing)
    thread.join()
  }
}
