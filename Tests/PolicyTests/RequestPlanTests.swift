import Bytes
import Policy
import Testing
import Wire

@Suite struct `A request plan` {
  private func plan(
    _ line: String, _ fields: [String] = [], rule: RuleSettings = RuleSettings(match: "/**")
  ) throws -> RequestPlan {
    let snapshot = try oneSite(rules: [rule])
    return try withRequest(line, fields) { head, bytes in
      RequestPlan.make(
        head, bytes: bytes, rule: snapshot.rule(site: 0, path: Array("/a".utf8).span),
        snapshot: snapshot)
    }
  }

  @Test func `looks GET and HEAD up, whatever the viewer says about freshness`() throws {
    #expect(try plan("GET /a HTTP/1.1") == .lookUp(.none))
    #expect(try plan("HEAD /a HTTP/1.1") == .lookUp(.none))
    #expect(
      try plan("GET /a HTTP/1.1", ["Cache-Control: no-cache", "Pragma: no-cache"])
        == .lookUp(.none))
    #expect(try plan("GET /a HTTP/1.1", ["Cookie: a=b"]) == .lookUp(.none))
    #expect(try plan("GET /a HTTP/1.1", ["Content-Length: 0"]) == .lookUp(.none))
  }

  @Test func `obeys only-if-cached`() throws {
    let plan = try plan("GET /a HTTP/1.1", ["Cache-Control: max-age=0, Only-If-Cached"])

    var terms = ReuseTerms()
    terms.onlyIfCached = true
    #expect(plan == .lookUp(terms))
  }

  @Test(arguments: [
    ("POST", true), ("PUT", true), ("DELETE", true), ("PATCH", true), ("PURGE", true),
    ("OPTIONS", false),
  ])
  func `passes other methods, and lets the unsafe ones invalidate`(
    method: String, invalidates: Bool
  ) throws {
    #expect(try plan("\(method) /a HTTP/1.1") == .pass(.method, invalidates: invalidates))
  }

  @Test func `passes what only the origin can answer`() throws {
    #expect(
      try plan("GET /a HTTP/1.1", ["Content-Length: 3"]) == .pass(.body, invalidates: false))
    #expect(
      try plan("GET /a HTTP/1.1", rule: RuleSettings(match: "/**", bypass: true))
        == .pass(.bypass, invalidates: false))
    #expect(
      try plan("GET /a HTTP/1.1", rule: RuleSettings(match: "/**", session: true))
        == .pass(.session, invalidates: false))
  }

  @Test(arguments: [
    ("/a.m3u8", true), ("/a.mpd?s=1", true), ("/manifest", true), ("/a.ts", false),
    ("/init.mp4", false), ("/a.key", false), ("/a.vtt?s=1", false), ("/a.jpg", false),
  ])
  func `passes all of a session but its media`(target: String, passes: Bool) throws {
    let plan = try plan("GET \(target) HTTP/1.1", rule: RuleSettings(match: "/**", session: true))
    #expect((plan == .pass(.session, invalidates: false)) == passes)
  }

  @Test func `looks up for Authorization, on terms of its own`() throws {
    var terms = ReuseTerms()
    terms.hasAuthorization = true
    #expect(try plan("GET /a HTTP/1.1", ["Authorization: Basic x"]) == .lookUp(terms))
  }

  @Test func `refuses loops, also with parameters, in lists and in other cases`() throws {
    #expect(try plan("GET /a HTTP/1.1", ["CDN-Loop: edge1"]) == .refuse(status: 508))
    #expect(
      try plan("POST /a HTTP/1.1", ["CDN-Loop: x; v=\"a,b\", EDGE1;a=b"]) == .refuse(status: 508))
    #expect(
      try plan("GET /a HTTP/1.1", ["CDN-Loop: edge11, other"]) == .lookUp(.none))
    let long = (0..<17).map { "c\($0)" }.joined(separator: ", ")
    #expect(try plan("GET /a HTTP/1.1", ["CDN-Loop: \(long)"]) == .refuse(status: 508))
  }

  @Test func `refuses TRACE`() throws {
    let snapshot = try oneSite()
    var head = RequestHead()
    head.method = .trace

    let plan = RequestPlan.make(head, bytes: [UInt8]().span, rule: .none, snapshot: snapshot)

    #expect(plan == .refuse(status: 405))
  }

  @Test func `lets only answers without error invalidate`() {
    #expect(RequestPlan.invalidates(status: 204))
    #expect(RequestPlan.invalidates(status: 303))
    #expect(!RequestPlan.invalidates(status: 404))
    #expect(!RequestPlan.invalidates(status: 500))
  }
}
