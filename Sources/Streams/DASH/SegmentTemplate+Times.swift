internal import Bytes

/// The times of segments, without an entry for each: one manifest may stand for billions.
extension SegmentTemplate {
  /// Segments of the same duration in a row, in units of the timescale.
  struct Run: Equatable {
    var start: UInt64
    var duration: UInt64
    var count: UInt64

    /// Where the last one ends; `nil` beyond what can be counted.
    var end: UInt64? { time(of: count) }

    /// Where the segment of an index starts.
    func time(of index: UInt64) -> UInt64? {
      let (length, isLong) = duration.multipliedReportingOverflow(by: index)
      let (time, isLate) = start.addingReportingOverflow(length)
      return isLong || isLate ? nil : time
    }

    /// How many of them start before a time, of the first `count` or of all.
    func started(before time: UInt64) -> UInt64 {
      time > start ? min(count, (time - start - 1) / duration + 1) : 0
    }

    /// How many of them have ended by a time.
    func ended(by time: UInt64) -> UInt64 {
      time > start ? min(count, (time - start) / duration) : 0
    }
  }

  /// One run for each entry of the timeline, up to the first that cannot be counted.
  ///
  /// A last one that repeats for ever has as many segments as end by `end`.
  func runs(until end: UInt64 = .max) -> [Run] {
    var runs: [Run] = []
    runs.reserveCapacity(timeline.count)
    var next: UInt64 = 0
    for (index, entry) in timeline.enumerated() {
      var run = Run(start: entry.time ?? next, duration: entry.duration, count: .max)
      if entry.repeats >= 0 {
        run.count = UInt64(entry.repeats) + 1
      } else if index + 1 < timeline.count {
        run.count = timeline[index + 1].time.map(run.started(before:)) ?? 1
      } else {
        run.count = run.ended(by: end)
      }
      guard let end = run.end else { return runs }
      next = end
      runs.append(run)
    }
    return runs
  }

  /// Milliseconds from the start of the period to a media time, rounded down or up.
  ///
  /// `nil` beyond `StreamsLimits.manifestTimeMax`.
  func milliseconds(at time: UInt64, roundedUp: Bool = false) -> Int64? {
    let isBefore = time < presentationTimeOffset
    let units = isBefore ? presentationTimeOffset - time : time - presentationTimeOffset
    guard
      let length = scaled(units, by: 1000, over: timescale, roundedUp: roundedUp != isBefore),
      length <= UInt64(StreamsLimits.manifestTimeMax.count)
    else { return nil }
    return isBefore ? -Int64(length) : Int64(length)
  }

  /// The media time at so many milliseconds, of which there are none below zero, of the period.
  func time(at milliseconds: Int64, roundedUp: Bool = false) -> UInt64? {
    guard
      let units = scaled(
        UInt64(max(0, milliseconds)), by: timescale, over: 1000, roundedUp: roundedUp)
    else { return nil }
    let (time, isLate) = presentationTimeOffset.addingReportingOverflow(units)
    return isLate ? nil : time
  }

  /// The numbered segments, whose times follow from their duration; `nil` with a timeline.
  var numbered: Run? {
    guard timeline.isEmpty, let duration else { return nil }
    return Run(
      start: presentationTimeOffset, duration: duration,
      count: (.max - presentationTimeOffset) / duration)
  }
}

/// `value` times `factor` over `divisor`, which is not zero; `nil` where it is too much.
func scaled(_ value: UInt64, by factor: UInt64, over divisor: UInt64, roundedUp: Bool) -> UInt64? {
  let product = value.multipliedFullWidth(by: factor)
  guard product.high < divisor else { return nil }
  let (quotient, remainder) = divisor.dividingFullWidth(product)
  let (up, isLarge) = quotient.addingReportingOverflow(roundedUp && remainder > 0 ? 1 : 0)
  return isLarge ? nil : up
}
