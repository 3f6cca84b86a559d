import Bytes
import CLinux
import Glibc
import Loop

/// What an origin answers with; a path of digits and a query of flags say it all.
///
/// `/NUMBER/LENGTH` is an object of LENGTH bytes; the last part of the path chooses more:
/// `chunked`, `revalidate`, `half` (waits at the gate after the first half of the body).
final class BlockingOrigin: @unchecked Sendable {
  // Exception: unchecked, because the lock guards what changes.
  let port: UInt16
  /// Where an object whose path says `half` waits in the middle.
  let gate: Gate
  private let listener: Int32
  private let lock = Lock()
  private var requests: [String: Int] = [:]
  private var connections: [Int32] = []
  private var threads: [WorkerThread] = []
  private var accepter: WorkerThread?

  init(gate: Gate = Gate(0)) throws {
    self.gate = gate
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let bound = withLoopback(port: 0) { bind(made, .init(__sockaddr__: $0), $1) }
    precondition(bound == 0 && listen(made, 256) == 0, "the origin cannot listen")
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(made, .init(__sockaddr__: $0), &size)
      }
    }
    listener = made
    port = UInt16(bigEndian: address.sin_port)
    accepter = try WorkerThread(name: "origin") { [unowned self] in accept() }
  }

  /// How often a path was asked for.
  func count(of path: String) -> Int { lock.withLock { requests[path, default: 0] } }

  /// Closes every connection and ends every thread.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    accepter?.join()
    accepter = nil
    close(listener)
    for connection in lock.withLock({ connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
    for thread in lock.withLock({ threads }) { thread.join() }
    for connection in lock.withLock({ connections }) { close(connection) }
    lock.withLock { threads = [] }
  }

  /// The bytes of an object: they tell the object and the place.
  static func bytes(_ number: Int, _ length: Int) -> [UInt8] {
    Array(pattern[(number * 131)..<(number * 131 + length)])
  }

  private static let pattern = [UInt8](unsafeUninitializedCapacity: 6_000_000) { buffer, count in
    while count < 6_000_000 {
      buffer[count] = UInt8(truncatingIfNeeded: count &+ count >> 9)
      count += 1
    }
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, .init(__sockaddr__: nil), nil)
      guard connection >= 0 else { return }
      lock.withLock { connections.append(connection) }
      do throws(SystemError) {
        let thread = try WorkerThread(name: "origin") { [unowned self] in serve(connection) }
        lock.withLock { threads.append(thread) }
      } catch {
        preconditionFailure("no thread for the origin: \(error)")
      }
    }
  }

  private func serve(_ connection: Int32) {
    var socket = BlockingSocket(descriptor: connection)
    while let head = socket.readHead() {
      let lines = head.split(separator: "\r\n")
      let path = String(lines[0].split(separator: " ")[1])
      lock.withLock { requests[path, default: 0] += 1 }
      let isConditional = lines.contains { $0.lowercased().hasPrefix("if-none-match:") }
      guard answer(path, isConditional: isConditional, over: socket) else { return }
    }
  }

  private func answer(_ path: String, isConditional: Bool, over socket: BlockingSocket) -> Bool {
    let parts = path.split(separator: "/")
    guard parts.count >= 2, let number = Int(parts[0]), let length = Int(parts[1]) else {
      return socket.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    }
    let kind = parts.count > 2 ? parts[2] : ""
    let control = kind == "revalidate" ? "no-cache" : "max-age=3600"
    let common =
      "Content-Type: application/octet-stream\r\nETag: \"\(number)\"\r\n"
      + "Cache-Control: \(control)\r\n"
    if isConditional { return socket.send("HTTP/1.1 304 Not Modified\r\n\(common)\r\n") }
    let bytes = BlockingOrigin.bytes(number, length)
    if kind == "chunked" {
      guard socket.send("HTTP/1.1 200 OK\r\n\(common)Transfer-Encoding: chunked\r\n\r\n") else {
        return false
      }
      for start in stride(from: 0, to: length, by: 3000) {
        let part = bytes[start..<min(start + 3000, length)]
        let line = Array("\(String(part.count, radix: 16))\r\n".utf8)
        guard socket.send(line + part + [13, 10]) else { return false }
      }
      return socket.send("0\r\n\r\n")
    }
    guard socket.send("HTTP/1.1 200 OK\r\n\(common)Content-Length: \(length)\r\n\r\n") else {
      return false
    }
    guard kind == "half" else { return socket.send(bytes) }
    guard socket.send(Array(bytes[..<(length / 2)])) else { return false }
    gate.wait()
    return socket.send(Array(bytes[(length / 2)...]))
  }
}
