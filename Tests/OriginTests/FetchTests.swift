import Bytes
import Loop
import Policy
import Telemetry
import Testing
import Wire

@testable import Origin

private let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

@Suite struct `A fetch from one server` {
  @Test func `asks with a head of its own and brings the answer`() throws {
    let lab = try Lab([ServerSettings(host: "10.0.0.1", pathPrefix: "/base")])
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends(hello)
    lab.turn()

    #expect(
      lab.network.lines[0].requestText
        == "GET /base/a.ts HTTP/1.1\r\nHost: 10.0.0.1\r\nAccept: */*\r\n\r\n")
    #expect(listener.status == 200 && listener.server == 0)
    #expect(listener.bodyText == "hello" && listener.ended == false)
    #expect(lab.pool.fetchCount == 0)
    #expect(lab.counted(.originRequests) == 1 && lab.counted(.originResponses2xx) == 1)
  }

  @Test func `names the host that the request carries`() throws {
    let lab = try Lab()

    _ = lab.fetch(Listener()) {
      $0.request = OriginRequest(
        method: .get, framing: .none, methodText: Array("GET".utf8),
        target: Array("/a.ts".utf8), host: Array("www.example.com".utf8), fields: [])
    }

    #expect(lab.network.lines[0].requestText.contains("\r\nHost: www.example.com\r\n"))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
  ])
  func `reads byte by byte, copied or in place`(answer: String) throws {
    for inPlace in [-1, 0] {
      let lab = try Lab()
      let listener = Listener()
      listener.inPlace = inPlace
      lab.network.readMax = 1

      _ = lab.fetch(listener)
      lab.network.lines[0].sends(answer)
      lab.turn()

      #expect(listener.bodyText == "hello world" && listener.ended == false)
      #expect(lab.network.open.count == 1)
    }
  }

  @Test func `reads bodies straight into the client's memory`() throws {
    let lab = try Lab()
    let listener = Listener()
    listener.inPlace = 0

    _ = lab.fetch(listener)
    lab.network.lines[0].sends("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
    lab.turn()
    lab.network.lines[0].sends([UInt8](repeating: 7, count: 20_000))
    lab.turn()

    #expect(listener.inPlace == 20_000)
    #expect(listener.body == [UInt8](repeating: 7, count: 20_000))
    #expect(listener.ended == false)
  }

  @Test func `passes 103 on before the answer`() throws {
    let lab = try Lab()
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + hello)
    lab.turn()

    #expect(listener.interims == [103] && listener.status == 200 && listener.bodyText == "hello")
  }

  @Test func `tells a body that ends with the connection`() throws {
    let lab = try Lab()
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends("HTTP/1.1 200 OK\r\n\r\nhello")
    lab.turn()
    #expect(listener.bodyText == "hello" && listener.ended == nil)
    lab.network.lines[0].ends()
    lab.turn()

    #expect(listener.ended == true)
    #expect(lab.network.open.isEmpty)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", FetchFailure.Kind.truncated, true),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", .truncated, true),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .badChunk, true),
    ("HTTP/1.1 200 OK\r\nContent Length: 9\r\n\r\n", .badHead, false),
    ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 33_000))", .headTooLarge, false),
    ("", .reset, false),
  ])
  func `fails when the answer is no good`(
    answer: String, kind: FetchFailure.Kind, headGiven: Bool
  ) throws {
    let lab = try Lab()
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends(answer)
    lab.network.lines[0].ends()
    lab.turn()

    #expect(listener.failure == FetchFailure(kind: kind, server: 0, headGiven: headGiven))
    #expect(listener.failure?.status == 502 && listener.ended == nil)
    #expect(lab.network.open.isEmpty && lab.pool.fetchCount == 0)
  }

  @Test func `fails when the connection is reset in the middle of the body`() throws {
    let lab = try Lab()
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
    lab.turn()
    lab.network.lines[0].resets()
    lab.turn()

    #expect(listener.failure == FetchFailure(kind: .reset, server: 0, headGiven: true))
    #expect(lab.counted(.originReset) == 1)
  }

  @Test func `fails when the connection is refused`() throws {
    let lab = try Lab()
    let listener = Listener()
    lab.network.doors[Lab.address(1)] = .refuses

    _ = lab.fetch(listener)

    #expect(listener.failure == FetchFailure(kind: .refused, server: 0, headGiven: false))
    #expect(lab.counted(.originConnectRefused) == 1)
    #expect(lab.counted(.originConnectionsActive) == 0)
  }

  @Test func `fails when the name has no address, and goes on once it has one`() throws {
    let lab = try Lab([ServerSettings(host: "origin.example")])
    let first = Listener()
    let second = Listener()

    _ = lab.fetch(first)
    lab.book.publish(
      [Lab.address(9)], for: lab.book.register(host: "origin.example", port: 80))
    _ = lab.fetch(second)

    #expect(first.failure == FetchFailure(kind: .unresolved, server: 0, headGiven: false))
    #expect(second.failure == nil && lab.network.lines[0].address == Lab.address(9))
  }

  @Test func `times out when no connection is made, no head comes, the body stops`() throws {
    let lab = try Lab([ServerSettings(host: "10.0.0.1"), ServerSettings(host: "10.0.0.2")])
    lab.network.doors[Lab.address(1)] = .silent
    let listener = Listener()
    let stalled = Listener()

    _ = lab.fetch(listener) { $0.mayRepeat = false }
    lab.pass(490)
    #expect(lab.network.lines.count == 1)
    lab.pass(30)
    #expect(lab.network.lines.count == 2)
    lab.pass(1900)
    #expect(listener.failure == nil)
    lab.pass(200)
    lab.network.doors[Lab.address(1)] = .open
    _ = lab.fetch(stalled)
    lab.network.lines[2].sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
    lab.turn()
    lab.pass(1100)

    #expect(listener.failure?.kind == .firstByteTimedOut && listener.failure?.status == 504)
    #expect(stalled.failure?.kind == .stalled)
    #expect(lab.counted(.originConnectTimeout) == 1 && lab.counted(.originStall) == 1)
  }

  @Test func `lets an order wait longer, and a slow packager keep its rhythm`() throws {
    let lab = try Lab()
    let listener = Listener()

    _ = lab.fetch(listener) { $0.firstByteTimeout = .seconds(6) }
    lab.pass(5000)
    lab.network.lines[0].sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh")
    lab.turn()
    lab.pass(900)
    lab.network.lines[0].sends("e")
    lab.pass(1500)
    lab.network.lines[0].sends("llo you")
    lab.turn()

    #expect(listener.bodyText == "hello you" && listener.ended == false)
  }

  @Test func `stops reading while the client is full`() throws {
    let lab = try Lab()
    let listener = Listener()
    listener.room = 3

    let id = lab.fetch(listener)
    lab.network.lines[0].sends(hello)
    lab.turn()
    lab.pass(3000)
    #expect(listener.bodyText == "hel" && listener.ended == nil && listener.failure == nil)
    #expect(!lab.network.lines[0].isRead)
    listener.room = .max
    lab.pool.resume(id)
    #expect(listener.bodyText == "hel")
    lab.turn()

    #expect(listener.bodyText == "hello" && listener.ended == false)
  }

  @Test func `says nothing more after it was cancelled, even from within a call`() throws {
    let lab = try Lab()
    let outside = Listener()
    let inside = Listener()
    inside.onBody = { lab.pool.cancel($0) }

    lab.pool.cancel(lab.fetch(outside))
    _ = lab.fetch(inside)
    lab.network.open[0].sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
    lab.turn()
    lab.pass(5000)

    #expect(outside.failure == nil && outside.ended == nil)
    #expect(inside.bodyText == "hello" && inside.failure == nil && inside.ended == nil)
    #expect(lab.network.open.isEmpty && lab.pool.fetchCount == 0)
  }
}
