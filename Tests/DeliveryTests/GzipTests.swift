import Bytes
import Delivery
import Policy
import Telemetry
import TestKit
import Testing
import Wire

private let hls = "Content-Type: application/vnd.apple.mpegurl"
private let gzip = "Accept-Encoding: gzip, deflate, br"

extension Lab {
  /// What a viewer of its own gets for a target.
  fileprivate func get(_ target: String, method: String = "GET", _ fields: String...)
    -> ViewerResponse
  {
    let viewer = viewer()
    viewer.asks(target, fields, method: method, host: "live.example.com")
    untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }
}

extension ViewerResponse {
  /// Whether it is a gzip, by its field and by its first bytes (RFC 1952 section 2.3.1).
  fileprivate var isGzip: Bool {
    field("Content-Encoding") == "gzip" && body.starts(with: [0x1F, 0x8B, 8])
  }
}

/// A finished playlist of so many segments.
private func playlist(segments: Int, from first: Int = 0) -> [UInt8] {
  var text = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n"
  for number in first..<(first + segments) { text += "#EXTINF:6.0,\nsegment-\(number).m4s\n" }
  return Array((text + "#EXT-X-ENDLIST\n").utf8)
}

@Suite(.seeded) struct `A playlist for viewers who take gzip` {
  private let long = playlist(segments: 200)

