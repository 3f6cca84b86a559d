internal import Bytes

/// Messages from any thread to one: a queue under a lock, and a wakeup for its owner.
///
/// The queue is unbounded by itself; its writers bound it, as the design says: at most one message
/// per (subject, worker, kind) is outstanding. Both arrays keep their capacity, so nothing is
/// allocated after warm-up.
public final class Mailbox<Message: Sendable>: @unchecked Sendable {
  // Exception: @unchecked, because `pending` is guarded by `lock`.
  private let lock = Lock()
  private var pending: [Message] = []
  private let wakeup: Wakeup

  /// Makes a mailbox whose owner is woken by `wakeup`.
  public init(wakeup: Wakeup, reserve: Int = 256) {
    self.wakeup = wakeup
    pending.reserveCapacity(reserve)
  }

  /// Leaves a message and wakes the owner once per batch; any thread.
  public func post(_ message: Message) {
    lock.lock()
    let wasEmpty = pending.isEmpty
    pending.append(message)
    lock.unlock()
    if wasEmpty { wakeup.wake() }
  }

  /// Takes all messages; the owner only, with an empty `batch`, which the queue takes in exchange.
  ///
  /// - Returns: `false` when there were none.
  @discardableResult
  public func drain(into batch: inout [Message]) -> Bool {
    precondition(batch.isEmpty, "the batch before was not finished")
    lock.lock()
    swap(&pending, &batch)
    lock.unlock()
    return !batch.isEmpty
  }
}
