import Testing
import Wire

@Suite struct `A response head` {
  @Test(arguments: [
    ("HTTP/1.1 200 OK\nContent-Length: 5", BodyFraming.length(5), true),
    ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", .chunked, true),
    ("HTTP/1.1 200 OK", .untilClose, false),
    ("HTTP/1.1 200", .length(0), true),
    ("HTTP/1.0 200 OK\nContent-Length: 5", .length(5), false),
    ("HTTP/1.1 304 Not Modified\nContent-Length: 500", .none, true),
    ("HTTP/1.1 204 No Content", .none, true),
    ("HTTP/1.1 204 No Content\nContent-Length: 0", .none, true),
    ("HTTP/1.1 204 No Content\nTransfer-Encoding: chunked", .none, false),
    ("HTTP/1.1 103 Early Hints\nLink: </a>", .none, true),
    ("HTTP/1.1 200 OK\nContent-Length: 5\nConnection: close", .length(5), false),
  ])
  func `tells how the body ends and whether the connection goes on`(
    head: String, framing: BodyFraming, keepAlive: Bool
  ) throws {
    let text = framing == .length(0) ? head + " \nContent-Length: 0" : head

    let facts = try #require(try parseResponse(crlf(text + "\n\nrest")))

    #expect(facts.framing == framing)
    #expect(facts.keepAlive == keepAlive)
  }

  @Test func `to HEAD has no body`() throws {
    let facts = try #require(
      try parseResponse(crlf("HTTP/1.1 200 OK\nContent-Length: 5\n\n"), to: .head))

    #expect(facts.framing == .none)
    #expect(facts.keepAlive)
  }

  static let refused: [(String, HeadError)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
      .contentLengthWithTransferEncoding
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked", .unknownTransferCoding),
    ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", .transferEncodingInOldVersion),
    ("HTTP/1.1 20 OK\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1 2000\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1 099 OK\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1 600 OK\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1  200 OK\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1 200\tOK\r\nX: y", .malformedStatusLine),
    ("HTTP/1.1 200 O\0K\r\nX: y", .malformedStatusLine),
    ("ICY 200 OK\r\nX: y\r\nZ: z", .malformedVersion),
    ("HTTP/2.0 200 OK\r\nX: y", .unsupportedVersion),
    ("HTTP/1.1 101 Switch\r\nX: y", .unexpectedUpgrade),
    ("HTTP/1.1 200 OK\r\nX: y\r\n z", .foldedLine),
    ("HTTP/1.1 200 OK\r\nX : y", .malformedFieldName),
    ("HTTP/1.1 200 OK\r\nX: y\nZ: z", .bareLineEnd), ("\r\nHTTP/1.1 200 OK", .leadingGarbage),
  ]

  @Test func `that could be misread is refused`() {
    for (head, error) in Self.refused {
      #expect(throws: error, "\(head.debugDescription)") {
        try parseResponse(raw(head + "\r\n\r\n"))
      }
    }
  }

  @Test func `is taken byte by byte and leaves the body alone`() throws {
    let bytes = crlf("HTTP/1.1 206 Partial Content\nContent-Length: 2\n\nab")
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    var used: Int?

    for end in 0...bytes.count where used == nil {
      let piece = Array(bytes[..<end])
      used = try parser.parse(piece.span, requestMethod: .get, into: &head)
    }

    #expect(used == bytes.count - 2)
    #expect(head.status == 206)
    #expect(bytes.text(head.reason) == "Partial Content")
  }
}
