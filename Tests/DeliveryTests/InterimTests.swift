import Bytes
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `Interim responses` {
  private let body = Payload.bytes("a", count: 9000)
  private let hints =
    "HTTP/1.1 103 Early Hints\r\nLink: </init.mp4>; rel=preload\r\nSet-Cookie: a=b\r\n\r\n"
    + "HTTP/1.1 100 Continue\r\n\r\n"
    + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Odd\r\nConnection: close\r\n\r\n"

  @Test func `go to all who wait, but not to HTTP 1.0, and are never stored`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        "/a.ts",
        ScriptedAnswer.ok(body, "Cache-Control: max-age=60", after: Milliseconds(500))
          .after(interim: hints, wait: Milliseconds(10)))
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(4)
      for viewer in viewers.dropLast() { viewer.asks("/a.ts") }
      viewers[3].asks("/a.ts", version: "1.0")
      lab.until("all wait") { edge.counted(.requestsActive) == 4 }
      lab.untilDone(viewers)

      let first = viewers.dropLast().filter { $0.responses.count > 1 }
      #expect(!first.isEmpty)
      for viewer in first {
        #expect(viewer.responses.map(\.status) == [103, 102, 199, 200])
        #expect(viewer.responses[0].field("Link") == "</init.mp4>; rel=preload")
        #expect(viewer.responses[0].field("Set-Cookie") == nil)
        #expect(viewer.responses[2].field("Connection") == nil)
        viewer.expect(200, body)
      }
      #expect(viewers[3].responses.map(\.status) == [200])

      let late = lab.viewer()
      late.asks("/a.ts")
      lab.untilDone([late])
      #expect(late.responses.map(\.status) == [200])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `do not save an answer that never comes`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        "/a", ScriptedAnswer(steps: [.send(Array(hints.utf8)), .wait(Milliseconds(20)), .reset]))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a", "Content-Length: 0", method: "POST")
      lab.untilDone([viewer])
      #expect(viewer.responses.map(\.status) == [103, 102, 199, 502])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `without end are an error of the origin`() {
    scenario { lab in
      let origin = lab.origin()
      let many = String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 1000)
      origin.answers("/a", .raw(many))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a", version: "1.0")
      lab.untilDone([viewer])
      #expect(viewer.last.status == 502)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `A passed answer` {
  private let rules = [RuleSettings(match: "/**", bypass: true)]

  @Test func `keeps the Age of the cache that had it, and its Date`() {
    scenario { lab in
      lab.rules = rules
      let origin = lab.origin()
      origin.answers(
        "/a", .ok([1, 2], "Age: 7", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Via: 1.1 far"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      #expect(viewer.last.field("Age") == "7")
      #expect(viewer.last.field("Date") == "Sun, 06 Nov 1994 08:49:37 GMT")
      #expect(viewer.last.field("Via") == "1.1 far, 1.1 edge")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `leaves out what is meant for this cache alone`() {
    scenario(seeds: 1...1) { lab in
      let origin = lab.origin()
      origin.answers(
        "/a",
        .ok([1, 2], "Spillway-Cache-Control: no-store", "CDN-Cache-Control: no-store"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      viewer.expect(200, [1, 2])
      #expect(viewer.last.field("Spillway-Cache-Control") == nil)
      #expect(viewer.last.field("CDN-Cache-Control") == "no-store")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is given the Date of its arrival where it has none`() {
    scenario { lab in
      lab.rules = rules
      let origin = lab.origin()
      origin.answers("/a", .ok([1, 2]))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      #expect(viewer.last.field("Date")?.hasSuffix(" GMT") == true)
      #expect(viewer.last.field("Age") == nil)
      lab.expectNothingLeft(of: edge)
    }
  }
}
