public import Bytes

/// The way of errors from workers to the error log: bounded, rate-limited by kind, never waiting.
///
/// Errors are rare next to requests, so one lock is enough; it is held to fill one record.
public final class ErrorQueue: @unchecked Sendable {
  // Exception: @unchecked, because all fields below the lock are touched only while it is held.
  private let lock = Lock()
  private let level: ErrorRecord.Level
  private var pending: [ErrorRecord] = []
  private var buckets: [Bucket]
  private var suppressedTotal: UInt64 = 0

  /// How many lines of one kind may still be written, and how many were not.
  private struct Bucket {
    var tokens = TelemetryLimits.errorLinesBurst
    var filled = Instant(nanoseconds: 0)
    var suppressed: UInt64 = 0
  }

  /// Makes an empty queue that lets `level` and what matters more through.
  public init(level: ErrorRecord.Level) {
    self.level = level
    buckets = Array(repeating: Bucket(), count: AccessDetail.allCases.count)
  }

  /// Queues one error; any thread.
  ///
  /// `fill` gets a record with kind and level set, and is not called when the line is left out: by
  /// level, by the rate limit of its kind, or because the log has fallen behind.
  public func post(
    _ kind: AccessDetail, level: ErrorRecord.Level, now: Instant,
    _ fill: (inout ErrorRecord) -> Void
  ) {
    guard level <= self.level else { return }
    lock.withLock {
      let index = Int(kind.rawValue)
      guard pending.count < TelemetryLimits.errorLinesPending, take(from: &buckets[index], now)
      else {
        buckets[index].suppressed &+= 1
        suppressedTotal &+= 1
        return
      }
      var record = ErrorRecord()
      record.kind = kind
      record.level = level
      record.suppressed = buckets[index].suppressed
      buckets[index].suppressed = 0
      fill(&record)
      pending.append(record)
    }
  }

  /// Moves everything queued into `batch`, which must be empty; the log's thread.
  public func drain(into batch: inout [ErrorRecord]) {
    precondition(batch.isEmpty, "the last batch of errors was not written")
    lock.withLock { swap(&pending, &batch) }
  }

  /// Lines left out since the start; any thread.
  public var suppressed: UInt64 { lock.withLock { suppressedTotal } }

  private func take(from bucket: inout Bucket, _ now: Instant) -> Bool {
    let seconds = (now - bucket.filled).count / 1000
    if seconds > 0 {
      let earned = Int(min(seconds, 3600)) * TelemetryLimits.errorLinesPerSecond
      bucket.tokens = min(TelemetryLimits.errorLinesBurst, bucket.tokens + earned)
      bucket.filled = now
    }
    guard bucket.tokens > 0 else { return false }
    bucket.tokens -= 1
    return true
  }
}
