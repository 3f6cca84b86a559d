/// The limits of Telemetry; each says what happens when it is reached.
public enum TelemetryLimits {
  /// Records in a worker's access ring; a power of two.
  ///
  /// The log thread drains every 25 ms: 4 096 records are 160 000 requests a second of one worker,
  /// more than one core answers. When full, new records are dropped and counted; 3.4 MB a worker.
  public static let accessRecordsPerWorker = 4096

  /// Lines of the error log of one kind in one second, after the burst.
  ///
  /// A dead origin fails hundreds of requests a second; two lines of it say as much, and 26 kinds
  /// at this rate are under 1 GB a day. Lines above are counted in the next one and in metrics.
  public static let errorLinesPerSecond = 2

  /// Lines of one kind that may come at once.
  public static let errorLinesBurst = 20

  /// Lines waiting for the log's thread, which drains every 25 ms.
  ///
  /// Above, lines are left out and counted.
  public static let errorLinesPending = 256
}