  @Test func `is compressed once, under a tag of its own`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        "/a.m3u8",
        .ok(long, hls, "ETag: \"a\"", "Repr-Digest: sha-256=:AAAA:", "Cache-Control: max-age=60"))
      let edge = lab.edge(workers: 2)

      let first = lab.get("/a.m3u8", gzip)
      #expect(first.isGzip)
      #expect(first.body.count * 4 < long.count)
      #expect(first.field("Content-Length") == "\(first.body.count)")
      #expect(first.field("ETag") == "\"a-gzip\"")
      #expect(first.field("Vary") == "Accept-Encoding")
      #expect(first.field("Repr-Digest") == nil)
      for _ in 0..<4 {
        let next = lab.get("/a.m3u8", gzip)
        #expect(next.body == first.body)
        #expect(next.field("Cache-Status")?.contains(";hit") == true)
      }
      let plain = lab.get("/a.m3u8")
      #expect(plain.body == long)
      #expect(plain.field("Content-Encoding") == nil)
      #expect(plain.field("ETag") == "\"a\"")
      #expect(plain.field("Vary") == "Accept-Encoding")
      #expect(plain.field("Repr-Digest") != nil)

      #expect(origin.requestCount("/a.m3u8") == 1)
      #expect(origin.requests.allSatisfy { $0.field("Accept-Encoding") != "gzip" })
      #expect(edge.counted(.gzipsMade) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is not sent again to whoever has it, in the coding that he has`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.m3u8", .ok(long, hls, "ETag: \"a\"", "Cache-Control: max-age=60"))
      let edge = lab.edge()

      #expect(lab.get("/a.m3u8", gzip).status == 200)
      let unchanged = lab.get("/a.m3u8", gzip, "If-None-Match: \"a-gzip\"")
      #expect(unchanged.status == 304)
      #expect(unchanged.field("ETag") == "\"a-gzip\"")
      #expect(unchanged.body.isEmpty)
      #expect(lab.get("/a.m3u8", gzip, "If-None-Match: \"a\"").isGzip)
      #expect(lab.get("/a.m3u8", "If-None-Match: \"a\"").status == 304)
      #expect(lab.get("/a.m3u8", "If-None-Match: \"a-gzip\"").body == long)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is sent as it is to who wants a range of it or refuses gzip`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.m3u8", .ok(long, hls, "ETag: \"a\"", "Cache-Control: max-age=60"))
      let edge = lab.edge()

      let whole = lab.get("/a.m3u8", gzip, "Range: bytes=0-")
      #expect(whole.status == 206)
      #expect(whole.body == long)
      #expect(whole.field("Content-Encoding") == nil)
      let part = lab.get("/a.m3u8", gzip, "Range: bytes=7-9")
      #expect(part.body == Array(long[7...9]))
      #expect(part.field("ETag") == "\"a\"")
      // Chromium's own player says so with every range.
      #expect(lab.get("/a.m3u8", "Accept-Encoding: identity;q=1, *;q=0").body == long)
      #expect(lab.get("/a.m3u8", "Accept-Encoding: gzip;q=0, br").body == long)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has the length of its gzip in the answer to HEAD`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.m3u8", .ok(long, hls, "ETag: \"a\"", "Cache-Control: max-age=60"))
      let edge = lab.edge()

      let body = lab.get("/a.m3u8", gzip).body
      let head = lab.get("/a.m3u8", method: "HEAD", gzip)
      #expect(head.field("Content-Length") == "\(body.count)")
      #expect(head.field("Content-Encoding") == "gzip")
      #expect(head.field("ETag") == "\"a-gzip\"")
      #expect(head.body.isEmpty)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is asked for by the tag of the origin, and confirmed for both codings`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.m3u8", .ok(long, hls, "ETag: \"a\"", "Cache-Control: max-age=1"))
      let edge = lab.edge()
      let first = lab.get("/a.m3u8", gzip)
      origin.answers(
        "/a.m3u8", .status(304, "ETag: \"a\"", "Cache-Control: max-age=60, must-revalidate"))
      lab.wait(.seconds(30))
      _ = lab.get("/a.m3u8", gzip)
      lab.wait(.seconds(1))
      let second = lab.get("/a.m3u8", gzip)

      #expect(origin.requests.last?.field("If-None-Match") == "\"a\"")
      #expect(second.body == first.body)
      #expect(second.field("Cache-Control") == "max-age=60, must-revalidate")
      #expect(second.field("ETag") == "\"a-gzip\"")
      #expect(lab.get("/a.m3u8").body == long)
      #expect(edge.counted(.gzipsMade) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is compressed anew with each publication`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.m3u8", .ok(long, hls, "ETag: \"a\"", "Cache-Control: max-age=1"))
      let edge = lab.edge()
      let first = lab.get("/a.m3u8", gzip)
      let later = playlist(segments: 200, from: 100)
      origin.answers("/a.m3u8", .ok(later, hls, "ETag: \"b\"", "Cache-Control: max-age=60"))
      lab.wait(.seconds(60))
      _ = lab.get("/a.m3u8", gzip)
      lab.wait(.seconds(1))
      let second = lab.get("/a.m3u8", gzip)

      #expect(second.isGzip)
      #expect(second.body != first.body)
      #expect(second.field("ETag") == "\"b-gzip\"")
      #expect(edge.counted(.gzipsMade) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `keeps what its origin says that it varies by, and a weak tag as it is`() {
    scenario(seeds: 1...2) { lab in
      let origin = lab.origin()
      origin.answers(
        "/a.m3u8", .ok(long, hls, "ETag: W/\"a\"", "Vary: Origin", "Cache-Control: max-age=60"))
      let edge = lab.edge()

      let answer = lab.get("/a.m3u8", gzip)
      #expect(answer.isGzip)
      #expect(answer.field("Vary") == "Origin, Accept-Encoding")
      #expect(answer.field("ETag") == "W/\"a\"")
      #expect(lab.get("/a.m3u8", gzip, "If-None-Match: W/\"a\"").status == 304)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is one manifest of DASH as well`() {
    scenario(seeds: 1...2) { lab in
      let periods = (0..<20).map { number in
        """
        <Period id="\(number)" start="PT\(number)S"><AdaptationSet mimeType="video/mp4">
        <SegmentTemplate duration="4" media="$Number$.m4s"/></AdaptationSet></Period>
        """
      }
      let text = "<MPD type=\"static\">\(periods.joined())</MPD>"
      let origin = lab.origin()
      origin.answers(
        "/a.mpd", .ok(Array(text.utf8), "Content-Type: application/dash+xml", "ETag: \"m\""))
      let edge = lab.edge()

      #expect(lab.get("/a.mpd", gzip).isGzip)
      #expect(lab.get("/a.mpd").body == Array(text.utf8))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `stays as it is where it is short, or the origin or the rule wants that`() {
    scenario { lab in
      var rule = RuleSettings(match: "/plain/**")
      rule.codings = [.brotli]
      lab.rules = [rule]
      let origin = lab.origin()
      origin.answers("/short.m3u8", .ok(playlist(segments: 8), hls, "Cache-Control: max-age=60"))
      origin.answers("/kept.m3u8", .ok(long, hls, "Cache-Control: max-age=60, no-transform"))
      origin.answers("/plain/a.m3u8", .ok(long, hls, "Cache-Control: max-age=60"))
      origin.answers("/file.txt", .ok(long, "Content-Type: text/plain", "Cache-Control: max-age=9"))
      let edge = lab.edge()

      for target in ["/short.m3u8", "/kept.m3u8", "/plain/a.m3u8", "/file.txt"] {
        let answer = lab.get(target, gzip)
        #expect(answer.field("Content-Encoding") == nil)
        #expect(answer.field("Vary") == nil)
      }
      #expect(edge.counted(.gzipsMade) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }
}
