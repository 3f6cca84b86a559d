internal import Glibc

/// A TCP port of this machine.
struct Port {
  /// The IPv4 address.
  let address: String
  /// The number.
  let number: UInt16

  /// Whether somebody else listens there, or the system refuses it for another reason.
  ///
  /// - Returns: `nil` when it is free, else an `errno`; the corresponding C function is `bind`.
  func obstacle() -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    var yes: Int32 = 1
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard
      let code = unsafe withAddress({ address, count in unsafe bind(descriptor, address, count) })
    else { return EINVAL }
    guard code == 0, listen(descriptor, 1) == 0 else { return errno }
    return nil
  }

  /// Asks for a path and gives the status of the answer; `nil` when there is none in time.
  func status(of path: String) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let limit = DemoLimits.requestMilliseconds
    var wait = timeval(tv_sec: limit / 1000, tv_usec: limit % 1000 * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe setsockopt(
        descriptor, SOL_SOCKET, option, &wait, socklen_t(MemoryLayout<timeval>.size))
    }
    let code = unsafe withAddress { address, count in unsafe connect(descriptor, address, count) }
    guard code == 0 else { return nil }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n".utf8)
    guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0
    else { return nil }
    // "HTTP/1.1 200" is enough to know; closing tells the rest that nobody listens.
    var answer = [UInt8](repeating: 0, count: 12)
    guard unsafe recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL)) == 12
    else { return nil }
    return Int(String(decoding: answer[9...], as: UTF8.self))
  }

  /// Calls `body` with the address as C wants it; `nil` when it is no IPv4 address.
  private func withAddress(
    _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Int32
  ) -> Int32? {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = number.bigEndian
    guard unsafe inet_pton(AF_INET, address, &place.sin_addr) == 1 else { return nil }
    return unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body(
          __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
