internal import Synchronization

/// Everything that one worker counts, times and records: written by its thread, read by any.
///
/// Control's own thread has one too, for purges and names. Cells are single-writer atomics: adding
/// is a load and a store, without a lock prefix.
public final class WorkerTelemetry: Sendable {
  private let counters: InlineArray<128, Atomic<UInt64>>
  private let requests: InlineArray<342, Atomic<UInt64>>
  private let sentBytes: InlineArray<9, Atomic<UInt64>>
  private let firstByteTimes: InlineArray<9, Histogram>
  private let durations: InlineArray<9, Histogram>
  /// The records for the access log; the log thread drains it.
  public let ring: AccessRing

  /// Makes the telemetry of one worker.
  ///
  /// - Parameter accessRecords: capacity of the ring, a power of two; zero when nobody logs.
  public init(accessRecords: Int) {
    counters = InlineArray { _ in Atomic<UInt64>(0) }
    requests = InlineArray { _ in Atomic<UInt64>(0) }
    sentBytes = InlineArray { _ in Atomic<UInt64>(0) }
    firstByteTimes = InlineArray { _ in Histogram() }
    durations = InlineArray { _ in Histogram() }
    ring = AccessRing(capacity: accessRecords)
    precondition(counters.count >= Counter.allCases.count, "a counter has no cell")
    precondition(requests.count == StatusLabel.total * CacheResult.total, "a status has no row")
    precondition(sentBytes.count == CacheResult.total, "a cache result has no cell")
  }

  /// Adds to a counter or raises a gauge; the owner's thread only.
  @inline(__always)
  public func add(_ amount: Int = 1, to counter: Counter) {
    increase(counters[counter.rawValue], by: UInt64(truncatingIfNeeded: amount))
  }

  /// Lowers a gauge; the owner's thread only.
  @inline(__always)
  public func subtract(_ amount: Int = 1, from gauge: Counter) { add(0 &- amount, to: gauge) }

  /// Counts one answered request and its times; the owner's thread only, once a journey.
  ///
  /// - Parameters:
  ///   - status: the status sent, or 499 if the viewer left before there was one.
  ///   - cache: how the cache had to do with it.
  ///   - firstByteMicroseconds: until the first body byte; `nil` if none was sent.
  ///   - durationMicroseconds: until the end.
  @inline(__always)
  public func countRequest(
    status: Int, cache: CacheResult, firstByteMicroseconds: UInt64?, durationMicroseconds: UInt64
  ) {
    let column = Int(cache.rawValue)
    let row = StatusLabel(status: status).index
    increase(requests[row &* CacheResult.total &+ column], by: 1)
    if let firstByteMicroseconds {
      firstByteTimes[column].record(microseconds: firstByteMicroseconds)
    }
    durations[column].record(microseconds: durationMicroseconds)
  }

  /// Counts bytes handed to the kernel for viewers; the owner's thread only.
  @inline(__always)
  public func addSent(bytes: Int, cache: CacheResult) {
    increase(sentBytes[Int(cache.rawValue)], by: UInt64(truncatingIfNeeded: bytes))
  }

  /// Writes one access record in place, or counts it as dropped; the owner's thread only.
  ///
  /// `fill` gets an empty record and is not called when nobody logs or the ring is full.
  @inline(__always)
  public func record(_ fill: (inout AccessRecord) -> Void) {
    guard ring.isEnabled else { return }
    if !ring.write(fill) { add(to: .accessRecordsDropped) }
  }

  /// Counts the turn and hands its records to the log; the owner's thread only, once a turn.
  @inline(__always)
  public func endTurn() {
    add(to: .turns)
    ring.publish()
  }

  /// The value of a counter or gauge; any thread.
  ///
  /// A gauge lowered by another worker than raised it wraps: only sums over workers mean something.
  public func value(of counter: Counter) -> UInt64 {
    counters[counter.rawValue].load(ordering: .relaxed)
  }

  /// How many requests were answered so; any thread.
  public func requests(status: StatusLabel, cache: CacheResult) -> UInt64 {
    requests[status.index * CacheResult.total + Int(cache.rawValue)].load(ordering: .relaxed)
  }

  /// How many bytes were sent so; any thread.
  public func sentBytes(cache: CacheResult) -> UInt64 {
    sentBytes[Int(cache.rawValue)].load(ordering: .relaxed)
  }

  /// Adds the times of this worker to `sum`; any thread.
  public func add(_ time: RequestTime, cache: CacheResult, to sum: inout HistogramSum) {
    let column = Int(cache.rawValue)
    switch time {
    case .toFirstByte: sum.add(firstByteTimes[column])
    case .whole: sum.add(durations[column])
    }
  }
}
