internal import Glibc

/// A mutual exclusion lock: `pthread_mutex` on the heap, so that its address never moves.
///
/// `Synchronization.Mutex` is not used because ThreadSanitizer does not see its ordering
/// (measured: false races). Hold it for nanoseconds and never across a system call.
@safe public struct Lock: ~Copyable, @unchecked Sendable {
  // Exception: unchecked, because the mutex is made for many threads.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// Makes an unlocked lock.
  public init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    let code = unsafe pthread_mutex_init(mutex, nil)
    precondition(code == 0, "pthread_mutex_init failed")
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Runs `body` with the lock held.
  ///
  /// Not recursive.
  @inline(__always)
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  /// Takes the lock, waiting for its holder.
  @inline(__always)
  public borrowing func lock() {
    let code = unsafe pthread_mutex_lock(mutex)
    assert(code == 0)
  }

  /// Gives the lock back; only its holder may.
  @inline(__always)
  public borrowing func unlock() {
    let code = unsafe pthread_mutex_unlock(mutex)
    assert(code == 0)
  }
}
