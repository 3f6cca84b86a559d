import Bytes
import Delivery
import Loop
import Policy
import TestKit
import Testing

@Suite(.seeded) struct `A stale answer` {
  private let target = "/vod/poster.bin"
  private let old = Payload.bytes("poster", count: 5000)
  private let new = Payload.bytes("poster", count: 5100, version: 2)
  private let kept = "Cache-Control: max-age=1, stale-if-error=600"

  /// Stores a second's worth, then lets the origin answer so; returns the viewer's last answer.
  private func after(
    _ answer: ScriptedAnswer, _ fields: String..., check: (LabViewer, ScriptedOrigin, Lab) -> Void
  ) {
    scenario { lab in
      let origin = lab.origin()
      let first = ScriptedAnswer.ok(old, fields.first ?? kept)
      origin.answers(target, first)
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])
      lab.wait(.seconds(3))
      origin.answers(target, answer)
      viewer.asks(target)
      lab.until("the second answer") { viewer.wholeCount == 2 }
      check(viewer, origin, lab)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [500, 502, 503, 504])
  func `hides that the origin is dead`(status: Int) {
    after(.status(status)) { viewer, _, _ in
      viewer.expect(200, old)
      let member = viewer.last.field("Cache-Status")
      #expect(member?.hasPrefix("edge;fwd=stale;fwd-status=\(status);ttl=-") == true)
      #expect(member?.hasSuffix(";detail=stale-if-error") == true)
    }
  }

  @Test(arguments: [400, 403, 404, 410, 429, 501, 505, 599])
  func `gives way to the origin's present word`(status: Int) {
    after(.status(status)) { viewer, origin, lab in
      #expect(viewer.last.status == status)
      origin.stopsListening()
      origin.resetsConnections()
      lab.wait(.seconds(70))
      viewer.asks(target)
      lab.until("a third answer") { viewer.wholeCount == 3 }
      #expect(viewer.last.status >= 400)
    }
  }

  @Test func `is not served when a directive forbids that`() {
    after(.status(503), "Cache-Control: max-age=1, stale-if-error=600, must-revalidate") {
      viewer, _, _ in
      #expect(viewer.last.status == 503)
    }
  }

  @Test func `is served without a question for a second after the origin failed`() {
    after(.status(503)) { viewer, origin, lab in
      let seen = origin.requests.count
      viewer.asks(target)
      lab.until("a third answer") { viewer.wholeCount == 3 }
      viewer.expect(200, old)
      #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit;ttl=-") == true)
      #expect(
        viewer.last.field("Cache-Status")?.hasSuffix(";detail=stale-if-error") == true)
      #expect(origin.requests.count == seen)
      lab.wait(.seconds(2))
      origin.answers(target, .ok(new, kept))
      viewer.asks(target)
      lab.until("a fourth answer") { viewer.wholeCount == 4 }
      viewer.expect(200, new)
    }
  }

  @Test func `without validators takes a 304 for the error that it is`() {
    after(.status(304)) { viewer, _, _ in viewer.expect(200, old) }
    after(.status(304), "Cache-Control: max-age=1, must-revalidate") { viewer, _, _ in
      #expect(viewer.last.status == 502)
      #expect(viewer.last.field("Cache-Status") == "edge;fwd=stale;detail=bad_head")
    }
  }
}

@Suite(.seeded) struct `A 304 that nobody asked for` {
  @Test(arguments: ["GET", "POST"])
  func `is an error of the origin`(method: String) {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a", .status(304, "ETag: \"x\""))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a", "Content-Length: 0", method: method)
      lab.untilDone([viewer])
      #expect(viewer.last.status == 502)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is the answer where a passing viewer asked for it`() {
    scenario { lab in
      lab.rules = [RuleSettings(match: "/**", bypass: true)]
      let origin = lab.origin()
      origin.answers("/a", .status(304, "ETag: \"x\""))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a", "If-None-Match: \"x\"")
      lab.untilDone([viewer])
      #expect(viewer.last.status == 304)
      lab.expectNothingLeft(of: edge)
    }
  }
}
