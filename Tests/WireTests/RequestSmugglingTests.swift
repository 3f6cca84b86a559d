import Testing
import Wire

@Suite struct `A dangerous request head` {
  static let refused: [(String, HeadError)] = [
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6", .repeatedContentLength
    ),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5", .repeatedContentLength
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5", .malformedContentLength),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999",
      .malformedContentLength
    ),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
      .contentLengthWithTransferEncoding
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked", .unknownTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity", .unknownTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked", .unknownTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"", .unknownTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1", .unknownTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip", .malformedTransferEncoding),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      .malformedTransferEncoding
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:", .malformedTransferEncoding),
    ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked", .transferEncodingInOldVersion),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked", .malformedFieldName),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked", .malformedFieldName),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{b}chunked", .controlInValue),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\0ked", .controlInValue),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\rZ: w", .bareLineEnd),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\nZ: w", .bareLineEnd),
    ("GET / HTTP/1.1\nHost: a", .malformedVersion),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded", .foldedLine),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tfolded", .foldedLine),
    ("GET / HTTP/1.1\r\n Host: a", .foldedLine),
    ("GET / HTTP/1.1\r\nHost: a\r\nX", .malformedFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\n: y", .malformedFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\nX(y): z", .malformedFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\nX\u{e9}: z", .malformedFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}", .controlInValue),
    ("GET / HTTP/1.1\r\nX: y", .missingHost),
    ("GET http://a/ HTTP/1.1\r\nX: y", .missingHost),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a", .repeatedHost),
    ("GET / HTTP/1.0\r\nHost: a\r\nhost: b", .repeatedHost),
    ("GET / HTTP/1.1\r\nHost: a, b", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a,b", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a/b", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a b", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a:b", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: :80", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a:65536", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: [::1", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: []", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: user@a", .userInformation),
    ("GET / HTTP/1.1\r\nHost: user:secret@a", .userInformation),
    ("GET http://user@a/ HTTP/1.1\r\nHost: a", .userInformation),
    ("GET http://a/ HTTP/1.1\r\nHost: a/b", .malformedHost),
    ("GET http:///x HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET ftp://a/x HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET x HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET * HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET /#top HTTP/1.1\r\nHost: a", .fragmentInTarget),
    ("GET /?a#b HTTP/1.1\r\nHost: a", .fragmentInTarget),
    ("GET /a\tb HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET /\u{e9} HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET  / HTTP/1.1\r\nHost: a", .malformedTarget),
    ("GET /  HTTP/1.1\r\nHost: a", .malformedVersion),
    ("GET / HTTP/1.1 \r\nHost: a", .malformedVersion), ("GET /\r\nHost: a", .malformedRequestLine),
    ("GET\r\nHost: a", .malformedRequestLine), ("G@T / HTTP/1.1\r\nHost: a", .malformedRequestLine),
    ("GET / http/1.1\r\nHost: a", .malformedVersion),
    ("GET / HTTP/1.x\r\nHost: a", .malformedVersion),
    ("GET / HTTP/2.0\r\nHost: a", .unsupportedVersion),
    ("GET / HTTP/0.9\r\nHost: a", .unsupportedVersion),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a", .methodNotAllowed),
    ("TRACE / HTTP/1.1\r\nHost: a", .methodNotAllowed),
    ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok", .unknownExpectation),
    (" GET / HTTP/1.1\r\nHost: a", .leadingGarbage), ("\u{16}\u{3}\u{1}", .leadingGarbage),
  ]

  @Test func `is refused with its reason`() {
    for (head, error) in Self.refused {
      #expect(throws: error, "\(head.debugDescription)") {
        try parseRequest(raw(head + "\r\n\r\n"))
      }
    }
  }

  @Test func `is refused however it arrives`() {
    for (head, _) in Self.refused {
      let bytes = raw(head + "\r\n\r\n")
      #expect(throws: HeadError.self, "\(head.debugDescription)") {
        try parseRequest(bytes, split: nil)
      }
      #expect(throws: HeadError.self, "\(head.debugDescription)") {
        try parseRequest(bytes + raw("GET / HTTP/1.1\r\n"))
      }
    }
  }

  @Test func `has a status that says whose fault it is`() {
    #expect(HeadError.methodNotAllowed.status == 405)
    #expect(HeadError.unknownTransferCoding.status == 501)
    #expect(HeadError.unsupportedVersion.status == 505)
    #expect(HeadError.unknownExpectation.status == 417)
    #expect(HeadError.repeatedHost.status == 400)
  }
}
