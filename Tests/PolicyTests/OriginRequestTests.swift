import Bytes
import Policy
import Testing
import Wire

@Suite struct `A request to an origin` {
  private let viewerFields = [
    "Host: Live.Test", "Cookie: sid=1", "User-Agent: p", "Accept-Encoding: gzip;q=0.5, deflate, br",
    "CMCD-Session: sid=\"x\"", "Range: bytes=0-", "If-None-Match: \"x\"", "Origin: https://a.test",
    "Referer: https://a.test/", "Accept-Language: it , en", "X-Forwarded-For: 10.0.0.1",
    "Connection: X-Hop, keep-alive", "X-Hop: 1", "X-Odd: 2", "Via: 1.1 shield",
    "CDN-Loop: other;v=1", "Forwarded: for=10.0.0.1",
  ]

  private func fill(
    _ target: String, vary: VaryRule? = nil, isIdentityOnly: Bool = false,
    snapshot: Snapshot, condition: OriginCondition = .none, prefix: String = ""
  ) throws -> String {
    try withRequest("HEAD \(target) HTTP/1.1", viewerFields) { head, bytes in
      let request = OriginRequest.fill(
        target: Array(target.utf8).span, head: head, bytes: bytes, vary: vary,
        isIdentityOnly: isIdentityOnly, site: 0, snapshot: snapshot)
      var output: [UInt8] = []
      var server = snapshot.origins[0].servers[0]
      server.pathPrefix = prefix
      request.appendHead(to: &output, server: server, condition: condition)
      return String(decoding: output, as: UTF8.self)
    }
  }

