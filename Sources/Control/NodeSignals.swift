internal import Glibc

/// The signals that tell a node what to do, taken one by one by its main thread.
///
/// No signal handler runs: the signals are blocked in every thread and waited for in one.
struct NodeSignals {
  /// What the operator wants.
  enum Wish: Equatable {
    /// SIGTERM or SIGINT: finish what runs, then end.
    case stop
    /// SIGHUP: look at the configuration again.
    case reload
    /// SIGUSR1: open the log files anew, after they were rotated.
    case reopenLogs
  }

  private static let numbers = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]

  /// Blocks the signals; before any other thread starts, since threads inherit it.
  ///
  /// SIGPIPE is ignored: a viewer that has gone is told by `EPIPE`.
  init() {
    signal(SIGPIPE, SIG_IGN)
    var set = Self.set()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits for the next wish; the corresponding C function is `sigwait`.
  func next() -> Wish {
    var set = Self.set()
    while true {
      var number: Int32 = 0
      guard unsafe sigwait(&set, &number) == 0 else { continue }
      switch number {
      case SIGTERM, SIGINT: return .stop
      case SIGHUP: return .reload
      case SIGUSR1: return .reopenLogs
      default: continue
      }
    }
  }

  /// Lets a second SIGTERM or SIGINT end the process at once, for those who do not want to wait.
  func letNextStopKill() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private static func set() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    return set
  }
}
