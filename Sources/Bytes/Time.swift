internal import Glibc

/// A length of time in whole milliseconds: the unit of deadlines and of configured durations.
public struct Milliseconds: Equatable, Comparable, Hashable, Sendable {
  /// The number of milliseconds; may be negative as the result of a subtraction.
  public var count: Int64

  /// Makes a length of time from a number of milliseconds.
  @inline(__always)
  public init(_ count: Int64) { self.count = count }

  /// Makes a length of time from whole seconds.
  @inline(__always)
  public static func seconds(_ seconds: Int64) -> Milliseconds { Milliseconds(seconds &* 1000) }

  /// No time at all.
  public static let zero = Milliseconds(0)

  /// Orders lengths of time.
  @inline(__always)
  public static func < (left: Milliseconds, right: Milliseconds) -> Bool {
    left.count < right.count
  }
}

/// A point on the monotonic clock, in nanoseconds: what deadlines and freshness in memory count in.
public struct Instant: Equatable, Comparable, Hashable, Sendable {
  /// Nanoseconds since an arbitrary start; only differences mean anything.
  public var nanoseconds: Int64

  /// Makes an instant from nanoseconds of the monotonic clock.
  @inline(__always)
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Later than every instant that a node can live to see.
  public static let distantFuture = Instant(nanoseconds: .max)

  /// The instant `length` after (or, if negative, before) this one.
  @inline(__always)
  public static func + (instant: Instant, length: Milliseconds) -> Instant {
    Instant(nanoseconds: instant.nanoseconds &+ length.count &* 1_000_000)
  }

  /// The whole milliseconds from `earlier` to `later`, rounded down.
  @inline(__always)
  public static func - (later: Instant, earlier: Instant) -> Milliseconds {
    Milliseconds((later.nanoseconds &- earlier.nanoseconds) / 1_000_000)
  }

  /// Orders instants.
  @inline(__always)
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Reads the monotonic clock.
  ///
  /// The corresponding C function is `clock_gettime(CLOCK_MONOTONIC)`.
  ///
  /// Workers read it once a turn, after waking; nothing else on the way of a request does.
  public static func read() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}

/// A point on the wall clock: what dates on the wire and records on disk count in.
public struct WallTime: Equatable, Comparable, Hashable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var milliseconds: Int64

  /// Makes a wall time from milliseconds since 1970.
  @inline(__always)
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Whole seconds since 1970, rounded down: the resolution of HTTP dates.
  @inline(__always)
  public var seconds: Int64 {
    milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
  }

  /// Orders wall times.
  @inline(__always)
  public static func < (left: WallTime, right: WallTime) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Reads the wall clock.
  ///
  /// The corresponding C function is `clock_gettime(CLOCK_REALTIME)`.
  public static func read() -> WallTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000)
  }
}
