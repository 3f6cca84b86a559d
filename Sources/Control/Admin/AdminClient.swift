internal import Bytes
internal import Glibc
internal import Loop
internal import Wire

/// Asks a running node through its admin socket; blocks, for the command line.
public struct AdminClient {
  /// Why there is no good answer.
  public struct Failure: Error, Equatable, Sendable {
    /// What went wrong and what to do.
    public let message: String
  }

  private let path: String

  /// A client of the node whose admin socket is at `path`.
  public init(socket path: String) { self.path = path }

  /// Whether there is a node, be it one that this user may not talk to.
  public var isAnswered: Bool {
    do throws(Failure) {
      close(try connected())
      return true
    } catch {
      return error != failure(ENOENT)
    }
  }

  /// The node's status, for people or as JSON.
  public func status(json: Bool) throws(Failure) -> String {
    try ask("GET", json ? "/status" : "/status?format=text", body: nil)
  }

  /// Purges, and gives the JSON of the answer.
  public func purge(_ key: String, _ value: String) throws(Failure) -> String {
    var writer = JSONWriter()
    writer.object { $0.member(key, value) }
    return try ask("POST", "/purge", body: writer.finish())
  }

  /// What the node would do with a request, for people or as JSON.
  public func explain(
    url: String, method: String, fields: String, response: String, json: Bool
  ) throws(Failure) -> String {
    var writer = JSONWriter()
    writer.object { object in
      object.member("url", url)
      object.member("method", method)
      object.member("fields", fields)
      object.member("response", response)
    }
    return try ask(
      "POST", json ? "/explain" : "/explain?format=text", body: writer.finish())
  }

  /// Sends one request and gives the body of a 200.
  func ask(_ method: String, _ target: String, body: String?) throws(Failure) -> String {
    var request = "\(method) \(target) HTTP/1.1\r\nHost: spillway\r\nConnection: close\r\n"
    if let body {
      request += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    }
    request += "\r\n" + (body ?? "")
    let descriptor = try connected()
    defer { close(descriptor) }
    try send(Array(request.utf8), to: descriptor)
    return try Self.body(of: try receiveAll(from: descriptor))
  }

  private func connected() throws(Failure) -> Int32 {
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(errno) }
    var patience = timeval(tv_sec: time_t(AdminLimits.clientTime.count / 1000), tv_usec: 0)
    let patienceCount = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, patienceCount)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, patienceCount)
    guard path.utf8.count <= TextForm.unixPathBytesMax else {
      close(descriptor)
      throw Failure(message: "the path \(path) is too long for a socket")
    }
    let code = UnixAddress.connect(descriptor, to: path)
    guard code == 0 else {
      close(descriptor)
      throw failure(code)
    }
    return descriptor
  }

  private func failure(_ code: Int32) -> Failure {
    switch code {
    case ENOENT, ECONNREFUSED:
      Failure(message: "no node answers at \(path); is `spillway serve` running?")
    case EACCES, EPERM:
      Failure(message: "no permission to talk to the node at \(path); try it with sudo")
    case EAGAIN:
      Failure(
        message: "the node at \(path) gave no answer in \(AdminLimits.clientTime.count / 1000) s")
    default:
      Failure(message: "cannot talk to \(path): \(SystemError(code: code, call: "connect").text)")
    }
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(
          descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
          Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(errno) }
      sent += count
    }
  }

  private func receiveAll(from descriptor: Int32) throws(Failure) -> [UInt8] {
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let deadline = Instant.read() + AdminLimits.clientTime
    while answer.count < AdminLimits.answerBytesMax, Instant.read() < deadline {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(errno) }
      if count == 0 { return answer }
      answer += chunk[..<count]
    }
    throw Failure(message: "the node at \(path) gave no end of its answer")
  }

  /// The body of an answer; the message of a refusal is thrown.
  private static func body(of answer: [UInt8]) throws(Failure) -> String {
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    let headCount: Int?
    do throws(HeadError) {
      headCount = try parser.parse(answer.span, requestMethod: .get, into: &head)
    } catch {
      throw Failure(message: "the node's answer is not HTTP: \(error.reason)")
    }
    guard let headCount, case .length(let length) = head.framing,
      UInt64(answer.count - headCount) == length
    else { throw Failure(message: "the node's answer was cut short") }
    let body = Array(answer[headCount...])
    guard head.status == 200 else {
      let members = JSONStrings.parse(body) ?? []
      let message = members.first { $0.key == "error" }?.value
      throw Failure(message: message ?? "the node refused with status \(head.status)")
    }
    return String(decoding: body, as: UTF8.self)
  }
}
