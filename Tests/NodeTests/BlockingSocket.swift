import CLinux
import Glibc

/// A blocking loopback connection; a minute without a byte fails the test instead of hanging it.
struct BlockingSocket {
  let descriptor: Int32
  private var held: [UInt8] = []

  init(descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Connects to `port`; with `window`, the kernel takes few bytes ahead of the reader.
  init(port: UInt16, window: Int32? = nil) {
    self.init(descriptor: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    if var window {
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &window, socklen_t(MemoryLayout<Int32>.size))
    }
    let code = withLoopback(port: port) { connect(descriptor, .init(__sockaddr__: $0), $1) }
    precondition(code == 0, "cannot connect")
  }

  func close() { Glibc.close(descriptor) }

  /// Sends all bytes; `false` when the peer is gone.
  func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Reads up to and without the next blank line; `nil` at the end.
  mutating func readHead() -> String? {
    while true {
      if let end = blankLine() {
        let head = String(decoding: held[..<end], as: UTF8.self)
        held.removeFirst(end + 4)
        return head
      }
      guard fill() else { return nil }
    }
  }

  /// Reads `count` bytes; fewer only at the end or after a reset.
  mutating func read(_ count: Int, by step: Int = 65_536) -> [UInt8] {
    while held.count < count, fill(step) {}
    let part = Array(held.prefix(count))
    held.removeFirst(part.count)
    return part
  }

  /// Reads one line without its end; `nil` at the end.
  mutating func readLine() -> String? {
    while true {
      if let end = held.firstIndex(of: 10) {
        let line = String(decoding: held[..<end], as: UTF8.self)
        held.removeFirst(end + 1)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      guard fill() else { return nil }
    }
  }

  private mutating func fill(_ step: Int = 65_536) -> Bool {
    var part = [UInt8](repeating: 0, count: step)
    let count = recv(descriptor, &part, part.count, 0)
    guard count > 0 else { return false }
    held += part[..<count]
    return true
  }

  private func blankLine() -> Int? {
    guard held.count >= 4 else { return nil }
    return (0...(held.count - 4)).first {
      held[$0] == 13 && held[$0 + 1] == 10 && held[$0 + 2] == 13 && held[$0 + 3] == 10
    }
  }
}

/// Calls `body` with the address of a loopback port.
func withLoopback<Result>(
  port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
