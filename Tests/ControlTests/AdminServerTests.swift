import Glibc
import Loop
import Telemetry
import Testing

@testable import Control

/// A node's admin doors at a socket of the test's own.
struct AdminLab {
  let path: String
  let server: AdminServer
  let purges: Purges

  /// What was purged, noted on the admin thread.
  final class Purges: @unchecked Sendable {
    // Exception: unchecked, since the answer to the client orders the admin thread before the test.
    var list: [PurgeRequest] = []
  }

  init() throws {
    path = try Project.temporary("")
    unlink(path)
    purges = Purges()
    let purges = purges
    server = try AdminServer(
      socket: path, metrics: .loopback(port: 0),
      actions: AdminActions(
        metrics: { Array("spillway_up 1\n".utf8) },
        status: {
          StatusReport(
            node: "n1", version: "1", uptimeSeconds: 5, telemetry: NodeTelemetry(threads: []),
            values: NodeValues())
        },
        purge: { request in
          purges.list.append(request)
          return request == .tag("nobody") ? .unknownHost : .purged(sequence: 7)
        },
        explain: { _ in Explanation() },
        list: { question throws(PurgeRequest.Mistake) in try Self.page(question) },
        operate: { request throws(PurgeRequest.Mistake) in try Self.answer(request) },
        isServing: { true }))
  }

  /// Says what was understood; one server is known to nobody.
  static func answer(
    _ request: OperatorRequest
  ) throws(PurgeRequest.Mistake) -> OperatorAnswer {
    if case .drain(server: "a/b:1", _) = request {
      throw PurgeRequest.Mistake(message: "there is no origin \"a\"; known are live")
    }
    return OperatorAnswer(text: "\(request)\n", json: "{}\n")
  }

  /// Three objects on two pages.
  static func page(_ question: CacheQuestion) throws(PurgeRequest.Mistake) -> CachePage {
    guard question.prefix != "http://nobody/" else {
      throw PurgeRequest.Mistake(message: "no site has the host nobody")
    }
    var entry = CacheEntry()
    entry.key = "site|\(question.prefix.isEmpty ? "/" : question.prefix)"
    var page = CachePage()
    page.entries = question.cursor.isEmpty ? [entry, entry] : [entry]
    page.next = question.cursor.isEmpty ? "m1" : ""
    return page
  }

  /// Connects to a door.
  func connect(_ door: AdminRouter.Door) -> Int32 {
    if door == .admin {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      #expect(UnixAddress.connect(descriptor, to: path) == 0)
      return descriptor
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = (server.metricsAddress?.port ?? 0).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(
          descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0),
          socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(code == 0)
    return descriptor
  }

  /// Sends raw bytes to a door and gives everything that comes back.
  func raw(_ text: String, door: AdminRouter.Door = .admin) -> String {
    let descriptor = connect(door)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    #expect(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    return Self.everything(from: descriptor)
  }

  static func everything(from descriptor: Int32) -> String {
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
      answer += chunk[..<count]
    }
  }
}

@Suite struct `An admin server` {
  @Test func `gives its status to the client, for people and as JSON`() throws {
    let lab = try AdminLab()
    let client = AdminClient(socket: lab.path)

    let text = try client.status(json: false)
    let json = try client.status(json: true)
    lab.server.stop()

    #expect(text.hasPrefix("n1, Spillway 1, up 5 s, "))
    #expect(json.hasPrefix("{\"node\":\"n1\",\"version\":\"1\",\"uptime_seconds\":5,"))
  }

