import Bytes
import Cache
import Policy
import TestKit
import Testing

private let target = PartialLab.target
private let caching = PartialLab.caching

@Suite(.seeded) struct `A file of which pieces are stored` {
  @Test func `is completed by fetching only what is missing`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 300_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.pieces = 2
      origin.serves(ranged)
      let edge = lab.edge(workers: 2)
      lab.ask("100000-149999").expect(part: 100_000, 149_999, of: body)

      let viewers = lab.viewers(4)
      for (index, viewer) in viewers.enumerated() {
        if index < 3 { viewer.asks(target) } else { viewer.asks(target, "Range: bytes=0-999") }
      }
      lab.untilDone(viewers)
      for viewer in viewers.prefix(3) { viewer.expect(200, body) }
      viewers[3].expect(part: 0, 999, of: body)
      #expect(origin.asked == ["100000-149999", "0-99999", "150000-299999"])
      #expect(origin.requests[2].field("If-Range") == "\"v1\"")
      #expect(viewers.contains { $0.status.contains("fwd=partial;fwd-status=206") })

      let after = lab.ask(nil)
      after.expect(200, body)
      #expect(after.status.contains("hit"))
      #expect(origin.requests.count == 3)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is completed for a range that is not there`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 100_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.partBytesMax = 20_000
      origin.serves(ranged)
      let edge = lab.edge()
      lab.ask("0-9999").expect(part: 0, 9999, of: body)
      lab.ask("50000-59999").expect(part: 50_000, 59_999, of: body)
      lab.wait(.seconds(5))

      #expect(lab.ask(nil).status.contains("hit"))
      #expect(
        origin.asked == [
          "0-9999", "10000-99999", "30000-99999", "50000-99999", "70000-99999", "90000-99999",
        ])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is fetched anew where it has changed`() {
    scenario { lab in
      let origin = lab.origin()
      origin.serves(RangedAnswer(Payload.bytes(target, count: 100_000), caching))
      let edge = lab.edge()
      _ = lab.ask("1000-1999")
      let new = Payload.bytes(target, count: 90_000, version: 2)

      for ignoresIfRange in [false, true] {
        var changed = RangedAnswer(new, tag: "\"v2\"", caching)
        changed.ignoresIfRange = ignoresIfRange
        origin.serves(changed)
        lab.ask(nil).expect(200, new)
        lab.ask("0-9").expect(part: 0, 9, of: new)
        edge.purges(.site(0))
        origin.serves(RangedAnswer(Payload.bytes(target, count: 100_000), caching))
        _ = lab.ask("1000-1999")
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `looks cut where it changes in the middle, and is never mixed`() {
    scenario { lab in
      let old = RangedAnswer(Payload.bytes(target, count: 100_000), caching)
      let new = RangedAnswer(
        Payload.bytes(target, count: 100_000, version: 2), tag: "\"v2\"", caching)
      let origin = lab.origin()
      origin.answer = { request in
        (request.field("Range") == "bytes=60000-99999" ? new : old).answer(to: request)
      }
      let edge = lab.edge()
      _ = lab.ask("50000-59999")

      lab.ask(nil).expectCut()
      origin.serves(new)
      lab.ask(nil).expect(200, new.body)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is answered whole where an If-Range names another version`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 50_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()
      _ = lab.ask("0-999")

      lab.ask("0-99", "If-Range: \"v0\"").expect(200, body)
      #expect(origin.asked == ["0-999", "1000-49999"])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is answered whole from pieces that hold all of it`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 50_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()
      let first = lab.viewer()
      let second = lab.viewer()
      first.asks(target, "Range: bytes=0-29999")
      second.asks(target, "Range: bytes=30000-49999")
      lab.untilDone([first, second])

      let whole = lab.ask(nil)
      whole.expect(200, body)
      #expect(whole.status.contains("hit"))
      lab.ask("29000-31000").expect(part: 29_000, 31_000, of: body)
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is a stream's, and whole from the start, by its name or by rule`() {
    scenario { lab in
      var rule = RuleSettings(match: "/files/**")
      rule.range = .whole
      lab.rules = [rule]
      let body = Payload.bytes(target, count: 50_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()

      lab.ask("10-19").expect(part: 10, 19, of: body)
      #expect(origin.asked == ["-"])
      lab.expectNothingLeft(of: edge)
    }
  }
}
