import Testing
import Wire

@Suite struct `A request head` {
  @Test func `tells method, target, host and fields`() throws {
    let bytes = crlf(
      """
      GET /live/main.m3u8?_HLS_msn=7&CMCD=br%3D3200 HTTP/1.1
      Host: Live.example.com:8080
      Accept:  */* \t
      X-Empty:

      body
      """)

    let facts = try #require(try parseRequest(bytes))

    #expect(facts.method == "GET")
    #expect(facts.path == "/live/main.m3u8")
    #expect(facts.query == "_HLS_msn=7&CMCD=br%3D3200")
    #expect(facts.host == "Live.example.com:8080")
    #expect(facts.hostName == "Live.example.com")
    #expect(facts.port == 8080)
    #expect(facts.fields == ["Host=Live.example.com:8080", "Accept=*/*", "X-Empty="])
    #expect(facts.framing == .none)
    #expect(facts.keepAlive)
    #expect(facts.used == bytes.count - 4)
  }

  @Test(arguments: [
    ("GET http://a.example/x?y HTTP/1.1", Target.Form.absolute, "/x", "a.example"),
    ("GET HTTPS://a.example:444 HTTP/1.1", .absolute, "", "a.example:444"),
    ("OPTIONS * HTTP/1.1", .asterisk, "", "other"),
    ("GET //double/slash HTTP/1.1", .origin, "//double/slash", "other"),
    ("GET http://[2001:db8::1]:80/ HTTP/1.1", .absolute, "/", "[2001:db8::1]:80"),
  ])
  func `knows the forms of a target, and an absolute one wins over Host`(
    line: String, form: Target.Form, path: String, host: String
  ) throws {
    let facts = try #require(try parseRequest(crlf("\(line)\nHost: other\n\n")))

    #expect(facts.form == form)
    #expect(facts.path == path)
    #expect(facts.host == host)
  }

  @Test(arguments: [
    ("HTTP/1.1\nHost: a", true), ("HTTP/1.1\nHost: a\nConnection: close", false),
    ("HTTP/1.1\nHost: a\nConnection: foo, CLOSE", false),
    ("HTTP/1.1\nHost: a\nConnection: Keep-Alive", true),
    ("HTTP/1.0\nHost: a", false), ("HTTP/1.0\nHost: a\nConnection: keep-alive", true),
    ("HTTP/1.0\nHost: a\nConnection: keep-alive\nConnection: close", false),
    ("HTTP/1.7\nHost: a", true),
  ])
  func `says whether the connection stays open`(rest: String, stays: Bool) throws {
    let facts = try #require(try parseRequest(crlf("GET / \(rest)\n\n")))

    #expect(facts.keepAlive == stays)
  }

  @Test func `marks hop-by-hop fields by name and by Connection, but none that all need`() throws {
    let bytes = crlf(
      """
      GET / HTTP/1.1
      Host: a
      Connection: X-Drop, te, host, Cache-Control, cookie
      TE: trailers
      x-drop: 1
      Cookie: c
      Cache-Control: no-cache
      Keep-Alive: 5
      Upgrade: h2c
      X-Keep: 2


      """)

    let facts = try #require(try parseRequest(bytes))

    #expect(facts.endToEnd == ["Host", "Cache-Control", "X-Keep"])
  }

  @Test(arguments: [
    ("Content-Length: 12", BodyFraming.length(12)), ("Content-Length: 0", .length(0)),
    ("Transfer-Encoding: Chunked", .chunked), ("Transfer-Encoding: , chunked ,", .chunked),
    ("X: y", .none),
  ])
  func `tells how the body ends`(field: String, framing: BodyFraming) throws {
    let facts = try #require(try parseRequest(crlf("POST / HTTP/1.1\nHost: a\n\(field)\n\n")))

    #expect(facts.framing == framing)
  }

