import Bytes
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `An origin at fault` {
  private let target = "/live/seg1.m4s"
  private let segment = Payload.bytes("seg1", count: 70_000)
  private let fields = "Cache-Control: max-age=60"

  @Test func `that refuses gives 502`() {
    scenario { lab in
      let origin = lab.origin()
      origin.stopsListening()
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(502) }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that is a black hole gives 504 when the connection takes too long`() {
    scenario { lab in
      let origin = lab.origin()
      lab.world.blackholes.insert(origin.address)
      let edge = lab.edge()

      let viewer = lab.viewer()
      let asked = lab.now
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expect(504)
      #expect(lab.now - asked < .seconds(3))
      #expect(edge.counted(.originConnectTimeout) > 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that never answers gives 504 when the first byte takes too long`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .never)
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(504) }
      #expect(edge.counted(.originFirstByteTimeout) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that stalls in the middle cuts its followers off`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(segment, fields, pieces: 2, every: .seconds(30)))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expectCut()
      #expect(edge.counted(.originStall) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `whose head is too large gives 502`() {
    scenario { lab in
      let origin = lab.origin()
      let field = "X-Long: " + String(repeating: "x", count: 40_000)
      origin.answers(target, .ok(segment, field))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expect(502)
      #expect(edge.counted(.originBadHead) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that talks nonsense gives 502`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .raw("220 mail.example.com ESMTP\r\n\r\n"))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expect(502)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is replaced by the next server as long as nothing was sent`() {
    scenario { lab in
      let first = lab.origin()
      let second = lab.origin()
      first.answers(target, .raw("HTTP/1.1 200 O").closing)
      second.answers(target, .ok(segment, fields))
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, segment) }
      #expect(second.requestCount(target) == 1)
      #expect(edge.counted(.originRetriesNextServer) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that closed a kept connection is asked again over a new one`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(segment, fields))
      origin.answers("/live/seg2.m4s", .ok(segment, fields))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      // The reset is on its way while the request is.
      origin.resetsConnections()
      viewer.asks("/live/seg2.m4s")
      lab.until("the second answer") { viewer.wholeCount == 2 || viewer.over != nil }

      viewer.expect(200, segment)
      #expect(origin.connectionCount == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `sends interim answers to those who wait and stores none`() {
    scenario { lab in
      let origin = lab.origin()
      let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
      origin.answers(
        target, .ok(segment, fields, after: Milliseconds(500)).after(interim: hints))
      let edge = lab.edge(workers: 2)

      let early = lab.viewer()
      early.asks(target)
      lab.untilDone([early])
      let late = lab.viewer()
      late.asks(target)
      lab.untilDone([late])

      #expect(early.responses.map(\.status) == [103, 200])
      #expect(late.responses.map(\.status) == [200])
      late.expect(200, segment)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `A range` {
  private let target = "/vod/film.mp4"
  private let film = Payload.bytes("film", count: 200_000)
  private let fields = "Cache-Control: max-age=60"

  @Test func `of an object that is not there is answered from the whole, fetched once`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(film, fields, pieces: 4, every: Milliseconds(100)))
      let edge = lab.edge(workers: 2)

      let head = lab.viewer().asks(target, "Range: bytes=0-999")
      let middle = lab.viewer().asks(target, "Range: bytes=100000-149999")
      let suffix = lab.viewer().asks(target, "Range: bytes=-500")
      let outside = lab.viewer().asks(target, "Range: bytes=200000-")
      lab.untilDone([head, middle, suffix, outside])

      head.expect(206, Array(film[..<1000]))
      middle.expect(206, Array(film[100_000..<150_000]))
      #expect(middle.last.field("Content-Range") == "bytes 100000-149999/200000")
      suffix.expect(206, Array(film.suffix(500)))
      outside.expect(416)
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `of an object whose length is unknown waits for it`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .chunked(film, fields, pieces: 4, every: Milliseconds(200)))
      let edge = lab.edge(workers: 2)

      let viewer = lab.viewer().asks(target, "Range: bytes=10-99")
      let open = lab.viewer().asks(target, "Range: bytes=10-")
      lab.until("the origin is asked") { origin.requests.count == 1 }
      lab.wait(Milliseconds(400))
      #expect(viewer.responses.isEmpty)
      lab.untilDone([viewer, open])

      viewer.expect(206, Array(film[10..<100]))
      #expect(viewer.last.field("Content-Range") == "bytes 10-99/200000")
      open.expect(206, Array(film[10...]))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that the origin breaks off while its length is awaited gives 502`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\(fields)\r\n\r\n3\r\nabc\r\nq"))
      let edge = lab.edge()

      let viewer = lab.viewer().asks(target, "Range: bytes=0-99")
      lab.untilDone([viewer])

      viewer.expect(502)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that starts far beyond the window of a large object is answered`() {
    scenario(seeds: 1...3) { lab in
      let large = Payload.bytes("large", count: 6 << 20)
      let origin = lab.origin()
      origin.answer = { request in
        guard let range = request.field("Range") else { return .ok(large, fields) }
        #expect(range == "bytes=5000000-6048575")
        return .ok(
          Array(large[5_000_000..<5_010_000]), "Content-Range: bytes 5000000-5009999/6291456",
          status: 206)
      }
      let edge = lab.edge()

      let viewer = lab.viewer().asks(target, "Range: bytes=5000000-5009999")
      lab.untilDone([viewer])

      viewer.expect(206, Array(large[5_000_000..<5_010_000]))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `of a HEAD is ignored, and a HEAD that misses fills the object`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(film, fields))
      let edge = lab.edge()

      let viewer = lab.viewer().asks(target, "Range: bytes=0-9", method: "HEAD")
      lab.untilDone([viewer])
      viewer.expect(200, [])
      #expect(viewer.last.field("Content-Length") == "200000")
      lab.until("the object is whole") { edge.counted(.fillsSealed) == 1 }
      viewer.asks(target)
      lab.until("the GET is answered") { viewer.wholeCount == 2 }

      viewer.expect(200, film)
      #expect(origin.requests.map(\.method) == ["GET"])
      lab.expectNothingLeft(of: edge)
    }
  }
}
