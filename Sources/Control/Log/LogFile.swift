internal import Glibc
internal import Loop

/// A file, or standard output, that log text is appended to.
///
/// Belongs to one thread.
struct LogFile: ~Copyable {
  /// Where the text goes: a path, or `-` for standard output.
  let path: String
  private let descriptor: Int32
  private let isRegular: Bool
  /// Whether a failed write left half a line, so that the next text starts a new one.
  private var isLineBroken = false

  /// Opens `path` for appending and creates it if need be, readable by owner and group.
  ///
  /// The corresponding C functions are `open` and, for `-`, `dup`.
  init(path: String) throws(SystemError) {
    let opened = Self.open(path)
    guard opened >= 0 else { throw SystemError(code: errno, call: "open") }
    var status = stat()
    let isKnown = unsafe fstat(opened, &status) == 0
    self.path = path
    descriptor = opened
    isRegular = isKnown && status.st_mode & S_IFMT == S_IFREG
  }

  deinit { close(descriptor) }

  private static func open(_ path: String) -> Int32 {
    if path == "-" { return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) }
    return unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
  }

  /// Appends `text`, in one `write` where the system takes it so.
  ///
  /// What cannot be written is lost: nobody waits for a full disk or a reader that sleeps.
  mutating func append(_ text: borrowing Span<UInt8>) throws(SystemError) {
    if isLineBroken {
      try write("\n".utf8Span.span)
      isLineBroken = false
    }
    try write(text)
  }

  private mutating func write(_ text: borrowing Span<UInt8>) throws(SystemError) {
    var done = 0
    while done < text.count {
      if !isRegular { try waitForRoom(after: done) }
      let end = isRegular ? text.count : min(text.count, done + LogLimits.pipeWriteBytes)
      let piece = text.extracting(done..<end)
      let written = unsafe piece.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      if written > 0 {
        done += written
      } else if written < 0 && (errno == EINTR || errno == EAGAIN && !isRegular) {
        continue
      } else {
        let code = written == 0 ? EIO : errno
        isLineBroken = isLineBroken || done > 0
        throw SystemError(code: code, call: "write")
      }
    }
  }

  /// Waits until a pipe, socket or terminal takes a piece.
  ///
  /// The corresponding C function is `poll`.
  private mutating func waitForRoom(after done: Int) throws(SystemError) {
    var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    var ready: Int32
    repeat {
      ready = unsafe poll(&watched, 1, LogLimits.pipeWaitMilliseconds)
    } while ready < 0 && errno == EINTR
    guard ready == 0 else { return }
    isLineBroken = isLineBroken || done > 0
    throw SystemError(code: ETIMEDOUT, call: "write")
  }
}