  @Test func `purges what the client names`() throws {
    let lab = try AdminLab()
    let client = AdminClient(socket: lab.path)

    let first = try client.purge(
      "url",
      "http://a.example.com/b?c=\"d\"&e=é".replacing("é", with: "%C3%A9").replacing(
        "\"", with: "%22"))
    _ = try client.purge("prefix", "https://a.example.com:8443/vod/")
    _ = try client.purge("tag", "film\\1")
    lab.server.stop()

    #expect(first == "{\"purge_sequence\":7}\n")
    #expect(
      lab.purges.list == [
        .url(host: "a.example.com", target: "/b?c=%22d%22&e=%C3%A9"),
        .prefix(host: "a.example.com:8443", path: "/vod/"), .tag("film\\1"),
      ])
  }

  @Test func `tells the client why it refuses`() throws {
    let lab = try AdminLab()
    let client = AdminClient(socket: lab.path)

    #expect(throws: AdminClient.Failure(message: "no site of this node has this host")) {
      try client.purge("tag", "nobody")
    }
    #expect(
      throws: AdminClient.Failure(
        message: "a tag is one word of visible ASCII, as the origin sends it")
    ) {
      try client.purge("tag", "two words")
    }
    #expect(lab.purges.list == [.tag("nobody")])
    lab.server.stop()
  }

  @Test(arguments: [
    ("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK", "ok\n"),
    ("GET /metrics HTTP/1.0\r\n\r\n", "200 OK", "spillway_up 1\n"),
    ("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK", ""),
    ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found", nil),
    ("GET /status?x HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request", nil),
    (
      "POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed", nil
    ),
    ("GET /purge HTTP/1.1\r\nHost: a\r\n\r\n", "405 Method Not Allowed", nil),
    ("POST /purge HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request", nil),
    (
      "POST /purge HTTP/1.1\r\nHost: a\r\nContent-Length: 14\r\n\r\n{\"site\":\"all\"}",
      "400 Bad Request", nil
    ),
    (
      "POST /purge HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "411 Length Required", nil
    ),
    (
      "POST /purge HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", "413 Content Too Large",
      nil
    ),
    ("GET /status HTTP/1.1\r\n\r\n", "400 Bad Request", nil),
    ("GET /status HTTP/1.1\nHost: a\n\n", "400 Bad Request", nil),
    ("nonsense\r\n\r\n", "400 Bad Request", nil),
  ])
  func `answers strictly`(request: String, status: String, body: String?) throws {
    let lab = try AdminLab()

    let answer = lab.raw(request)
    lab.server.stop()

    #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
    #expect(answer.contains("\r\nConnection: close\r\n"))
    if let body { #expect(answer.hasSuffix("\r\n\r\n\(body)")) }
  }

  @Test func `refuses a head that is too large`() throws {
    let lab = try AdminLab()

    let field = "X: " + String(repeating: "a", count: 9000)
    let answer = lab.raw("GET /status HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
    lab.server.stop()

    #expect(answer.hasPrefix("HTTP/1.1 431 "))
  }

  @Test(arguments: [("/metrics", 200), ("/healthz", 200), ("/status", 404), ("/purge", 404)])
  func `shows over TCP only what anybody may see`(path: String, status: Int) throws {
    let lab = try AdminLab()

    let answer = lab.raw("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", door: .metrics)
    lab.server.stop()

    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func `answers others while clients are stuck, and when a request comes in pieces`() throws {
    let lab = try AdminLab()
    let stuck = (0..<5).map { _ in lab.connect(.admin) }
    let slow = lab.connect(.admin)
    #expect(send(slow, "GET /healthz HT", 15, 0) == 15)

    let text = try AdminClient(socket: lab.path).status(json: false)
    #expect(send(slow, "TP/1.1\r\nHost: a\r\n\r\n", 19, 0) == 19)
    let late = AdminLab.everything(from: slow)
    for descriptor in stuck + [slow] { close(descriptor) }
    lab.server.stop()

    #expect(text.hasPrefix("n1"))
    #expect(late.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func `guards its socket by mode and removes it at the end`() throws {
    let lab = try AdminLab()
    var information = stat()

    #expect(stat(lab.path, &information) == 0)
    #expect(information.st_mode & 0o777 == 0o660)
    lab.server.stop()

    #expect(stat(lab.path, &information) == -1)
  }

  @Test func `takes the place of a dead one but not of a living one`() throws {
    let lab = try AdminLab()
    let path = lab.path
    let actions = AdminActions(
      metrics: { [] },
      status: {
        StatusReport(
          node: "n2", version: "1", uptimeSeconds: 0, telemetry: NodeTelemetry(threads: []),
          values: NodeValues())
      }, purge: { _ in .unknownHost }, explain: { _ in Explanation() },
      list: { _ in CachePage() }, operate: { _ in OperatorAnswer(text: "", json: "") },
      isServing: { false })
    #expect(throws: SystemError.self) {
      try AdminServer(socket: path, metrics: nil, actions: actions)
    }
    lab.server.stop()
    let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(
          dead, __CONST_SOCKADDR_ARG(__sockaddr__: $0),
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    close(dead)

    let server = try AdminServer(socket: path, metrics: nil, actions: actions)
    let text = try AdminClient(socket: path).status(json: false)
    #expect(throws: AdminClient.Failure(message: "the node refused with status 503")) {
      try AdminClient(socket: path).ask("GET", "/healthz", body: nil)
    }
    server.stop()

    #expect(text.hasPrefix("n2"))
  }
}

@Suite struct `An admin client` {
  @Test func `says what to do when no node answers`() {
    #expect(
      throws: AdminClient.Failure(
        message: "no node answers at /nowhere/a.sock; is `spillway serve` running?")
    ) {
      try AdminClient(socket: "/nowhere/a.sock").status(json: true)
    }
  }
}
