internal import Glibc

/// Where a command speaks.
enum Terminal {
  /// One of the two streams.
  enum Stream: Int32 {
    case output = 1
    case error = 2
  }

  /// Writes all of `text`; a reader that has gone ends the process quietly, as SIGPIPE does.
  static func write(_ text: String, to stream: Stream = .output) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { buffer in
        Glibc.write(stream.rawValue, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return }
      written += count
    }
  }
}
