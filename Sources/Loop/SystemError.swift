internal import Glibc

/// A system call that failed: which one, why, and for which address.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  /// The `errno` of the call.
  public let code: Int32
  /// The name of the C function.
  public let call: StaticString
  /// The address that was asked for, where there is one.
  public let address: SocketAddress?

  /// Notes that `call` failed with `code`.
  public init(code: Int32, call: StaticString, address: SocketAddress? = nil) {
    self.code = code
    self.call = call
    self.address = address
  }

  /// Notes that `call` has just failed on this thread.
  init(call: StaticString, address: SocketAddress? = nil) {
    self.init(code: errno, call: call, address: address)
  }

  /// The system's sentence for the code, as in "Address already in use".
  ///
  /// The corresponding C function is `strerrordesc_np`, which any thread may call.
  public var text: String {
    guard let text = unsafe strerrordesc_np(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// Call, address and sentence, as in "bind 0.0.0.0:80: Address already in use".
  public var description: String {
    guard let address else { return "\(call): \(text)" }
    return "\(call) \(address): \(text)"
  }

  /// The address is taken by another process (`EADDRINUSE`).
  public var isAddressInUse: Bool { code == EADDRINUSE }
}
