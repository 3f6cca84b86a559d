internal import CLinux
internal import Glibc

/// A thread with a name that runs one body and is joined.
///
/// The corresponding C functions are `pthread_create`, `pthread_join` and `prctl(PR_SET_NAME)`.
public final class WorkerThread {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private let thread: pthread_t
  private var isJoined = false

  /// Starts a thread; `name` is cut to fifteen bytes by the kernel.
  ///
  /// - Throws: `SystemError` when the system has no thread left.
  public init(name: String, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
    var made = pthread_t()
    // Exception: passRetained, because a thread's argument is an untyped pointer; the thread
    // takes the reference over, and so does the error path below.
    let body = unsafe Unmanaged.passRetained(Body(name: name, run: run))
    let code = unsafe pthread_create(&made, nil, startThread, body.toOpaque())
    guard code == 0 else {
      unsafe body.release()
      throw SystemError(code: code, call: "pthread_create")
    }
    thread = made
  }

  deinit {
    assert(isJoined, "a thread must be joined")
  }

  /// Waits until the body has returned; once.
  public func join() {
    precondition(!isJoined, "a thread is joined once")
    isJoined = true
    pthread_join(thread, nil)
  }

  fileprivate static func start(_ argument: UnsafeMutableRawPointer) {
    let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
    unsafe spillway_name_thread(body.name)
    body.run()
  }
}

private let startThread: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  argument in
  if let argument = unsafe argument { unsafe WorkerThread.start(argument) }
  return nil
}
