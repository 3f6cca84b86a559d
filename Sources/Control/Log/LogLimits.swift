/// The limits of the log threads; each says what happens when it is reached.
enum LogLimits {
  /// How long a log thread sleeps between two looks at its queues, in microseconds.
  ///
  /// Polling costs forty wake-ups a second and spares the workers a system call per turn.
  static let pollMicroseconds: UInt32 = 25_000

  /// Text gathered before it is written in one call; a batch that ends earlier is written then.
  static let batchBytes = 64 * 1024

  /// Bytes in one write to what is no regular file: a pipe that polls writable takes as many.
  static let pipeWriteBytes = 4096

  /// How long a pipe, socket or terminal may refuse text before the batch is lost and counted.
  static let pipeWaitMilliseconds: Int32 = 1000
}
