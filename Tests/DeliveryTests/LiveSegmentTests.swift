import Bytes
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A live segment on a cold edge` {
  private let target = "/live/seg42.m4s"
  private let segment = Payload.bytes("seg42", count: 300_000)
  private let fields = "Cache-Control: max-age=60"

  @Test(arguments: [2, 4])
  func `is fetched once however many viewers ask for it`(workers: Int) {
    scenario(seeds: 1...2) { lab in
      let segment = Payload.bytes("short", count: 40_000)
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields, after: Milliseconds(200)))
      let edge = lab.edge(workers: workers)

      let viewers = lab.viewers(100)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, segment) }
      #expect(origin.requestCount(target) == 1)
      #expect(edge.counted(.fillJoins) + edge.answered(.hit) == 99)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `reaches its followers as it arrives`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .chunked(segment, fields, after: Milliseconds(20), pieces: 10, every: Milliseconds(200)))
      lab.edge(workers: 2)

      let early = lab.viewers(20)
      for viewer in early { viewer.asks(target) }
      lab.wait(Milliseconds(500))
      let asked = lab.now
      let late = lab.viewers(20)
      for viewer in late { viewer.asks(target) }
      lab.untilDone(early + late)

      // Origin's first byte: connect, request and think time; then one way to the viewer.
      let sent = origin.requests[0].time + Milliseconds(20)
      for viewer in early {
        viewer.expect(200, segment)
        let first = viewer.last.firstByte.map { $0 - sent }
        #expect(first ?? .seconds(9) <= Milliseconds(2))
      }
      for viewer in late {
        viewer.expect(200, segment)
        let first = viewer.last.firstByte.map { $0 - asked }
        #expect(first ?? .seconds(9) <= Milliseconds(4))
      }
    }
  }

  @Test func `does not depend on the viewer that asked first`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields, pieces: 10, every: Milliseconds(100)))
      let edge = lab.edge(workers: 2)

      let first = lab.viewer()
      first.asks(target)
      lab.until("the Fill runs") { edge.counted(.fillsActive) == 1 }
      let others = lab.viewers(5)
      for viewer in others { viewer.asks(target) }
      lab.wait(Milliseconds(300))
      first.breaks()
      lab.untilDone(others)

      for viewer in others { viewer.expect(200, segment) }
      #expect(origin.requestCount(target) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is filled to the end when nobody is left`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields, pieces: 10, every: Milliseconds(100)))
      let edge = lab.edge()

      let first = lab.viewer()
      first.asks(target)
      lab.until("the Fill runs") { edge.counted(.fillsActive) == 1 }
      first.leaves()
      lab.until("the Fill ends") { edge.counted(.fillsSealed) == 1 }
      let second = lab.viewer()
      second.asks(target)
      lab.untilDone([second])

      second.expect(200, segment)
      #expect(edge.answered(.hit) == 1)
      #expect(origin.requestCount(target) == 1)
    }
  }

  @Test func `is neither held up nor stopped by a viewer at 1 KB a second`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields, pieces: 10, every: Milliseconds(100)))
      let edge = lab.edge(workers: 2)

      let slow = lab.viewer(over: .slow(bytesPerSecond: 1000))
      slow.asks(target)
      lab.until("the Fill runs") { edge.counted(.fillsActive) == 1 }
      let others = lab.viewers(20)
      for viewer in others { viewer.asks(target) }
      lab.untilDone(others, limit: Milliseconds(1500))

      for viewer in others { viewer.expect(200, segment) }
      #expect(edge.counted(.fillsSealed) == 1)
      #expect(slow.last.end == .open)
      lab.untilDone([slow], limit: .seconds(400))
      slow.expect(200, segment)
      #expect(origin.requestCount(target) == 1)
    }
  }

  @Test func `that breaks off is broken for all its followers and kept for nobody`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .broken(segment, at: 100_000, fields))
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(20)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)
      for viewer in viewers { viewer.expectCut() }
      #expect(edge.node.table.objectCount == 0)
      #expect(origin.requestCount(target) == 1)

      origin.answers(target, .ok(segment, fields))
      let next = lab.viewer()
      next.asks(target)
      lab.untilDone([next])

      next.expect(200, segment)
      #expect(origin.requestCount(target) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that ends short of its length is not whole`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .broken(segment, at: 299_999, fields, byReset: false))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      let old = lab.viewer()
      old.asks(target, version: "1.0")
      lab.untilDone([viewer, old])

      viewer.expectCut()
      old.expectCut()
      #expect(old.endpoint.failure != nil)
      #expect(edge.node.table.objectCount == 0)
      #expect(edge.counted(.originTruncated) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `in chunks of which one is malformed is not whole`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .raw(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=9\r\n\r\n"
            + "5\r\nhello\r\nxyz\r\n"))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      if viewer.last.status == 200 { viewer.expectCut() } else { viewer.expect(502) }
      #expect(edge.node.table.objectCount == 0)
      #expect(edge.counted(.originBadChunk) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}
