internal import Glibc

/// The signals that end the demo or tell of a child, taken one by one.
///
/// They are blocked and waited for: no handler runs, so none can come at a bad moment.
struct Signals {
  /// What happened while waiting.
  enum Event: Equatable {
    /// Ctrl-C, SIGTERM, or the terminal has gone.
    case stop
    /// A child may have ended.
    case child
    /// Nothing, for as long as it was waited.
    case nothing
  }

  /// Blocks the signals; a reader that has gone must not end the demo before it tidied up.
  init() {
    signal(SIGPIPE, SIG_IGN)
    var set = Signals.set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits for one; the corresponding C function is `sigtimedwait`.
  func next(withinMilliseconds limit: Int) -> Event {
    var set = Signals.set
    var wait = timespec(tv_sec: limit / 1000, tv_nsec: limit % 1000 * 1_000_000)
    switch unsafe sigtimedwait(&set, nil, &wait) {
    case SIGINT, SIGTERM, SIGHUP: return .stop
    case SIGCHLD: return .child
    default: return .nothing
    }
  }

  /// All of them.
  static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&set, number) }
    return set
  }
}
