internal import Glibc

/// Who this machine is.
enum HostIdentity {
  /// The host name; the C function is `gethostname`.
  static func name() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let result = unsafe gethostname(&buffer, buffer.count - 1)
    guard result == 0 else { return "" }
    return String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
