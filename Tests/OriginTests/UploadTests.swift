import Bytes
import Loop
import Policy
import Testing
import Wire

@testable import Origin

private let created = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"

@Suite struct `A request with a body` {
  private func sender(_ text: String, _ steps: [UploadStep]) -> Listener {
    let listener = Listener()
    listener.uploadText = Array(text.utf8)
    listener.upload = steps
    return listener
  }

  private func post(_ order: inout FetchOrder, length: UInt64?) {
    order.mayRepeat = false
    order.request = OriginRequest(
      method: .post, framing: length.map { .length($0) } ?? .chunked,
      methodText: Array("POST".utf8), target: Array("/a.ts".utf8), host: nil,
      fields: Array("Accept: */*\r\n".utf8))
  }

  @Test func `goes out by its length as it comes in`() throws {
    let lab = try Lab()
    let listener = sender("hello", [.bytes(2), .wait, .bytes(3)])

    let id = lab.fetch(listener) { post(&$0, length: 5) }
    #expect(lab.network.lines[0].requestText.hasSuffix("\r\n\r\nhe"))
    #expect(!lab.network.lines[0].isWritten)
    lab.pass(10_000)
    #expect(listener.failure == nil)
    lab.pool.uploadReady(id)
    lab.turn()
    lab.network.lines[0].sends(created)
    lab.turn()

    #expect(
      lab.network.lines[0].requestText
        == "POST /a.ts HTTP/1.1\r\nHost: 10.0.0.1\r\nAccept: */*\r\nContent-Length: 5\r\n\r\nhello")
    #expect(listener.status == 201 && listener.ended == false)
    #expect(lab.network.open.count == 1)
  }

  @Test func `goes out in chunks when it came in chunks`() throws {
    let lab = try Lab()
    let listener = sender("hello", [.bytes(2), .bytes(3), .end])

    _ = lab.fetch(listener) { post(&$0, length: nil) }
    lab.network.lines[0].sends(created)
    lab.turn()

    #expect(lab.network.lines[0].requestText.contains("Transfer-Encoding: chunked\r\n"))
    #expect(
      lab.network.lines[0].requestText.hasSuffix(
        "\r\n\r\n0002\r\nhe\r\n0003\r\nllo\r\n0\r\n\r\n"))
    #expect(listener.ended == false && lab.network.open.count == 1)
  }

  @Test func `is not taken from the viewer faster than the origin takes it`() throws {
    let lab = try Lab()
    let text = String(repeating: "x", count: 100_000)
    let listener = sender(text, [.bytes(100_000)])

    _ = lab.pool.start(lab.order { post(&$0, length: 100_000) }, for: listener)
    lab.network.lines[0].writeRoom = 1000
    lab.turn()
    let held = 100_000 - listener.uploadText.count
    #expect(held <= 1000 + OriginLimits.uploadBytes)
    #expect(lab.network.lines[0].isWritten)
    lab.network.lines[0].writeRoom = .max
    lab.turn()
    lab.network.lines[0].sends(created)
    lab.turn()

    #expect(lab.network.lines[0].requestText.hasSuffix(text))
    #expect(listener.ended == false)
  }

  @Test func `is given up when the viewer breaks off`() throws {
    let lab = try Lab()
    let listener = sender("he", [.bytes(2), .broken])

    _ = lab.fetch(listener) { post(&$0, length: 5) }

    #expect(listener.failure == FetchFailure(kind: .uploadBroken, server: 0, headGiven: false))
    #expect(lab.network.open.isEmpty)
  }

  @Test func `may be answered early: then the rest is not sent and the connection ends`() throws {
    let lab = try Lab()
    let listener = sender("he", [.bytes(2), .wait])

    let id = lab.fetch(listener) { post(&$0, length: 5) }
    lab.network.lines[0].sends("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n")
    lab.turn()
    lab.pool.uploadReady(id)
    lab.turn()

    #expect(listener.status == 413 && listener.ended == false)
    #expect(lab.network.open.isEmpty && listener.uploadCalls == 2)
  }

  @Test func `hears the answer of an origin that no longer reads`() throws {
    let lab = try Lab()
    let listener = sender("hello", [.bytes(2), .wait, .bytes(3)])

    let id = lab.fetch(listener) { post(&$0, length: 5) }
    lab.network.lines[0].isWriteBroken = true
    lab.pool.uploadReady(id)
    lab.turn()
    lab.network.lines[0].sends("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
    lab.turn()

    #expect(listener.status == 403 && listener.bodyText == "no" && listener.ended == false)
    #expect(lab.network.open.isEmpty)
  }

  @Test func `takes nothing from the viewer before there is a connection`() throws {
    let lab = try Lab([ServerSettings(host: "10.0.0.1"), ServerSettings(host: "10.0.0.2")])
    lab.network.doors[Lab.address(1)] = .refuses
    let listener = sender("hello", [.bytes(5)])

    _ = lab.fetch(listener) { post(&$0, length: 5) }

    #expect(lab.network.lines[1].requestText.hasSuffix("hello"))
    #expect(listener.failure == nil && listener.uploadCalls == 1)
  }

  @Test func `times out when the origin neither reads nor answers`() throws {
    let lab = try Lab()
    let listener = sender("hello", [.bytes(5)])

    _ = lab.pool.start(lab.order { post(&$0, length: 5) }, for: listener)
    lab.network.lines[0].writeRoom = 20
    lab.turn()
    lab.pass(2100)

    #expect(listener.failure?.kind == .firstByteTimedOut)
  }
}
