internal import Glibc

/// What the system calls an error.
enum SystemText {
  /// The words for an `errno`; the corresponding C function is `strerror`.
  static func of(_ code: Int32) -> String {
    guard let words = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: words)
  }
}
