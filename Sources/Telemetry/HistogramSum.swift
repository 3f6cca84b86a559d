/// Histograms added up over workers, for readers.
public struct HistogramSum: Equatable, Sendable {
  /// Times by bucket, not cumulative; the last bucket has no upper bound.
  public private(set) var buckets = [UInt64](repeating: 0, count: Histogram.bounds.count + 1)
  /// The sum of all times in microseconds.
  public private(set) var microseconds: UInt64 = 0

  /// Makes an empty sum.
  public init() {}

  /// The number of all times; by construction what the buckets hold together.
  public var count: UInt64 { buckets.reduce(0, &+) }

  /// Adds one worker's histogram.
  public mutating func add(_ histogram: borrowing Histogram) {
    for index in buckets.indices { buckets[index] &+= histogram.count(bucket: index) }
    microseconds &+= histogram.sumMicroseconds()
  }
}
