internal import Bytes

/// One thread for whatever may block on a slow disk: log files, configuration, databases.
///
/// Its queue is bounded (`LoopLimits.choresWaiting`), so a slow disk costs lost log lines that are
/// counted, never a stalled worker.
public final class Chores {
  private let queue: ChoreQueue
  private let thread: WorkerThread

  /// Starts the thread.
  ///
  /// - Throws: `SystemError` when the system has no thread or descriptor left.
  public init(
    name: String = "chores", waitingMax: Int = LoopLimits.choresWaiting
  ) throws(SystemError) {
    let queue = ChoreQueue(wakeup: try Wakeup(), waitingMax: waitingMax)
    self.queue = queue
    thread = try WorkerThread(name: name) { queue.run() }
  }

  /// Where any thread leaves its jobs.
  public var jobs: ChoreQueue { queue }

  /// Finishes the jobs that wait, refuses new ones and joins the thread.
  public func stop() {
    queue.close()
    thread.join()
  }
}

/// The jobs that wait for the chores thread.
public final class ChoreQueue: @unchecked Sendable {
  // Exception: @unchecked, because `waiting` and `isClosed` are guarded by `lock`.
  private let lock = Lock()
  private let wakeup: Wakeup
  private let waitingMax: Int
  private var waiting: [@Sendable () -> Void] = []
  private var isClosed = false

  init(wakeup: Wakeup, waitingMax: Int) {
    self.wakeup = wakeup
    self.waitingMax = waitingMax
  }

  /// Leaves a job; any thread.
  ///
  /// - Returns: `false` when the queue is full or closed: the job will not run; count it.
  public func post(_ job: @escaping @Sendable () -> Void) -> Bool {
    lock.lock()
    let isTaken = !isClosed && waiting.count < waitingMax
    if isTaken { waiting.append(job) }
    lock.unlock()
    if isTaken { wakeup.wake() }
    return isTaken
  }

  fileprivate func close() {
    lock.lock()
    isClosed = true
    lock.unlock()
    wakeup.wake()
  }

  fileprivate func run() {
    var batch: [@Sendable () -> Void] = []
    while true {
      lock.lock()
      swap(&batch, &waiting)
      let isLast = isClosed
      lock.unlock()
      for job in batch { job() }
      let wasIdle = batch.isEmpty
      batch.removeAll(keepingCapacity: true)
      if isLast && wasIdle { return }
      if wasIdle { _ = wakeup.sleep() }
    }
  }
}
