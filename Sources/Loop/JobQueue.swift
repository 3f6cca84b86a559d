public import Bytes

/// Jobs from any thread for one that may block: bounded, taken in batches, with a deadline.
public final class JobQueue<Job: Sendable>: @unchecked Sendable {
  // Exception: unchecked, because `waiting` and `isClosed` are guarded by `lock`.
  private let lock = Lock()
  private let wakeup: Wakeup
  private let waitingMax: Int
  private var waiting: [Job] = []
  private var isClosed = false

  /// Makes a queue that holds at most `waitingMax` jobs.
  ///
  /// - Throws: `SystemError` when there is no descriptor left.
  public init(waitingMax: Int) throws(SystemError) {
    wakeup = try Wakeup()
    self.waitingMax = waitingMax
  }

  /// Leaves a job; any thread.
  ///
  /// - Returns: `false` when the queue is full or closed: the job will not run.
  public func post(_ job: Job) -> Bool {
    lock.lock()
    let isTaken = !isClosed && waiting.count < waitingMax
    if isTaken { waiting.append(job) }
    lock.unlock()
    if isTaken { wakeup.wake() }
    return isTaken
  }

  /// How many jobs wait.
  public var count: Int { lock.withLock { waiting.count } }

  /// No more jobs are taken; those that wait are still given out.
  public func close() {
    lock.withLock { isClosed = true }
    wakeup.wake()
  }

  /// Takes what waits into `batch`, which must be empty; the queue's one thread alone.
  ///
  /// Without a job it sleeps until there is one, or until `deadline`.
  /// - Returns: `false` when the queue is closed and empty: the thread may end.
  public func take(into batch: inout [Job], until deadline: Instant? = nil) -> Bool {
    precondition(batch.isEmpty, "the batch before was not finished")
    while true {
      lock.lock()
      swap(&batch, &waiting)
      let isLast = isClosed
      lock.unlock()
      if !batch.isEmpty { return true }
      if isLast { return false }
      if let deadline, Instant.read() >= deadline { return true }
      _ = wakeup.sleep(until: deadline)
    }
  }
}
