internal import Glibc
internal import Loop

/// Reads small files whole: configuration and secrets.
enum TextFile {
  /// Why a file could not be read.
  struct Failure: Error, Equatable {
    /// In the words of the system, or ours.
    let reason: String
  }

  /// The text of the file at `path`.
  ///
  /// Blocks; never called on a worker. The corresponding C functions are `open` and `read`.
  /// - Throws: also when it is longer than `bytesMax` or not UTF-8.
  static func read(_ path: String, bytesMax: Int) throws(Failure) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure(reason: SystemError(code: errno, call: "open").text)
    }
    defer { close(descriptor) }
    return try readAll(descriptor, bytesMax: bytesMax)
  }

  /// The text of standard input, up to its end.
  ///
  /// Blocks: for the command line alone.
  static func readInput(bytesMax: Int) throws(Failure) -> String {
    try readAll(STDIN_FILENO, bytesMax: bytesMax)
  }

  private static func readAll(
    _ descriptor: Int32, bytesMax: Int
  ) throws(Failure) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count <= bytesMax {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: SystemError(code: errno, call: "read").text) }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    guard bytes.count <= bytesMax else {
      throw Failure(reason: "it is longer than \(bytesMax) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(reason: "it is not UTF-8 text")
    }
    return text
  }
}
