public import Loop
internal import Synchronization
public import Telemetry

/// Writes the access log: drains the workers' rings on a thread of its own, as JSON lines.
///
/// `AccessLine` documents the fields. Workers never wait: if it falls behind, for a slow disk
/// say, their rings fill, and they drop and count records.
public final class AccessLogWriter: @unchecked Sendable {
  // Exception: @unchecked, because plain fields are touched by the log thread alone, or by the
  // starter before that thread runs and after it has ended; the rest is atomic.
  private let rings: [AccessRing]
  private let errors: ErrorLog
  private var file: LogFile
  private var line = AccessLine()
  private var text = TextBuffer(capacity: LogLimits.batchBytes + 8 * 1024)
  private var gathered = 0
  private var isFailing = false
  private let reopenWanted = Atomic<Bool>(false)
  private let written = Atomic<UInt64>(0)
  private let failed = Atomic<UInt64>(0)
  private var thread: LogThread?

  /// Opens the log.
  ///
  /// - Parameters:
  ///   - path: a file, or `-` for standard output; with `""` in the configuration, make no writer.
  ///   - rings: the workers' rings; this writer is their only consumer.
  ///   - errors: where trouble with the file is told, once until it is over.
  /// - Throws: `SystemError` when the file cannot be opened.
  public init(path: String, rings: [AccessRing], errors: ErrorLog) throws(SystemError) {
    let opened = try LogFile(path: path)
    self.rings = rings
    self.errors = errors
    file = opened
  }

  /// Starts the thread; once.
  public func start() throws(SystemError) {
    precondition(thread == nil, "the access log runs already")
    thread = try LogThread(name: "access-log") { [self] in drain() }
  }

  /// Writes what is left and ends the thread; call it after the workers have ended.
  public func stop() {
    thread?.stop()
    thread = nil
  }

  /// Asks for the file to be opened anew, as `logrotate` wants after a rename; any thread.
  public func reopen() { reopenWanted.store(true, ordering: .releasing) }

  /// Records written so far; any thread.
  public var recordsWritten: UInt64 { written.load(ordering: .relaxed) }

  /// Writes that failed so far; any thread.
  public var writeErrors: UInt64 { failed.load(ordering: .relaxed) }

  /// Takes every published record and writes it; the log thread, or a test without one.
  func drain() {
    if reopenWanted.exchange(false, ordering: .acquiringAndReleasing) { openAnew() }
    for ring in rings {
      _ = ring.drain { record in
        line.append(record, to: &text)
        gathered += 1
        if text.count >= LogLimits.batchBytes { flush() }
      }
    }
    flush()
  }

  private func openAnew() {
    do throws(SystemError) {
      file = try LogFile(path: file.path)
    } catch {
      // The old file stays in use: a log in the wrong place is better than none.
      _ = failed.wrappingAdd(1, ordering: .relaxed)
      errors.write(.error, "access log \(file.path) cannot be reopened: \(error)")
    }
  }

  private func flush() {
    guard text.count > 0 else { return }
    do throws(SystemError) {
      try file.append(text.bytes)
      _ = written.wrappingAdd(UInt64(gathered), ordering: .relaxed)
      if isFailing { errors.write(.warning, "access log \(file.path) is written again") }
      isFailing = false
    } catch {
      _ = failed.wrappingAdd(1, ordering: .relaxed)
      if !isFailing { errors.write(.error, "access log \(file.path) loses records: \(error)") }
      isFailing = true
    }
    text.removeAll()
    gathered = 0
  }
}
