public import Bytes
internal import CLinux
internal import Glibc
internal import Synchronization

/// Wakes one sleeping thread from any other: an `eventfd` behind a state that spares most writes.
///
/// A thread that is awake notices the state before it sleeps, so only the first `wake` of a
/// sleeping owner costs a system call. All methods but `wake` are the owner's.
public final class Wakeup: Sendable {
  private static let awake: UInt8 = 0
  private static let noticed: UInt8 = 1
  private static let asleep: UInt8 = 2

  private let state = Atomic<UInt8>(Wakeup.awake)

  /// The `eventfd` to watch while asleep, or -1 in a simulation.
  public let descriptor: Int32

  /// Makes a wakeup with an `eventfd`.
  ///
  /// - Throws: `SystemError` when there is no descriptor left.
  public init() throws(SystemError) {
    let made = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard made >= 0 else { throw SystemError(call: "eventfd") }
    descriptor = made
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// A wakeup for an owner that never really sleeps.
  public static func simulated() -> Wakeup { Wakeup(descriptor: -1) }

  deinit {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  /// Leaves a notice for the owner and wakes it if it sleeps; any thread.
  public func wake() {
    let before = state.exchange(Wakeup.noticed, ordering: .acquiringAndReleasing)
    guard before == Wakeup.asleep, descriptor >= 0 else { return }
    _ = eventfd_write(descriptor, 1)
  }

  /// Announces that the owner is about to sleep.
  ///
  /// - Returns: `false` when there is a notice already: do not sleep.
  public func prepareToSleep() -> Bool {
    state.compareExchange(
      expected: Wakeup.awake, desired: Wakeup.asleep, ordering: .acquiringAndReleasing
    ).exchanged
  }

  /// Takes the notice, if there is one, and is awake.
  ///
  /// Look at what was posted after this call, not before.
  public func takeNotice() -> Bool {
    state.exchange(Wakeup.awake, ordering: .acquiringAndReleasing) == Wakeup.noticed
  }

  /// There is a notice that has not been taken.
  public var hasNotice: Bool { state.load(ordering: .acquiring) == Wakeup.noticed }

  /// Sleeps until woken or until `deadline`, for a thread without an event loop.
  ///
  /// - Returns: `true` when there was a notice, which is taken.
  public func sleep(until deadline: Instant? = nil) -> Bool {
    precondition(descriptor >= 0, "a simulated wakeup cannot sleep")
    if prepareToSleep() {
      var timeout: Int32 = -1
      if let deadline {
        timeout = Int32(clamping: max(0, (deadline - Instant.read()).count &+ 1))
      }
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      unsafe poll(&watched, 1, timeout)
      var count: eventfd_t = 0
      unsafe eventfd_read(descriptor, &count)
    }
    return takeNotice()
  }
}
