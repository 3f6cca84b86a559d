import Bytes
import Cache
import Delivery
import Loop
import Policy
import TestKit
import Testing

@Suite(.seeded) struct `Cache-Control of a viewer` {
  private let body = Payload.bytes("a", count: 3000)

  /// Stores `/a` for ten seconds, waits, asks with `field`; returns how often the origin was asked.
  private func asked(
    _ field: String, after wait: Milliseconds, obeys: Bool = true,
    _ control: String = "max-age=10", check: (LabViewer, LabEdge) -> Void = { _, _ in }
  ) -> Int {
    var count = 0
    scenario(seeds: 1...2) { lab in
      var rule = RuleSettings(match: "/**")
      rule.obeysRequests = obeys
      lab.rules = [rule]
      let origin = lab.origin()
      origin.answers("/a", .ok(body, "Cache-Control: \(control)"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      lab.wait(wait)
      viewer.asks("/a", field)
      lab.until("the second answer") { viewer.wholeCount == 2 }
      check(viewer, edge)
      count = origin.requests.count
      lab.expectNothingLeft(of: edge)
    }
    return count
  }

  @Test(arguments: ["no-cache", "max-age=0", "max-age=1", "min-fresh=9"])
  func `sends to the origin where a rule obeys it`(directive: String) {
    #expect(asked("Cache-Control: \(directive)", after: .seconds(2)) == 2)
    #expect(asked("Cache-Control: \(directive)", after: .seconds(2), obeys: false) == 1)
  }

  @Test func `includes Pragma where there is no other`() {
    #expect(asked("Pragma: no-cache", after: .seconds(2)) == 2)
    #expect(asked("Pragma: no-cache\r\nCache-Control: max-age=60", after: .seconds(2)) == 1)
  }

  @Test func `takes a stale answer by max-stale, unless the origin forbids it`() {
    #expect(asked("Cache-Control: max-stale=5", after: .seconds(12)) == 1)
    #expect(asked("Cache-Control: max-stale", after: .seconds(12)) == 1)
    #expect(asked("Cache-Control: max-stale=1", after: .seconds(14)) == 2)
    #expect(
      asked("Cache-Control: max-stale=5", after: .seconds(12), "max-age=10, must-revalidate") == 2)
    #expect(asked("Cache-Control: max-stale=5", after: .seconds(12), obeys: false) == 2)
  }

  @Test func `by no-store keeps its answer out of the cache`() {
    scenario { lab in
      var rule = RuleSettings(match: "/**")
      rule.obeysRequests = true
      lab.rules = [rule]
      let origin = lab.origin()
      origin.answers("/a", .ok(body, "Cache-Control: max-age=10"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a", "Cache-Control: no-store")
      lab.untilDone([viewer])
      viewer.expect(200, body)
      #expect(edge.node.table.objectCount == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `by only-if-cached is never sent on`() {
    #expect(asked("Cache-Control: only-if-cached", after: .seconds(2)) == 1)
    let stale = asked("Cache-Control: only-if-cached", after: .seconds(12)) { viewer, _ in
      #expect(viewer.last.status == 504)
    }
    #expect(stale == 1)
    let refreshing = asked(
      "Cache-Control: only-if-cached", after: .seconds(12),
      "max-age=10, stale-while-revalidate=60"
    ) { viewer, _ in viewer.expect(200, body) }
    #expect(refreshing == 1)
    let signed = asked("Cache-Control: only-if-cached\r\nAuthorization: x", after: .seconds(1)) {
      viewer, _ in #expect(viewer.last.status == 504)
    }
    #expect(signed == 1)
  }

  @Test(arguments: ["HEAD", "GET"])
  func `by only-if-cached does not wait for a Fill either`(method: String) {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a", .ok(body, "Cache-Control: max-age=10", after: .seconds(1)))
      let edge = lab.edge()
      let viewers = lab.viewers(2)
      viewers[0].asks("/a")
      lab.until("its Fill runs") { origin.requests.count == 1 }
      viewers[1].asks("/a", "Cache-Control: only-if-cached", method: method)
      lab.untilDone([viewers[1]])
      #expect(viewers[1].last.status == 504)
      #expect(!viewers[0].isDone)
      lab.untilDone(viewers)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `A field that is one viewer's own` {
  private let target = "/a.ts"
  private let body = Payload.bytes("a", count: 3000)

  @Test(arguments: ["private=\"X-User, set-cookie\"", "no-cache=\"x-user, Set-Cookie\""])
  func `reaches who caused the answer, and nobody else`(directive: String) {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .ok(
          body, "Cache-Control: max-age=60, \(directive)", "X-User: ann", "Set-Cookie: id=1",
          "X-All: yes", after: Milliseconds(100)))
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)
      let late = lab.viewer()
      late.asks(target)
      lab.untilDone([late])
      #expect(viewers.count { $0.last.field("X-User") == "ann" } == 1)
      #expect(viewers.count { $0.last.field("Set-Cookie") == "id=1" } == 1)
      #expect(late.last.field("X-User") == nil)
      #expect(late.last.field("Set-Cookie") == nil)
      for viewer in viewers + [late] {
        viewer.expect(200, body)
        #expect(viewer.last.field("X-All") == "yes")
      }
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `does not reach who has a Cookie, which was left out`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(body, "Cache-Control: max-age=60, private=\"set-cookie\"", "Set-Cookie: id=1"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target, "Cookie: id=mine")
      lab.untilDone([viewer])
      viewer.expect(200, body)
      #expect(viewer.last.field("Set-Cookie") == nil)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is dropped for all where a rule ignores Set-Cookie`() {
    scenario { lab in
      var rule = RuleSettings(match: "/**")
      rule.ignores = [.setCookie]
      lab.rules = [rule]
      let origin = lab.origin()
      origin.answers(target, .ok(body, "Cache-Control: max-age=60", "Set-Cookie: id=1"))
      let edge = lab.edge()
      let viewers = lab.viewers(3)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)
      for viewer in viewers {
        viewer.expect(200, body)
        #expect(viewer.last.field("Set-Cookie") == nil)
      }
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}
