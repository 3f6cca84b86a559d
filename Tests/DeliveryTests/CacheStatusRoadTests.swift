import Bytes
import Delivery
import Loop
import Policy
import TestKit
import Testing

private let kept = "Cache-Control: max-age=60"
private let body = Payload.bytes("a", count: 500)

/// One road through the node: what the origin does, what is asked, what the member then says.
private struct Road: Sendable, CustomTestStringConvertible {
  /// A request of a road, and how long is waited before it.
  struct Ask: Sendable {
    var target = "/a"
    var fields: [String] = []
    var method = "GET"
    var wait = Milliseconds.zero
  }

  let testDescription: String
  let member: String
  let asks: [Ask]
  let rule: RuleSettings?
  let answer: @Sendable (SeenRequest) -> ScriptedAnswer

  init(
    _ what: String, _ member: String, _ asks: [Ask], rule: RuleSettings? = nil,
    _ answer: @escaping @Sendable (SeenRequest) -> ScriptedAnswer = { _ in .ok(body, kept) }
  ) {
    testDescription = what
    self.member = member
    self.asks = asks
    self.rule = rule
    self.answer = answer
  }
}

private func ask(
  _ fields: String..., method: String = "GET", target: String = "/a", wait: Milliseconds = .zero
) -> Road.Ask {
  Road.Ask(target: target, fields: fields, method: method, wait: wait)
}

private let obeying: RuleSettings = {
  var rule = RuleSettings(match: "/**")
  rule.obeysRequests = true
  return rule
}()

/// `N` stands for the seconds of a ttl.
private let roads: [Road] = [
  Road("nothing is stored", "fwd=uri-miss;fwd-status=200;ttl=N;stored", [ask()]),
  Road("it is stored and fresh", "hit;ttl=N", [ask(), ask(wait: .seconds(1))]),
  Road("it may not be stored", "fwd=uri-miss;fwd-status=200", [ask()]) { _ in
    .ok(body, "Cache-Control: no-store")
  },
  Road(
    "the last answer was not to be shared", "fwd=miss;fwd-status=200;detail=uncacheable",
    [ask(), ask(wait: .seconds(1))]
  ) { _ in .ok(body, "Cache-Control: private") },
  Road(
    "another variant is stored", "fwd=vary-miss;fwd-status=200;ttl=N;stored",
    [ask("Accept-Language: it"), ask("Accept-Language: it"), ask("Accept-Language: en")]
  ) { _ in .ok(body, kept, "Vary: Accept-Language") },
  Road(
    "a 304 confirmed it", "fwd=stale;fwd-status=304;ttl=N;stored",
    [ask(), ask(wait: .seconds(61))]
  ) { request in
    request.field("If-None-Match") == nil
      ? .ok(body, kept, "ETag: \"a\"") : .status(304, "ETag: \"a\"", kept)
  },
  Road(
    "it was replaced", "fwd=stale;fwd-status=200;ttl=N;stored", [ask(), ask(wait: .seconds(61))]
  ) { _ in .ok(body, kept, "ETag: \"a\"") },
  Road(
    "it is stale and refreshed behind its back", "hit;ttl=-N;detail=stale-while-revalidate",
    [ask(), ask(wait: .seconds(3))]
  ) { _ in .ok(body, "Cache-Control: max-age=1, stale-while-revalidate=60") },
  Road("a method is not answered from a cache", "fwd=method;fwd-status=200", [ask(method: "POST")]),
  Road(
    "a rule says bypass", "fwd=bypass;fwd-status=200", [ask()],
    rule: RuleSettings(match: "/**", bypass: true)),
  Road(
    "Authorization finds what is not for it", "fwd=request;fwd-status=200",
    [ask(), ask("Authorization: x")]),
  Road("Authorization finds nothing", "fwd=uri-miss;fwd-status=200", [ask("Authorization: x")]),
  Road(
    "only what is stored was wanted, and nothing is", "detail=only-if-cached",
    [ask("Cache-Control: only-if-cached")]),
  Road(
    "only what is stored was wanted, past the cache", "detail=only-if-cached",
    [ask("Cache-Control: only-if-cached")], rule: RuleSettings(match: "/**", bypass: true)),
  Road(
    "only what is stored was wanted, and it is", "hit;ttl=N",
    [ask(), ask("Cache-Control: only-if-cached")]),
  Road("the origin breaks off", "fwd=uri-miss;detail=truncated", [ask()]) { _ in
    ScriptedAnswer.raw("HTTP/1.1 200").closing
  },
  Road("the origin is silent", "fwd=uri-miss;detail=first_byte_timeout", [ask()]) { _ in .never },
  Road("the answer is no HTTP", "fwd=method;detail=bad_head", [ask(method: "DELETE")]) { _ in
    .raw("SSH-2.0\r\n\r\n")
  },
  Road(
    "a rule obeys no-cache", "fwd=request;fwd-status=200;ttl=N;stored",
    [ask(), ask("Cache-Control: no-cache")], rule: obeying),
  Road(
    "a rule obeys no-store", "fwd=uri-miss;fwd-status=200", [ask("Cache-Control: no-store")],
    rule: obeying),
  Road("nobody obeys no-cache", "hit;ttl=N", [ask(), ask("Cache-Control: no-cache")]),
]

