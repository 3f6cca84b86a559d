internal import Bytes
internal import Streams

/// The segments of a SegmentTimeline, found by arithmetic: an entry may stand for a billion.
struct Timeline {
  /// One segment.
  struct Entry: Equatable {
    /// How many are listed before it.
    var index: UInt64
    var time: UInt64
    var duration: UInt64
  }

  /// An entry of the list with its times filled in.
  private struct Run {
    var index: UInt64
    var time: UInt64
    var duration: UInt64
    var count: UInt64
    var end: UInt64 { time &+ duration &* count }
  }

  private var runs: [Run] = []

  /// - Parameters:
  ///   - template: whose timeline it is.
  ///   - periodUnits: length of the period in the timescale, for a last entry that goes on to it.
  init(_ template: SegmentTemplate, periodUnits: UInt64?) {
    var time: UInt64 = 0
    var index: UInt64 = 0
    let entries = template.timeline
    for (place, entry) in entries.enumerated() {
      time = entry.time ?? time
      guard entry.duration > 0, time < 1 << 60, entry.duration < 1 << 40 else { break }
      var count = UInt64(max(0, entry.repeats)) &+ 1
      if entry.repeats < 0 {
        let next = place + 1 < entries.count ? entries[place + 1].time : periodUnits
        let length = next.map { $0 > time ? min($0, 1 << 60) &- time : 0 } ?? entry.duration
        count = time < 1 << 60 ? (length &+ entry.duration - 1) / entry.duration : 0
      }
      count = min(count, (1 << 61) / entry.duration)
      runs.append(Run(index: index, time: time, duration: entry.duration, count: count))
      index = index &+ count
      time = time &+ entry.duration &* count
    }
  }

  /// Where the first segment begins.
  var first: UInt64? { runs.first?.time }

  /// Where the last one ends.
  var end: UInt64? { runs.last?.end }

  /// The first segment that begins at `time` or after it; one unit before it counts as well, for
  /// times that were rounded.
  func segment(from time: UInt64) -> Entry? {
    for run in runs {
      let missing = time > run.time &+ 1 ? time - run.time - 1 : 0
      let number = missing / run.duration + (missing % run.duration > 0 ? 1 : 0)
      guard number < run.count else { continue }
      return Entry(
        index: run.index &+ number, time: run.time &+ number &* run.duration,
        duration: run.duration)
    }
    return nil
  }
}