  @Test func `expects 100 only in HTTP 1.1 and with a body`() throws {
    let body = "Content-Length: 3\nExpect: 100-Continue\n\n"

    #expect(try parseRequest(crlf("PUT / HTTP/1.1\nHost: a\n\(body)"))?.expectsContinue == true)
    #expect(try parseRequest(crlf("PUT / HTTP/1.0\nHost: a\n\(body)"))?.expectsContinue == false)
    #expect(
      try parseRequest(crlf("GET / HTTP/1.1\nHost: a\nExpect: 100-continue\n\n"))?.expectsContinue
        == false)
  }

  @Test func `may follow a few empty lines`() throws {
    let head = crlf("\n\nGET / HTTP/1.1\nHost: a\n\n")

    #expect(try parseRequest(head)?.used == head.count)
    #expect(throws: HeadError.leadingGarbage) { try parseRequest(crlf("\n\n\n\n\nGET / HTTP/1.1")) }
  }

  @Test func `is found before a pipelined one`() throws {
    let first = crlf("GET /1 HTTP/1.1\nHost: a\n\n")
    let second = crlf("GET /2 HTTP/1.1\nHost: a\n\n")
    var parser = RequestHeadParser()

    let one = try #require(try parseRequest(first + second, with: &parser))
    let two = try #require(try parseRequest(second, with: &parser))

    #expect(one.used == first.count)
    #expect(one.path == "/1")
    #expect(two.path == "/2")
  }

  @Test func `means the same wherever it is cut`() throws {
    let bytes = crlf(
      """

      POST /a/b?c=d HTTP/1.1
      Host: live.example.com
      User-Agent: some player with a longer name/1.0
      Transfer-Encoding: chunked
      Connection: keep-alive, x-y
      X-Y: z

      5
      hello
      0


      """)
    let whole = try #require(try parseRequest(bytes))

    #expect(try parseRequest(bytes, split: nil) == whole)
    for split in 0...bytes.count { #expect(try parseRequest(bytes, split: split) == whole) }
  }

  @Test func `takes a hundred fields and 32 KiB, not more`() throws {
    let start = "GET / HTTP/1.1\nHost: a\n"
    let many = String(repeating: "X: y\n", count: 99)
    #expect(try parseRequest(crlf("\(start)\(many)\n"))?.fields.count == 100)
    #expect(throws: HeadError.tooManyFields) { try parseRequest(crlf("\(start)\(many)X: y\n\n")) }
    #expect(throws: HeadError.tooManyFields) { try parseRequest(crlf("\(start)\(many)X: y\nZ")) }

    let room = WireLimits.headMax - crlf("\(start)X: \n\n").count
    let full = crlf("\(start)X: \(String(repeating: "y", count: room))\n\n")
    #expect(try parseRequest(full)?.used == WireLimits.headMax)
    let over = crlf("\(start)X: \(String(repeating: "y", count: room + 1))\n\n")
    #expect(throws: HeadError.headTooLong) { try parseRequest(over) }
    #expect(throws: HeadError.headTooLong) { try parseRequest(Array(over.dropLast(1))) }
    #expect(throws: HeadError.headTooLong) { try parseRequest(over + crlf("GET / HTTP/1.1\n\n")) }
  }

  @Test func `takes a request line of 8 KiB, not more`() throws {
    let room = WireLimits.requestLineMax - "GET / HTTP/1.1".utf8.count
    let path = String(repeating: "p", count: room)
    let rest = "HTTP/1.1\nHost: a\n\n"

    #expect(try parseRequest(crlf("GET /\(path) \(rest)"))?.path.utf8.count == room + 1)
    #expect(throws: HeadError.requestLineTooLong) {
      try parseRequest(crlf("GET /\(path)p \(rest)"))
    }
    #expect(throws: HeadError.requestLineTooLong) {
      try parseRequest(crlf("GET /\(path)pppppppppppppppp"))
    }
    #expect(HeadError.requestLineTooLong.status == 414)
    #expect(HeadError.headTooLong.status == 431)
  }
}
