internal import Histogram

/// Times of many events, in nanoseconds, to three digits: an HdrHistogram.
public struct Latencies: Sendable {
  private var histogram: Histogram<UInt64>

  /// Holds no time yet.
  public init() {
    histogram = Histogram(
      lowestDiscernibleValue: 1000, highestTrackableValue: LoadLimits.longestTime,
      numberOfSignificantValueDigits: .three)
  }

  /// Adds a time.
  mutating func record(_ nanoseconds: Int64) {
    let value = UInt64(clamping: nanoseconds)
    _ = histogram.record(min(value, LoadLimits.longestTime))
  }

  mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

  /// How many there are.
  public var count: UInt64 { histogram.totalCount }

  /// The time that so many of a hundred did not exceed, in nanoseconds; zero without any.
  public func percentile(_ percent: Double) -> UInt64 {
    count == 0 ? 0 : histogram.valueAtPercentile(percent)
  }

  /// The longest, in nanoseconds.
  public var longest: UInt64 { count == 0 ? 0 : histogram.maxRecorded }

  /// The mean, in nanoseconds.
  public var mean: UInt64 { count == 0 ? 0 : UInt64(histogram.mean) }
}
