internal import Bytes
internal import Synchronization

/// The order of everything that a node writes: numbers that only grow, over restarts too.
///
/// A number is the wall clock's microseconds, or one more than the last where the clock stands or
/// goes back.
public final class SerialClock: Sendable {
  private let last = Atomic<UInt64>(0)

  /// Makes a clock that begins with the time of day.
  public init() {}

  /// The next number.
  public func next() -> UInt64 {
    let now = UInt64(max(0, WallTime.read().milliseconds)) &* 1000
    var seen = last.load(ordering: .relaxed)
    while true {
      let wanted = max(seen &+ 1, now)
      let (exchanged, original) = last.compareExchange(
        expected: seen, desired: wanted, ordering: .relaxed)
      if exchanged { return wanted }
      seen = original
    }
  }

  /// Makes all further numbers greater than `serial`, which was found on a volume.
  func raise(to serial: UInt64) { last.max(serial, ordering: .relaxed) }
}