@Suite(.seeded) struct `The member of Cache-Status` {
  @Test(arguments: roads)
  fileprivate func `names the road`(road: Road) {
    scenario(seeds: 1...2) { lab in
      lab.rules = road.rule.map { [$0] } ?? []
      let origin = lab.origin()
      origin.answer = road.answer
      let edge = lab.edge()
      let viewer = lab.viewer()
      for (index, ask) in road.asks.enumerated() {
        if ask.wait > .zero { lab.wait(ask.wait) }
        let length = ask.method == "GET" ? "Accept: */*" : "Content-Length: 0"
        viewer.asks(ask.target, length, ask.fields.first ?? "Accept: */*", method: ask.method)
        lab.until("answer \(index)") { viewer.wholeCount == index + 1 }
      }
      #expect(Self.member(of: viewer.last) == "edge;\(road.member)")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `says collapsed to all but the first`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a", .ok(body, kept, after: Milliseconds(200)))
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks("/a") }
      lab.untilDone(viewers)
      let members = viewers.map { Self.member(of: $0.last) }
      let alone = "edge;fwd=uri-miss;fwd-status=200;ttl=N;stored"
      #expect(members.count { $0 == alone } == 1)
      #expect(members.count { $0 == "\(alone);collapsed" } == 4)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `stands behind those of the caches before it, on a hit too`() {
    scenario(seeds: 1...2) { lab in
      let origin = lab.origin()
      origin.answers(
        "/a", .ok(body, kept, "Cache-Status: \"Far\"; hit", "cache-status: Near;fwd=stale"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      #expect(
        Self.member(of: viewer.last)
          == "\"Far\"; hit, Near;fwd=stale, edge;fwd=uri-miss;fwd-status=200;ttl=N;stored")
      viewer.asks("/a")
      lab.until("a hit") { viewer.wholeCount == 2 }
      #expect(Self.member(of: viewer.last) == "\"Far\"; hit, Near;fwd=stale, edge;hit;ttl=N")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: ["Far;hit=", "(Far)", "1;hit", "Far hit", "Far;hit,", "\"Far"])
  func `stands alone where what came before it is malformed`(upstream: String) {
    scenario(seeds: 1...1) { lab in
      let origin = lab.origin()
      origin.answers("/a", .ok(body, kept, "Cache-Status: \(upstream)"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a")
      lab.untilDone([viewer])
      #expect(
        Self.member(of: viewer.last) == "edge;fwd=uri-miss;fwd-status=200;ttl=N;stored")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `names the key where the configuration says so`() {
    scenario(seeds: 1...2) { lab in
      lab.showsKey = true
      let origin = lab.origin()
      origin.answers("/a?b=%22\"", .ok(body, kept))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a?b=%22\"")
      lab.untilDone([viewer])
      #expect(
        Self.member(of: viewer.last)
          == "edge;fwd=uri-miss;fwd-status=200;ttl=N;stored;key=\"live|/a?b=%22\\\"\"")
      lab.expectNothingLeft(of: edge)
    }
  }

  /// The field of an answer with `N` for the digits of its ttl.
  private static func member(of response: ViewerResponse) -> String {
    let parts = (response.field("Cache-Status") ?? "none").split(
      separator: ";", omittingEmptySubsequences: false)
    return parts.map { part in
      guard part.hasPrefix("ttl=") else { return String(part) }
      return part.hasPrefix("ttl=-") ? "ttl=-N" : "ttl=N"
    }.joined(separator: ";")
  }
}
