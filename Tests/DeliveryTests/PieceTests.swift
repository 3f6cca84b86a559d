import Bytes
import Cache
import Delivery
import TestKit
import Testing

private let target = PartialLab.target
private let caching = PartialLab.caching

/// Longer than what is completed.
private let long = 17 << 20

@Suite(.seeded) struct `Pieces of a long file under a strong tag` {
  @Test func `are combined, and only what is missing is fetched`() {
    scenario(isAlwaysFast: true) { lab in
      let body = Payload.bytes(target, count: long)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge(workers: 2)

      lab.ask("0-99999").expect(part: 0, 99_999, of: body)
      let joint = lab.ask("50000-149999")
      joint.expect(part: 50_000, 149_999, of: body)
      #expect(joint.status.contains("fwd=partial;fwd-status=206"))
      lab.ask("300000-399999").expect(part: 300_000, 399_999, of: body)
      #expect(origin.asked == ["0-99999", "100000-149999", "300000-399999"])
      #expect(origin.requests[1].field("If-Range") == "\"v1\"")

      let inside = lab.ask("1000-140000")
      inside.expect(part: 1000, 140_000, of: body)
      #expect(inside.status.contains("hit"))
      let several = lab.ask("0-9,120000-120009,300000-300009")
      several.expect(206)
      #expect(several.last.field("Content-Type")?.hasPrefix("multipart/byteranges") ?? false)
      #expect(several.last.field("Content-Length") == "\(several.last.body.count)")
      #expect(origin.requests.count == 3)

      lab.ask("100-399999").expect(part: 100, 399_999, of: body)
      #expect(origin.asked.last == "150000-299999")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `of which one is inside what is fetched are kept once`() {
    scenario(isAlwaysFast: true) { lab in
      let body = Payload.bytes(target, count: long)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()

      lab.ask("100000-199999").expect(part: 100_000, 199_999, of: body)
      lab.ask("0-299999").expect(part: 0, 299_999, of: body)
      #expect(origin.asked.last == "0-299999")
      lab.wait(.seconds(1))
      let blocks = edge.node.arena.usedBytes / 65_536
      #expect(blocks <= 5)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [false, true])
  func `are dropped at once where the file has changed`(ignoresIfRange: Bool) {
    scenario(isAlwaysFast: true) { lab in
      lab.memory = 64 << 20
      let old = Payload.bytes(target, count: long)
      let new = Payload.bytes(target, count: long, version: 2)
      let origin = lab.origin()
      origin.serves(RangedAnswer(old, caching))
      let edge = lab.edge(workers: 2)
      lab.ask("0-99999").expect(part: 0, 99_999, of: old)

      var changed = RangedAnswer(new, tag: "\"v2\"", caching)
      changed.ignoresIfRange = ignoresIfRange
      origin.serves(changed)
      lab.ask("50000-149999").expect(part: 50_000, 149_999, of: new)
      lab.ask("0-99").expect(part: 0, 99, of: new)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `are asked about once they are stale, and good again after a 304`() {
    scenario(isAlwaysFast: true) { lab in
      let body = Payload.bytes(target, count: long)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, "Cache-Control: max-age=2"))
      let edge = lab.edge(workers: 2)
      lab.ask("0-99999").expect(part: 0, 99_999, of: body)
      lab.ask("100000-199999").expect(part: 100_000, 199_999, of: body)

      lab.wait(.seconds(3))
      let viewers = lab.viewers(3)
      for viewer in viewers { viewer.asks(target, "Range: bytes=50000-149999") }
      lab.untilDone(viewers)
      for viewer in viewers { viewer.expect(part: 50_000, 149_999, of: body) }
      #expect(origin.requests.count == 3)
      #expect(origin.requests[2].field("If-None-Match") == "\"v1\"")
      #expect(viewers[0].status.contains("fwd=stale;fwd-status=304"))
      #expect(lab.ask("0-9").status.contains("hit"))

      lab.wait(.seconds(3))
      origin.serves(
        RangedAnswer(
          Payload.bytes(target, count: long, version: 2), tag: "\"v2\"", caching))
      let new = lab.ask("0-9")
      new.expect(part: 0, 9, of: Payload.bytes(target, count: long, version: 2))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `are served stale while the origin is down`() {
    scenario(isAlwaysFast: true) { lab in
      let body = Payload.bytes(target, count: long)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, "Cache-Control: max-age=2, stale-if-error=60"))
      let edge = lab.edge()
      lab.ask("0-99999").expect(part: 0, 99_999, of: body)
      lab.wait(.seconds(3))
      origin.answer = { _ in .status(503) }

      for _ in 0..<3 { lab.ask("10-99").expect(part: 10, 99, of: body) }
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `go with a purge of their URL, and with their memory`() {
    scenario(isAlwaysFast: true) { lab in
      let body = Payload.bytes(target, count: long)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()
      lab.ask("0-99999").expect(part: 0, 99_999, of: body)
      edge.purges(.prefix(site: 0, path: Array("/files/".utf8)))
      lab.ask("0-99").expect(part: 0, 99, of: body)
      #expect(origin.requests.count == 2)

      for index in 0..<40 { _ = lab.ask("\(index * 300_000)-\(index * 300_000 + 299_999)") }
      #expect(edge.node.arena.usedBytes <= lab.memory)
      lab.ask("11700000-11700009").expect(part: 11_700_000, 11_700_009, of: body)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `belong to their variant`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answer = { request in
        let language = request.field("Accept-Language") ?? "none"
        let body = Payload.bytes("\(target) \(language)", count: long)
        return RangedAnswer(body, tag: "\"\(language)\"", caching, "Vary: Accept-Language")
          .answer(to: request)
      }
      let edge = lab.edge()
      for _ in 0..<2 {
        for language in ["it", "en"] {
          let body = Payload.bytes("\(target) \(language)", count: long)
          lab.ask("0-99", "Accept-Language: \(language)").expect(part: 0, 99, of: body)
        }
      }
      let hits = lab.ask("0-99", "Accept-Language: it")
      #expect(hits.status.contains("hit"))
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `A piece under no strong tag` {
  @Test(arguments: ["W/\"v1\"", nil])
  func `is kept alone, and never combined`(tag: String?) {
    scenario { lab in
      let body = Payload.bytes(target, count: 20_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, tag: tag, caching))
      let edge = lab.edge()

      lab.ask("0-999").expect(part: 0, 999, of: body)
      lab.ask("10-19").expect(part: 10, 19, of: body)
      lab.ask("500-1499").expect(part: 500, 1499, of: body)
      lab.ask("0-99").expect(part: 0, 99, of: body)
      #expect(origin.asked == ["0-999", "500-1499", "0-99"])
      lab.ask(nil).expect(200, body)
      #expect(origin.asked.last == "-")
      #expect(lab.ask("7-8").status.contains("hit"))
      lab.expectNothingLeft(of: edge)
    }
  }
}
