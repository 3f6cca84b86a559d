import Testing
import Wire

@Suite struct `A head writer` {
  @Test func `writes what a parser reads`() throws {
    let text = try #require(
      written { writer in
        writer.appendStatusLine(206)
        writer.appendField(.contentType, raw("video/mp4").span)
        writer.appendField("Content-Length", decimal: 1_234_567)
        writer.appendField(raw("X-Y").span, raw("z").span)
        writer.appendField("Date", date: HTTPDate(seconds: 0))
        writer.appendField("Via", text: "1.1 edge")
        writer.endHead()
      })

    #expect(
      text
        == """
        HTTP/1.1 206 Partial Content\r
        Content-Type: video/mp4\r
        Content-Length: 1234567\r
        X-Y: z\r
        Date: Thu, 01 Jan 1970 00:00:00 GMT\r
        Via: 1.1 edge\r
        \r

        """)
    #expect(try parseResponse(raw(text))?.framing == .length(1_234_567))
  }

  @Test func `says when something did not fit, and writes nothing beyond the buffer`() {
    for capacity in 0..<30 {
      let text = written(capacity: capacity) { writer in
        writer.append("HTTP/1.1 ")
        writer.append(decimal: 200)
        writer.append(raw(" abcdef").span)
        writer.append(hexadecimal: 0xABC)
      }
      #expect((text != nil) == (capacity >= 22))
    }
    #expect(
      written(capacity: 3) {
        $0.append("abcd"); $0.append("a")
      } == nil)
  }

  @Test(arguments: [
    0, 9, 10, 99, 100, 12_345, UInt64.max, UInt64.max - 5, 10_000_000_000_000_000_000,
  ])
  func `writes numbers`(number: UInt64) {
    #expect(written { $0.append(decimal: number) } == "\(number)")
    #expect(written { $0.append(hexadecimal: number) } == String(number, radix: 16))
    #expect(written { $0.append(signed: .min) } == "\(Int64.min)")
  }

  @Test func `gives every status it knows a reason, and the others none`() {
    #expect(written { $0.appendStatusLine(200) } == "HTTP/1.1 200 OK\r\n")
    #expect(written { $0.appendStatusLine(299) } == "HTTP/1.1 299 \r\n")
  }

  @Test func `writes structured fields`() {
    let text = written { writer in
      writer.append(tokenOrQuoted: raw("mil1-edge1").span)
      writer.append("; hit")
      writer.appendParameter("ttl", integer: -3)
      writer.appendParameter("fwd", token: "miss")
      writer.appendParameter("stored")
      writer.appendParameter("key", quoted: raw("/a\"b\\c\u{1}").span)
    }

    #expect(text == "mil1-edge1; hit;ttl=-3;fwd=miss;stored;key=\"/a\\\"b\\\\c?\"")
    #expect(written { $0.append(tokenOrQuoted: raw("1a b").span) } == "\"1a b\"")
  }
}