  @Test func `shows nothing of a viewer in a Fill`() throws {
    let head = try fill("/a.m3u8?x=1", isIdentityOnly: true, snapshot: oneSite())

    #expect(
      head == """
        GET /a.m3u8?x=1 HTTP/1.1\r
        Host: o.test:8080\r
        Accept-Encoding: identity\r
        Via: 1.1 edge1\r
        CDN-Loop: other;v=1, edge1\r
        \r

        """)
  }

  @Test func `accepts normalised codings for other objects`() throws {
    let head = try fill("/page", snapshot: oneSite())

    #expect(head.contains("\r\nAccept-Encoding: gzip, br\r\n"))
  }

  @Test func `sends the fields that the Vary rule names, and no Cookie`() throws {
    let rule = try withResponse(200, ["Vary: Accept-Language, X-Odd, Accept-Encoding, X-None"]) {
      head, bytes in VaryRule.read(head, bytes: bytes)
    }
    guard case .rule(let vary) = rule else { throw Failure() }

    let head = try fill("/page", vary: vary, snapshot: oneSite())

    #expect(
      head.contains("\r\naccept-encoding: gzip, br\r\naccept-language: en, it\r\nx-odd: 2\r\n"))
    #expect(!head.contains("Accept-Encoding"))
    #expect(!head.contains("x-none"))
    #expect(!head.contains("sid"))
  }

  @Test func `takes host, prefix, fields and condition from the configuration and the store`()
    throws
  {
    let snapshot = try oneSite(host: .viewer, headers: [OriginHeader(name: "X-CDN", value: "s")])
    let validators = Validators(
      entityTag: Array("\"v1\"".utf8), lastModified: Array("Tue, 01 Jul 2025 00:00:00 GMT".utf8))

    let revalidation = try fill(
      "/a", isIdentityOnly: true, snapshot: snapshot, condition: .revalidate(validators),
      prefix: "/live")
    let resumption = try fill(
      "/a", isIdentityOnly: true, snapshot: oneSite(host: .name("n.test")),
      condition: .resume(offset: 70_000, entityTag: Array("\"v1\"".utf8)))

    #expect(revalidation.hasPrefix("GET /live/a HTTP/1.1\r\nHost: Live.Test\r\n"))
    #expect(
      revalidation.contains("\r\nX-CDN: s\r\nIf-None-Match: \"v1\"\r\nIf-Modified-Since: Tue"))
    #expect(resumption.contains("\r\nHost: n.test\r\n"))
    #expect(resumption.hasSuffix("\r\nRange: bytes=70000-\r\nIf-Range: \"v1\"\r\n\r\n"))
  }

  @Test func `passes every end-to-end field, and writes the hop's own anew`() throws {
    let snapshot = try oneSite(headers: [OriginHeader(name: "x-odd", value: "s")])
    let fields = viewerFields + ["Content-Length: 3"]

    let text = try withRequest("POST /a/?x HTTP/1.0", fields) { head, bytes in
      let request = OriginRequest.pass(
        head: head, bytes: bytes, client: Array("192.0.2.7".utf8).span, isSecure: false, site: 0,
        snapshot: snapshot)
      var output: [UInt8] = []
      request.appendHead(to: &output, server: snapshot.origins[0].servers[0])
      return String(decoding: output, as: UTF8.self)
    }

    #expect(
      text == """
        POST /a/?x HTTP/1.1\r
        Host: o.test:8080\r
        Cookie: sid=1\r
        User-Agent: p\r
        Accept-Encoding: gzip;q=0.5, deflate, br\r
        CMCD-Session: sid="x"\r
        Range: bytes=0-\r
        If-None-Match: "x"\r
        Origin: https://a.test\r
        Referer: https://a.test/\r
        Accept-Language: it , en\r
        X-Forwarded-For: 10.0.0.1, 192.0.2.7\r
        X-Forwarded-Proto: http\r
        Via: 1.1 shield, 1.0 edge1\r
        CDN-Loop: other;v=1, edge1\r
        x-odd: s\r
        Content-Length: 3\r
        \r

        """)
  }

  @Test(arguments: [
    ("GET http://live.test HTTP/1.1", "GET / HTTP/1.1"),
    ("GET http://live.test?q HTTP/1.1", "GET /?q HTTP/1.1"),
    ("GET http://live.test/a?q HTTP/1.1", "GET /a?q HTTP/1.1"),
    ("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1"),
    ("OPTIONS http://live.test HTTP/1.1", "OPTIONS * HTTP/1.1"),
    ("MKCOL /a HTTP/1.1", "MKCOL /a HTTP/1.1"),
  ])
  func `asks in origin form`(line: String, expected: String) throws {
    let snapshot = try oneSite()

    let text = try withRequest(line) { head, bytes in
      let request = OriginRequest.pass(
        head: head, bytes: bytes, client: [UInt8]().span, isSecure: true, site: 0,
        snapshot: snapshot)
      var output: [UInt8] = []
      request.appendHead(to: &output, server: snapshot.origins[0].servers[0])
      return String(decoding: output, as: UTF8.self)
    }

    #expect(text.hasPrefix(expected + "\r\n"))
    #expect(!text.contains("X-Forwarded-For"))
  }

  @Test func `asks for a probe with the fields of the configuration, its User-Agent too`() throws {
    var origin = OriginSettings(
      name: "o", host: .viewer, servers: [ServerSettings(host: "o.test", pathPrefix: "/live")],
      headers: [OriginHeader(name: "user-agent", value: "probe")])
    origin.health = ProbeSettings(path: "/health?x")
    let request = OriginRequest.probe("/health?x", of: origin, agent: "spillway/1 (health)")
    var output: [UInt8] = []
    request.appendHead(to: &output, server: origin.servers[0])

    #expect(
      String(decoding: output, as: UTF8.self) == """
        GET /live/health?x HTTP/1.1\r
        Host: o.test\r
        user-agent: probe\r
        Accept-Encoding: identity\r
        Connection: close\r
        \r

        """)
  }

  @Test(arguments: ["", "health", "/he alth", "/a#b"])
  func `is not made for a probe of what is no path`(path: String) {
    var origin = OriginSettings(name: "o", servers: [ServerSettings(host: "o.test")])
    origin.health = ProbeSettings(path: path)
    let settings = NodeSettings(
      name: "n", origins: [origin], sites: [SiteSettings(name: "s", hosts: ["*"], origin: 0)])

    #expect(throws: SnapshotError.probeInvalid(origin: "o")) { try Snapshot(settings) }
  }

  @Test func `frames a body of unknown length in chunks`() throws {
    let snapshot = try oneSite()

    let text = try withRequest("PUT /a HTTP/1.1", ["Transfer-Encoding: chunked"]) { head, bytes in
      let request = OriginRequest.pass(
        head: head, bytes: bytes, client: [UInt8]().span, isSecure: true, site: 0,
        snapshot: snapshot)
      var output: [UInt8] = []
      request.appendHead(to: &output, server: snapshot.origins[0].servers[0])
      return String(decoding: output, as: UTF8.self)
    }

    #expect(text.hasSuffix("\r\nTransfer-Encoding: chunked\r\n\r\n"))
  }

  private struct Failure: Error {}
}
