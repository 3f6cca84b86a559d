import Bytes
import Cache
import Delivery
import Loop
import Policy
import TestKit
import Testing

@Suite(.seeded) struct `A request with Authorization` {
  private let target = "/vod/a.ts"
  private let body = Payload.bytes("a", count: 30_000)
  private let own = "Authorization: Basic YTpi"

  @Test func `is not answered with what was fetched without it`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(body, "Cache-Control: max-age=60"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])
      viewer.asks(target, own)
      lab.until("the second answer") { viewer.wholeCount == 2 }

      viewer.expect(200, body)
      #expect(viewer.last.field("Cache-Status") == "edge;fwd=request;fwd-status=200")
      #expect(origin.requests.last?.field("Authorization") == "Basic YTpi")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: ["public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate"])
  func `is answered with what says that it is for all, and stores such answers`(control: String) {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(body, "Cache-Control: \(control)", pieces: 3))
      let edge = lab.edge(workers: 2)
      let first = lab.viewer()
      first.asks(target, own)
      lab.untilDone([first])
      first.expect(200, body)
      #expect(
        first.last.field("Cache-Status")?.hasPrefix("edge;fwd=uri-miss;fwd-status=200;ttl=") == true
      )
      #expect(first.last.field("Cache-Status")?.hasSuffix(";stored") == true)
      lab.until("it is stored") { edge.node.table.objectCount == 1 }

      let others = lab.viewers(4)
      for (number, viewer) in others.enumerated() {
        if number.isMultiple(of: 2) { viewer.asks(target) } else { viewer.asks(target, own) }
      }
      lab.untilDone(others)
      for viewer in others {
        viewer.expect(200, body)
        #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit;ttl=") == true)
      }
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `neither joins a Fill nor is joined, and keeps its own fields`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        .ok(
          Payload.bytes(request.field("Authorization") ?? "none", count: 9000),
          "Cache-Control: private", after: Milliseconds(100))
      }
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(6)
      for (number, viewer) in viewers.enumerated() {
        if number == 0 {
          viewer.asks(target)
        } else {
          viewer.asks(target, "Authorization: \(number)")
        }
      }
      lab.untilDone(viewers)
      for (number, viewer) in viewers.enumerated() {
        viewer.expect(200, Payload.bytes(number == 0 ? "none" : "\(number)", count: 9000))
      }
      #expect(edge.node.table.objectCount == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: ["Cookie: a=b", "X-Forwarded-Host: evil.example", "If-None-Match: \"x\""])
  func `stores nothing that a field of its own may have coloured`(field: String) {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(body, "Cache-Control: public, max-age=60"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target, own, field)
      lab.untilDone([viewer])
      viewer.expect(200, body)
      #expect(edge.node.table.objectCount == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `gets a playlist when it is whole, and stores it`() {
    scenario { lab in
      let origin = lab.origin()
      let text = Array("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg7.ts\n".utf8)
      origin.answers(
        "/a.m3u8", .ok(text, "Cache-Control: public", "Content-Type: application/x-mpegurl"))
      let edge = lab.edge()
      let viewers = lab.viewers(2)
      viewers[0].asks("/a.m3u8", own)
      lab.untilDone([viewers[0]])
      viewers[1].asks("/a.m3u8")
      lab.untilDone(viewers)
      for viewer in viewers { viewer.expect(200, text) }
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `gets a stale shared answer when the origin is dead`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(body, "Cache-Control: public, max-age=1, stale-if-error=60"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target, own)
      lab.untilDone([viewer])
      lab.wait(.seconds(2))
      origin.answers(target, .status(503))
      viewer.asks(target, own)
      lab.until("the second answer") { viewer.wholeCount == 2 }
      viewer.expect(200, body)
      #expect(
        viewer.last.field("Cache-Status")?.hasPrefix("edge;fwd=stale;fwd-status=503;ttl=-") == true)
      lab.expectNothingLeft(of: edge)
    }
  }
}
