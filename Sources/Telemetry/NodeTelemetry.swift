/// The telemetry of all threads of a node, and their sums.
public struct NodeTelemetry: Sendable {
  /// One per thread that counts: the workers, then Control's own.
  public let threads: [WorkerTelemetry]

  /// Makes the telemetry of a node.
  public init(threads: [WorkerTelemetry]) { self.threads = threads }

  /// The sum of a counter or gauge over all threads.
  ///
  /// A gauge that two threads are just moving may be seen below zero for a moment: that is zero.
  public func total(_ counter: Counter) -> UInt64 {
    let sum = threads.reduce(0) { $0 &+ $1.value(of: counter) }
    return Int64(bitPattern: sum) < 0 ? 0 : sum
  }

  /// The requests answered so.
  public func requests(status: StatusLabel, cache: CacheResult) -> UInt64 {
    threads.reduce(0) { $0 &+ $1.requests(status: status, cache: cache) }
  }

  /// The requests answered with this cache result, whatever the status.
  public func requests(cache: CacheResult) -> UInt64 {
    (0..<StatusLabel.total).reduce(0) {
      $0 &+ requests(status: StatusLabel(index: $1), cache: cache)
    }
  }

  /// The bytes sent so.
  public func sentBytes(cache: CacheResult) -> UInt64 {
    threads.reduce(0) { $0 &+ $1.sentBytes(cache: cache) }
  }

  /// The times of all threads.
  public func times(_ time: RequestTime, cache: CacheResult) -> HistogramSum {
    var sum = HistogramSum()
    for thread in threads { thread.add(time, cache: cache, to: &sum) }
    return sum
  }
}
