import Bytes
import Delivery
import Loop
import Policy
import TestKit
import Testing

@Suite(.seeded) struct `An unsafe request` {
  /// Stores `/a`, sends the request that the origin answers so, and tells whether `/a` still hits.
  private func hits(
    after method: String, _ target: String, _ answer: ScriptedAnswer, stored: String = "/a",
    rules: [RuleSettings] = []
  ) -> Bool {
    var isHit = false
    scenario(seeds: 1...2) { lab in
      lab.rules = rules
      let origin = lab.origin()
      origin.answer = { request in
        request.method == "GET"
          ? .ok(Payload.bytes("a", count: 3000), "Cache-Control: max-age=60") : answer
      }
      let edge = lab.edge(workers: 2)
      let viewer = lab.viewer()
      viewer.asks(stored)
      lab.untilDone([viewer])
      viewer.asks(target, "Content-Length: 0", method: method)
      lab.until("the unsafe one is answered") { viewer.wholeCount == 2 }
      let other = lab.viewer()
      other.asks(stored)
      lab.untilDone([other])
      isHit = other.last.field("Cache-Status")?.hasPrefix("edge;hit") == true
      lab.expectNothingLeft(of: edge)
    }
    return isHit
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "BREW"])
  func `invalidates its target, whatever it is called`(method: String) {
    #expect(!hits(after: method, "/a", .status(200)))
    #expect(!hits(after: method, "/a", .status(303)))
    #expect(hits(after: method, "/b", .status(200)))
  }

  @Test(arguments: [400, 403, 404, 500, 503])
  func `that failed invalidates nothing`(status: Int) {
    #expect(hits(after: "POST", "/a", .status(status, "Location: /a")))
  }

  @Test func `that is safe invalidates nothing`() {
    #expect(hits(after: "OPTIONS", "/a", .status(200)))
  }

  @Test(arguments: ["Location", "Content-Location"])
  func `invalidates what its answer names in the same origin`(name: String) {
    for reference in [
      "/a", "a", "../a", "./x/../a", "//live.example.com/a", "http://LIVE.example.com:80/a#part",
    ] {
      #expect(
        !hits(after: "POST", "/b/../b", .status(201, "\(name): \(reference)")), "\(reference)")
    }
    for reference in [
      "https://live.example.com/a", "http://other.example.com/a", "http://live.example.com:81/a",
      "/A", "/a?x", "ftp://live.example.com/a", "http://[/a",
    ] {
      #expect(hits(after: "POST", "/b", .status(201, "\(name): \(reference)")), "\(reference)")
    }
  }

  @Test func `invalidates by the key that the rule of that path makes`() {
    let rules = [RuleSettings(match: "/a", query: .none)]
    #expect(!hits(after: "POST", "/b", .status(201, "Location: /a?x=1"), rules: rules))
    #expect(!hits(after: "POST", "/a?y=2", .status(200), rules: rules))
  }

  @Test func `invalidates every variant, and what is on its way`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        guard request.method == "GET" else { return .status(204) }
        return .ok(
          Payload.bytes(request.field("Accept-Language") ?? "none", count: 3000),
          "Cache-Control: max-age=60", "Vary: Accept-Language", pieces: 3, every: Milliseconds(20))
      }
      let edge = lab.edge(workers: 2)
      let languages = ["it", "en"]
      for _ in 0..<2 {
        let viewers = lab.viewers(2)
        for (index, viewer) in viewers.enumerated() {
          viewer.asks("/a", "Accept-Language: \(languages[index])")
        }
        lab.untilDone(viewers)
      }
      let late = lab.viewer()
      late.asks("/a", "Accept-Language: de")
      lab.until("its Fill runs") { late.last.headTime != nil }
      let writer = lab.viewer()
      writer.asks("/a", "Content-Length: 0", method: "PUT")
      lab.untilDone([writer, late])
      late.expect(200, Payload.bytes("de", count: 3000))

      let seen = origin.requests.count
      let viewers = lab.viewers(3)
      for (index, viewer) in viewers.enumerated() {
        viewer.asks("/a", "Accept-Language: \((languages + ["de"])[index])")
      }
      lab.untilDone(viewers)
      for viewer in viewers {
        #expect(viewer.last.status == 200)
        #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit") == false)
      }
      #expect(origin.requests.count >= seen + 3)
      lab.expectNothingLeft(of: edge)
    }
  }
}
