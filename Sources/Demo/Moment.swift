internal import Glibc

/// The two clocks, in milliseconds.
enum Moment {
  /// Since some start, never going back; the corresponding C function is `clock_gettime`.
  static var now: Int { read(CLOCK_MONOTONIC) }

  /// Since 1970.
  static var wall: Int { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
