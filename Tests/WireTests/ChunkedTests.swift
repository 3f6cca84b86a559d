import Testing
import Wire

/// Decodes `bytes` in pieces of `size` and tells the body and what was left behind its end.
func decode(_ bytes: [UInt8], pieces size: Int) throws(ChunkedError) -> (body: [UInt8], rest: Int)?
{
  var decoder = ChunkedDecoder()
  var body: [UInt8] = []
  var start = 0
  while start < bytes.count {
    let piece = Array(bytes[start..<min(start + size, bytes.count)])
    var position = 0
    var isHungry = false
    while !isHungry {
      switch try decoder.next(piece.span, at: &position) {
      case .data(let range): body += piece[range]
      case .needMore: isHungry = true
      case .end: return (body, bytes.count - start - position)
      }
    }
    start += piece.count
  }
  return nil
}

@Suite struct `A chunked body` {
  static let bodies: [(String, String)] = [
    ("0\n\n", ""), ("5\nhello\n0\n\n", "hello"), ("5\nhello\n6\n world\n0\n\n", "hello world"),
    ("00005\nhello\n000\n\n", "hello"), ("a\n0123456789\n0\n\n", "0123456789"),
    ("A;x\n0123456789\n0\n\n", "0123456789"), ("1;a=b;c=\"d,;\\\"e\"\nx\n0;last\n\n", "x"),
    ("1 ; a = b\nx\n0\n\n", "x"), ("1\t;a =\tb ;c\nx\n0\n\n", "x"),
    ("2\nab\n0\nX-Trailer: y\nEmpty:\n\n", "ab"),
  ]

  @Test func `is decoded alike in pieces of any size and never beyond its end`() throws {
    for (text, body) in Self.bodies {
      let bytes = crlf(text) + raw("GET /next")
      for size in 1...bytes.count {
        let result = try #require(try decode(bytes, pieces: size))
        #expect(result.body == raw(body))
        #expect(result.rest == 9)
      }
    }
  }

  @Test func `is unfinished until its last byte`() throws {
    for (text, _) in Self.bodies {
      let bytes = crlf(text)
      for end in 0..<bytes.count { #expect(try decode(Array(bytes[..<end]), pieces: 3) == nil) }
    }
  }

  static let refused: [(String, ChunkedError)] = [
    ("\r\n", .malformedSize), ("g\r\n", .malformedSize), ("-1\r\n", .malformedSize),
    ("+5\r\n", .malformedSize), ("0x5\r\n", .malformedSize), (" 5\r\n", .malformedSize),
    ("5 \r\n", .malformedExtension), ("5 5\r\n", .malformedExtension), ("5\nhello", .malformedSize),
    ("5\rhello", .missingLineEnd), ("5\r\rhello", .missingLineEnd),
    ("5\r\nhelloX", .missingLineEnd), ("5\r\nhello\n", .missingLineEnd),
    ("5\r\nhello\rX", .missingLineEnd), ("ffffffffffffffff\r\n", .sizeTooLarge),
    ("10000000000000005\r\n", .sizeTooLarge), ("1000000000000001\r\n", .sizeTooLarge),
    ("5;\r\n", .malformedExtension), ("5;=b\r\n", .malformedExtension),
    ("5;a=\r\n", .malformedExtension), ("5;a=\"b\r\n", .malformedExtension),
    ("5;a=\"b\"c\r\n", .malformedExtension), ("5;a\n", .malformedExtension),
    ("5;a\0\r\n", .malformedExtension), ("5;a=\"\u{7f}\"\r\n", .malformedExtension),
    ("5;a \r\n", .malformedExtension), ("5;a\rX", .missingLineEnd), ("5,5\r\n", .malformedSize),
    ("0\r\nX\r\n", .malformedTrailer), ("0\r\n: y\r\n", .malformedTrailer),
    ("0\r\nX : y\r\n", .malformedTrailer), ("0\r\n folded\r\n", .malformedTrailer),
    ("0\r\nX: y\n", .malformedTrailer), ("0\r\nX: y\rZ", .malformedTrailer),
    ("0\r\nX: \0\r\n", .malformedTrailer), ("0\r\n\rX", .malformedTrailer),
    ("0\r\n\n", .malformedTrailer),
  ]

  @Test func `that could be misread is refused, whole and byte by byte`() {
    for (text, error) in Self.refused {
      for size in [1, 2, 1000] {
        #expect(throws: error, "\(text.debugDescription)") { try decode(raw(text), pieces: size) }
      }
    }
  }

  @Test func `has bounded lines and trailers`() {
    let zeros = String(repeating: "0", count: WireLimits.chunkLineMax)
    #expect(throws: ChunkedError.lineTooLong) { try decode(raw(zeros + "5\r\n"), pieces: 100) }
    let long = String(repeating: "x", count: WireLimits.chunkLineMax)
    #expect(throws: ChunkedError.lineTooLong) { try decode(raw("5;" + long), pieces: 100) }
    let trailers = String(repeating: "X: y\r\n", count: WireLimits.trailersMax / 6 + 1)
    #expect(throws: ChunkedError.trailersTooLong) {
      try decode(raw("0\r\n" + trailers), pieces: 100)
    }
  }

  @Test func `is encoded as it is decoded`() throws {
    for length in [1, 9, 10, 15, 16, 255, 256, 70_000] {
      let line = try #require(written { ChunkedEncoder.writeSizeLine(length, to: &$0) })
      let chunk = [UInt8](repeating: 0x61, count: length)
      let bytes =
        raw(line) + chunk + raw("\(ChunkedEncoder.chunkEnd)") + raw("\(ChunkedEncoder.bodyEnd)")

      let result = try #require(try decode(bytes, pieces: 4096))

      #expect(line.utf8.count <= ChunkedEncoder.sizeLineMax)
      #expect(result.body == chunk)
      #expect(result.rest == 0)
    }
  }
}
