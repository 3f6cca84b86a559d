import Bytes
import TestKit
import Testing

private let target = PartialLab.target
private let caching = PartialLab.caching

@Suite(.seeded) struct `A range of a file that is not stored` {
  @Test func `goes to the origin alone, is kept and shared`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 100_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.pieces = 3
      origin.serves(ranged)
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target, "Range: bytes=1000-60999") }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(part: 1000, 60_999, of: body) }
      #expect(origin.asked == ["1000-60999"])
      #expect(viewers.filter { $0.status.contains("collapsed") }.count == 4)
      #expect(viewers[0].status.contains("fwd=uri-miss;fwd-status=206"))
      #expect(viewers[0].status.contains("stored"))

      let again = lab.ask("2000-2999")
      again.expect(part: 2000, 2999, of: body)
      #expect(again.status.contains("hit"))
      #expect(again.last.field("Age") != nil)
      lab.ask("2000-2999", "If-None-Match: \"v1\"").expect(304)
      lab.ask("2000-2999", "If-Match: \"v2\"").expect(412)
      lab.ask("2000-2999", "If-Range: \"v1\"").expect(part: 2000, 2999, of: body)
      lab.ask("200000-").expect(416)
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is forwarded as a suffix, and as an open end`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 500_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, tag: nil, caching))
      let edge = lab.edge()

      lab.ask("-100").expect(part: 499_900, 499_999, of: body)
      lab.ask("499950-").expect(part: 499_950, 499_999, of: body)
      lab.ask("499800-").expect(part: 499_800, 499_999, of: body)
      #expect(origin.asked == ["-100", "499800-"])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `becomes the whole for all where the origin knows no ranges`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 100_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.ignoresRanges = true
      origin.serves(ranged)
      let edge = lab.edge(workers: 2)

      lab.ask("1000-1999").expect(part: 1000, 1999, of: body)
      lab.ask("90000-").expect(part: 90_000, 99_999, of: body)
      lab.ask(nil).expect(200, body)
      #expect(origin.asked == ["1000-1999"])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is fetched whole where the origin answers other bytes`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 10_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.shift = 7
      origin.serves(ranged)
      let edge = lab.edge()

      lab.ask("1000-1999").expect(part: 1000, 1999, of: body)
      #expect(origin.asked == ["1000-1999", "-"])
      lab.ask("0-99").expect(part: 0, 99, of: body)
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `beyond its end is told what the origin says, and nothing is kept`() {
    scenario { lab in
      let origin = lab.origin()
      origin.serves(RangedAnswer(Payload.bytes(target, count: 1000), caching))
      let edge = lab.edge()
      let viewer = lab.ask("1000-")

      viewer.expect(416, [])
      #expect(viewer.last.field("Content-Range") == "bytes */1000")
      lab.ask("1000-").expect(416, [])
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is answered with what the origin sends of it`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 10_000)
      let origin = lab.origin()
      var ranged = RangedAnswer(body, caching)
      ranged.partBytesMax = 100
      origin.serves(ranged)
      let edge = lab.edge()

      lab.ask("1000-1999").expect(part: 1000, 1099, of: body)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is the whole object where it holds every byte`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 30_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()

      lab.ask("0-").expect(part: 0, 29_999, of: body)
      let whole = lab.ask(nil)
      whole.expect(200, body)
      #expect(whole.status.contains("hit"))
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `passes with all others of its request`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 30_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, caching))
      let edge = lab.edge()
      let viewer = lab.ask("0-9,100-109")

      #expect(origin.requests[0].field("Range") == "bytes=0-9,100-109")
      #expect(viewer.status.contains("fwd=uri-miss"))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is not kept where its answer may not be`() {
    scenario { lab in
      let body = Payload.bytes(target, count: 3000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(body, "Cache-Control: no-store"))
      let edge = lab.edge()
      let viewers = lab.viewers(3)
      for viewer in viewers { viewer.asks(target, "Range: bytes=100-199") }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(part: 100, 199, of: body) }
      #expect(origin.asked == ["100-199", "100-199", "100-199"])
      lab.expectNothingLeft(of: edge)
    }
  }
}
