import Bytes
import Streams

/// Reads any manifest's templates and any path by them: never traps, and what is read of a path
/// makes that path again.
///
/// The first line of the input is the path that is asked for; the rest is the manifest.
enum SegmentSeriesProperty {
  static func check(_ bytes: [UInt8]) {
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let path = Array(bytes[..<end])
    guard let manifest = Manifest.read(bytes.span.extracting(end..<bytes.count)) else { return }
    let times = [Int64.min, 0, 1_767_225_600_000, .max].map { Milliseconds($0) }
    for now in times {
      let all = manifest.segmentSeries(path: Array("/live/a.mpd".utf8), now: now)
      precondition(all.count <= StreamsLimits.segmentSeriesMax, "too many series")
      for series in all {
        check(series.path, against: path)
        check(series, at: now)
      }
    }
  }

  private static func check(_ own: SegmentPath, against path: [UInt8]) {
    for value in [0, 1, 99_999, UInt64.max] {
      let made = own.path(of: value)
      precondition(own.value(in: made.span) == value, "a path of its own is not known again")
      let isFound = SegmentPath.places(in: made.span).contains { place in
        Array(made[..<place.lowerBound]) == own.prefix
          && Array(made[place.upperBound...]) == own.suffix
      }
      precondition(isFound, "the place of its number is not found")
    }
    if let value = own.value(in: path.span) {
      precondition(own.path(of: value) == path, "a path is taken for another")
    }
  }

  private static func check(_ series: SegmentSeries, at now: Milliseconds) {
    precondition(
      series.duration >= .zero && series.duration <= StreamsLimits.durationMax,
      "an unbounded duration")
    let newest = series.newest(at: now)
    if let newest, let next = series.next(at: now) {
      precondition(next > newest, "the next segment is not later")
    }
    for value in [0, newest ?? 1, UInt64.max] {
      let next = series.next(after: value)
      precondition(next.map { $0 > value } ?? true, "a segment follows on itself")
      let isOverdue = series.isOverdue(value, by: Milliseconds(500), at: now)
      precondition(!isOverdue || newest.map { value <= $0 } ?? false, "overdue before it is due")
    }
  }
}
