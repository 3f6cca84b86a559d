internal import Bytes
internal import Glibc
public import Loop
public import Telemetry

/// The error log: one line per error on standard error, in the form that systemd's journal likes.
///
/// Under the journal a line starts with its priority (`<3>`, sd-daemon(3)); elsewhere with time and
/// level. Then come side, kind and `key=value` pairs. Workers leave errors in `queue`, which limits
/// their rate; Control's own messages are written at once.
public final class ErrorLog: @unchecked Sendable {
  // Exception: @unchecked, because `text` is touched only while `lock` is held, `batch` only by the
  // log thread, and `thread` only by the thread that starts and stops the log.
  /// Where workers leave their errors.
  public let queue: ErrorQueue
  private let level: ErrorRecord.Level
  private let descriptor: Int32
  private let isJournal: Bool
  private let lock = Lock()
  private var text = TextBuffer(capacity: 1024)
  private var batch: [ErrorRecord] = []
  private var thread: LogThread?

  /// Makes the log on standard error; it speaks the journal's form if that is the journal.
  public convenience init(level: ErrorRecord.Level) {
    self.init(level: level, descriptor: STDERR_FILENO, isJournal: Self.isJournalOnStandardError())
  }

  /// Makes the log on a descriptor, which stays its owner's.
  init(level: ErrorRecord.Level, descriptor: Int32, isJournal: Bool) {
    self.level = level
    self.descriptor = descriptor
    self.isJournal = isJournal
    queue = ErrorQueue(level: level)
  }

  /// Starts the thread that writes what workers leave; once.
  public func start() throws(SystemError) {
    precondition(thread == nil, "the error log runs already")
    thread = try LogThread(name: "error-log") { [self] in drain() }
  }

  /// Writes what is left and ends the thread; call it after the workers have ended.
  public func stop() {
    thread?.stop()
    thread = nil
  }

  /// Writes one message of Control's own, at once; any thread that may block.
  public func write(_ level: ErrorRecord.Level, _ message: String) {
    guard level <= self.level else { return }
    lock.withLock {
      appendStart(level, WallTime.read())
      appendPlain(Array(message.utf8).span)
      text.append("\n")
      flush()
    }
  }

  /// Writes every queued error; the log thread, or a test without one.
  func drain() {
    queue.drain(into: &batch)
    guard !batch.isEmpty else { return }
    lock.withLock {
      for index in batch.indices { append(batch[index]) }
      flush()
    }
    batch.removeAll(keepingCapacity: true)
  }

  private func appendStart(_ level: ErrorRecord.Level, _ time: WallTime) {
    if isJournal {
      text.append("<")
      text.append(decimal: UInt64(level.rawValue))
      text.append(">")
    } else {
      text.append(time)
      text.append(" ")
      text.append(level.label)
      text.append(" ")
    }
  }

  private func append(_ record: borrowing ErrorRecord) {
    appendStart(record.level, record.time)
    switch record.kind {
    case .serverDown, .serverUp: appendServer(record)
    default:
      text.append(record.side.label)
      text.append(" ")
      text.append(record.kind.label)
      appendPair(" origin=", record.origin)
      appendPair(" object=", record.object)
    }
    if record.code != 0 {
      text.append(" cause=\"")
      text.append(escapingText: SystemError(code: record.code, call: "").text)
      text.append("\"")
    }
    if record.journey != 0 {
      text.append(" id=")
      text.append(hexadecimal: record.journey)
    }
    if record.suppressed > 0 {
      text.append(" suppressed=")
      text.append(decimal: record.suppressed)
    }
    text.append("\n")
  }

  /// What became of a server, by fetches or probes: `live/10.0.0.1:80 is down: status 503`.
  private func appendServer(_ record: borrowing ErrorRecord) {
    appendPlain(record.origin.bytes)
    text.append(" ")
    text.append(record.kind.label)
    if record.reason != .none {
      text.append(": ")
      text.append(record.reason.label)
    } else if record.object.count > 0 {
      text.append(": ")
      appendPlain(record.object.bytes)
    }
  }

  /// Appends a sentence; controls become spaces, so that it stays one line.
  private func appendPlain(_ bytes: borrowing Span<UInt8>) {
    for index in bytes.indices {
      let byte = bytes[index]
      text.append(byte: byte < 0x20 || byte == 0x7F ? 0x20 : byte)
    }
  }

  private func appendPair<let capacity: Int>(
    _ key: StaticString, _ value: borrowing InlineText<capacity>
  ) {
    guard value.count > 0 else { return }
    text.append(key)
    text.append("\"")
    text.append(escaping: value.bytes)
    if value.isTruncated { text.append("…") }
    text.append("\"")
  }

  private func flush() {
    Self.write(text.bytes, to: descriptor)
    text.removeAll()
  }

  /// Writes lines; an error log that cannot be written has nowhere to complain.
  private static func write(_ lines: borrowing Span<UInt8>, to descriptor: Int32) {
    var done = 0
    while done < lines.count {
      let piece = lines.extracting(done...)
      let written = unsafe piece.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        return
      }
    }
  }

  /// Whether standard error is the journal's socket: `JOURNAL_STREAM` names device and inode.
  ///
  /// Source: systemd.exec(5).
  private static func isJournalOnStandardError() -> Bool {
    guard let stream = unsafe getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return unsafe String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
  }
}
