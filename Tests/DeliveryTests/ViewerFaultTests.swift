import Bytes
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A viewer` {
  private let target = "/live/seg1.m4s"
  private let segment = Payload.bytes("seg1", count: 70_000)
  private let fields = "Cache-Control: max-age=60"

  @Test func `whose head takes longer than ten seconds gets 408`() {
    scenario { lab in
      lab.origin()
      let edge = lab.edge()
      let viewer = lab.viewer()
      let started = lab.now
      viewer.sends("GET / HTTP/1.1\r\n")

      lab.until("the answer") { viewer.over != nil }

      #expect(viewer.last.status == 408)
      #expect((lab.now - started).count / 1000 == 10)
      #expect(edge.counted(.requestHeadTimeout) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that says nothing at all is closed after ten seconds`() {
    scenario(isAlwaysFast: true) { lab in
      lab.origin()
      let edge = lab.edge()
      let viewer = lab.viewer()

      lab.until("the close") { viewer.over != nil }

      #expect(viewer.responses.isEmpty)
      #expect((lab.now - viewer.connected).count / 1000 == 10)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `whose upload pauses for thirty seconds gets 408`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/upload", .never)
      let edge = lab.edge()
      let viewer = lab.viewer().asks("/upload", "Content-Length: 100", method: "POST")
      viewer.sends("half")
      let started = lab.now

      lab.until("the answer") { viewer.over != nil }

      #expect(viewer.last.status == 408)
      #expect((lab.now - started).count / 1000 == 30)
      #expect(edge.counted(.requestBodyTimeout) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that is idle after an answer is closed after 75 seconds`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields))
      let edge = lab.edge()
      let viewer = lab.viewer().asks(target)
      lab.untilDone([viewer])
      let answered = lab.now

      lab.until("the close") { viewer.over != nil }

      let idle = (lab.now - answered).count
      #expect(idle > 74_000 && idle < 76_000)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that takes no byte for sixty seconds is reset`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields))
      let edge = lab.edge()
      let viewer = lab.viewer(over: .slow(bytesPerSecond: 1_000_000))
      viewer.stopsReading()
      viewer.asks(target)
      lab.until("the Fill") { edge.counted(.fillsSealed) == 1 }
      let sealed = lab.now

      lab.until("the reset") { edge.counted(.viewerConnectionsActive) == 0 }

      let stalled = (lab.now - sealed).count
      #expect(stalled > 59_000 && stalled < 62_000)
      viewer.readsOn()
      lab.until("the reset is seen") { viewer.over != nil }
      viewer.expectCut()
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that sends garbage gets 400 and is closed`() {
    scenario { lab in
      lab.origin()
      let edge = lab.edge()
      let viewers = [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      ].map { text in
        let viewer = lab.viewer()
        viewer.sends(text)
        return viewer
      }

      lab.until("all are closed") { viewers.allSatisfy { $0.over != nil } }

      for viewer in viewers { #expect(viewer.last.status == 400 || viewer.last.status == 505) }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `whose head is too large gets 414 or 431`() {
    scenario { lab in
      lab.origin()
      let edge = lab.edge()
      let line = lab.viewer()
      line.sends("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n")
      let head = lab.viewer()
      head.sends("GET / HTTP/1.1\r\nHost: a\r\n")
      for _ in 0..<5 { head.sends("X: \(String(repeating: "a", count: 8000))\r\n") }

      lab.until("both are closed") { line.over != nil && head.over != nil }

      #expect(line.last.status == 414)
      #expect(head.last.status == 431)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that pipelines fifty requests gets fifty answers in order`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        .ok(Payload.bytes(request.target, count: 3000), fields, after: Milliseconds(5))
      }
      let edge = lab.edge(workers: 2)
      let viewer = lab.viewer()

      for number in 0..<50 {
        viewer.asks("/live/\(number % 7).vtt", "X-Filler: \(String(repeating: "f", count: 300))")
      }
      lab.until("fifty answers") { viewer.wholeCount == 50 || viewer.over != nil }

      #expect(viewer.fault == nil)
      #expect(viewer.wholeCount == 50)
      for (number, response) in viewer.responses.enumerated() {
        let isRight = Payload.areSame(
          response.body, Payload.bytes("/live/\(number % 7).vtt", count: 3000))
        #expect(isRight)
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `by HTTP/1.0 gets what it asked for and the end`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .chunked(segment, fields, pieces: 5, every: Milliseconds(50)))
      let edge = lab.edge()

      let viewer = lab.viewer().asks(target, version: "1.0")
      lab.until("the end") { viewer.over != nil }

      viewer.expect(200, segment)
      #expect(viewer.endpoint.failure == nil)
      #expect(viewer.last.field("Transfer-Encoding") == nil)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `of an unknown host gets 421, and one that loops gets 508`() {
    scenario { lab in
      lab.origin()
      let edge = lab.edge()

      let stranger = lab.viewer().asks(target, host: "example.org")
      let loop = lab.viewer().asks(target, "CDN-Loop: edge")
      let tunnel = lab.viewer().asks("example.org:443", method: "CONNECT")
      lab.untilDone([stranger, loop, tunnel])

      stranger.expect(421)
      loop.expect(508)
      tunnel.expect(405)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `An upload` {
  private let body = Payload.bytes("upload", count: 200_000)

  @Test func `goes to the origin as it comes, and its answer comes back`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers("/upload", .ok(Array("done".utf8), after: .seconds(1)))
      let edge = lab.edge()

      let viewer = lab.viewer().asks("/upload", "Content-Length: 200000", method: "POST")
      viewer.endpoint.send(body)
      lab.untilDone([viewer])

      viewer.expect(200, Array("done".utf8))
      let isSame = Payload.areSame(origin.uploaded, body)
      #expect(isSame)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is held back while its origin takes nothing`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answer = { _ in .ok(Array("done".utf8), after: .seconds(25)) }
      lab.timeouts.firstByte = .seconds(20)
      let edge = lab.edge()
      let viewer = lab.viewer().asks("/upload", "Content-Length: 2000000", method: "POST")
      lab.until("the head") { origin.requests.count == 1 }
      origin.isReadingPaused = true

      let large = Payload.bytes("large", count: 2_000_000)
      viewer.endpoint.send(large)
      lab.wait(.seconds(10))

      #expect(viewer.endpoint.unsentBytes > 1_700_000)
      origin.isReadingPaused = false
      lab.untilDone([viewer])
      viewer.expect(200, Array("done".utf8))
      let isSame = Payload.areSame(origin.uploaded, large)
      #expect(isSame)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `whose viewer leaves in the middle is not finished for him`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/upload", .never)
      let edge = lab.edge()
      let viewer = lab.viewer().asks("/upload", "Content-Length: 1000", method: "POST")
      viewer.sends("some")
      lab.until("the head") { origin.requests.count == 1 }

      viewer.leaves()
      lab.wait(.seconds(1))

      #expect(edge.counted(.fillsActive) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that expects it is told to continue`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/upload", .ok(Array("done".utf8), after: .seconds(1)))
      let edge = lab.edge()

      let viewer = lab.viewer().asks(
        "/upload", "Content-Length: 4", "Expect: 100-continue", method: "PUT")
      lab.until("100") { viewer.last.status == 100 }
      viewer.sends("body")
      lab.untilDone([viewer])

      #expect(viewer.responses.map(\.status) == [100, 200])
      #expect(origin.uploaded == Array("body".utf8))
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `A node that drains` {
  private let target = "/live/seg1.m4s"
  private let segment = Payload.bytes("seg1", count: 70_000)

  @Test func `finishes what runs, closes what is idle and accepts no more`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(segment, "Cache-Control: max-age=60", pieces: 10, every: Milliseconds(500)))
      let edge = lab.edge(workers: 2)
      let idle = lab.viewers(3)
      let running = lab.viewers(10)
      for viewer in running { viewer.asks(target) }
      lab.wait(.seconds(2))

      edge.drains()
      lab.until("the node ends", limit: .seconds(30)) {
        edge.workers.allSatisfy { $0.isDrained } && running.allSatisfy { $0.over != nil }
      }

      for viewer in running { viewer.expect(200, segment) }
      for viewer in idle { #expect(viewer.over != nil) }
      let late = lab.viewer()
      lab.wait(.seconds(1))
      #expect(late.endpoint.failure != nil)
    }
  }

  @Test func `resets after thirty seconds what has not ended`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, pieces: 1000, every: Milliseconds(500)))
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(4)
      for viewer in viewers { viewer.asks(target) }
      lab.wait(.seconds(2))
      let started = lab.now

      edge.drains()
      lab.until("the node ends") {
        edge.workers.allSatisfy { $0.isDrained } && viewers.allSatisfy { $0.over != nil }
      }

      let taken = (lab.now - started).count
      #expect(taken >= 29_900 && taken < 31_500)
      for viewer in viewers { viewer.expectCut() }
    }
  }
}
