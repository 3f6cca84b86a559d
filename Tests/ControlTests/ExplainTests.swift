import Testing

@testable import Control

@Suite struct `An explanation` {
  private let file = """
    [[listen]]
    address = "127.0.0.1:80"
    [[origin]]
    name = "o"
    server = [{ url = "http://o.example.com" }]
    [[site]]
    hosts = ["live.example.com"]
    origin = "o"
    [[site.rule]]
    match = "/api/**"
    bypass = true
    [[site.rule]]
    match = "/shop/**"
    request_directives = "obey"
    """

  private func explain(
    _ path: String, method: String = "GET", fields: String = "", response: String = ""
  ) throws -> [String: Explanation.Finding] {
    let configuration = try Configuration.decode(file)
    let request = try ExplainRequest(
      url: "http://live.example.com\(path)", method: method, fields: fields, response: response)
    let findings = try configuration.explain(request).findings
    return Dictionary(findings.map { ($0.question, $0) }) { first, _ in first }
  }

  @Test func `names site, rule and key`() throws {
    let findings = try explain("/shop/a?b=1")

    #expect(findings["site"]?.answer == "live.example.com")
    #expect(findings["rule"]?.answer == "/shop/**")
    #expect(findings["key"]?.answer == "live.example.com|/shop/a?b=1")
    #expect(findings["request"]?.section == "RFC 9111 section 4")
  }

  @Test func `says why a request passes`() throws {
    #expect(try explain("/api/x")["request"]?.reason == "the rule says bypass")
    #expect(try explain("/a", method: "POST")["request"]?.section == "RFC 9111 section 4")
    #expect(try explain("/a", method: "POST")["invalidates"]?.section == "RFC 9111 section 4.4")
  }

  @Test func `says which directives of viewers are heeded`() throws {
    let plain = try explain("/a", fields: "Cache-Control: no-cache")
    let shop = try explain("/shop/a", fields: "Cache-Control: no-cache")
    let stored = try explain("/a", fields: "Cache-Control: only-if-cached")

    #expect(plain["directives"]?.answer == "not heeded")
    #expect(shop["directives"]?.answer == "obeyed")
    #expect(stored["needs"]?.section == "RFC 9111 section 5.2.1.7")
  }

  @Test func `says what becomes of an answer`() throws {
    let kept = try explain(
      "/a", response: "HTTP/2 200\r\ncache-control: max-age=60\r\nage: 10\r\n\r\nbody")
    let secret = try explain("/a", response: "HTTP/1.1 200 OK\nCache-Control: private\n\n")
    let signed = try explain(
      "/a", fields: "Authorization: x", response: "HTTP/1.1 200 OK\nCache-Control: max-age=9\n\n")

    #expect(kept["is stored"]?.answer == "yes")
    #expect(kept["fresh"]?.answer == "for 60 s, of which 10 s are past")
    #expect(kept["fresh"]?.section == "RFC 9111 section 5.2.2.1")
    #expect(secret["is stored"]?.section == "RFC 9111 section 5.2.2.7")
    #expect(signed["is stored"]?.section == "RFC 9111 section 3.5")
  }

  @Test func `of an unknown host is 421`() throws {
    let configuration = try Configuration.decode(file)
    let request = try ExplainRequest(url: "http://other.example.com/")

    #expect(try configuration.explain(request).findings.first?.answer == "none: 421")
  }

  @Test(arguments: ["live.example.com/a", "ftp://x/", "http:///a"])
  func `of what is no URL is refused`(url: String) {
    #expect(throws: ExplainRequest.Mistake.self) { try ExplainRequest(url: url) }
  }

  @Test func `of a malformed head is refused`() {
    #expect(throws: ExplainRequest.Mistake.self) {
      try ExplainRequest(url: "http://live.example.com/", fields: "no field")
    }
    #expect(throws: ExplainRequest.Mistake.self) {
      try ExplainRequest(url: "http://live.example.com/", response: "no head")
    }
  }

  @Test func `has one JSON object per finding`() throws {
    let configuration = try Configuration.decode(file)
    let explanation = try configuration.explain(
      ExplainRequest(url: "http://live.example.com/a"))

    #expect(explanation.json.hasPrefix("{\"findings\":[{\"question\":\"site\",\"answer\":"))
    #expect(explanation.text.hasPrefix("site        live.example.com\n"))
  }
}
