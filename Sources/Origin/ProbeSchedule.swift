internal import Bytes

/// When a server is probed: a value.
///
/// The first probes of all servers are spread evenly over an interval, and each next one comes up
/// to a tenth of an interval early or late, so that neither the probes of a node nor those of a
/// fleet that was started at once fall on the same moment.
struct ProbeSchedule: Equatable {
  private let interval: Milliseconds
  /// When the next probe begins.
  private(set) var due: Instant

  /// The schedule of the server at `place` among `count` of them.
  init(interval: Milliseconds, place: Int, of count: Int, from now: Instant) {
    precondition(place >= 0 && place < count, "no such server")
    self.interval = interval
    due = now + Milliseconds(interval.count * Int64(place) / Int64(count))
  }

  /// A probe has begun: sets when the next one does.
  ///
  /// Counted from this one, so that a thread that was held up does not probe in a burst.
  mutating func began(at now: Instant, _ random: inout RandomSource) {
    let tenth = interval.count / 10
    due = now + interval + Milliseconds(Int64.random(in: -tenth...tenth, using: &random))
  }
}
