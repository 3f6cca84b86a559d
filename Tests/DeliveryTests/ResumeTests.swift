import Bytes
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A body that broke off` {
  private let target = "/vod/film.mp4"
  private let film = Payload.bytes("film", count: 300_000)
  private let other = Payload.bytes("other", count: 300_000)
  private let fields = "Cache-Control: max-age=60"

  /// The first answer breaks off after `count` bytes, all others are `then`'s.
  private func breaks(
    _ origin: ScriptedOrigin, at count: Int, tag: String = "ETag: \"v1\"", byReset: Bool = true,
    then: RangedAnswer
  ) {
    let film = film
    let fields = fields
    var isFirst = true
    origin.answer = { request in
      guard isFirst else { return then.answer(to: request) }
      isFirst = false
      return .broken(film, at: count, fields, tag, byReset: byReset)
    }
  }

  /// Where the range that is asked for begins.
  private func first(of request: SeenRequest) -> Int {
    Int(request.field("Range")?.dropFirst(6).dropLast() ?? "") ?? -1
  }

  @Test(arguments: [true, false])
  func `goes on from where it broke, unseen by all who follow`(byReset: Bool) {
    scenario { lab in
      let origin = lab.origin()
      breaks(origin, at: 123_457, byReset: byReset, then: RangedAnswer(film, fields))
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(5)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, film) }
      #expect(origin.requests.count == 2)
      let start = first(of: origin.requests[1])
      // A reset takes with it what was on its way.
      #expect(byReset ? (1...123_457).contains(start) : start == 123_457)
      #expect(origin.requests[1].field("If-Range") == "\"v1\"")
      #expect(edge.counted(.fillResumptions) == 1)
      // It is stored as if nothing had happened.
      let late = lab.viewer()
      late.asks(target)
      lab.untilDone([late])
      late.expect(200, film)
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is cut and forgotten where the origin has other bytes now`() {
    scenario { lab in
      var lying = RangedAnswer(other, tag: "\"v2\"", fields)
      for ignoresIfRange in [false, true] {
        lying.ignoresIfRange = ignoresIfRange
        let origin = lab.origin()
        breaks(origin, at: 100_000, then: lying)
      }
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expectCut()
      #expect(edge.counted(.fillResumptions) == 0)
      #expect(edge.counted(.fillResumptionsRefused) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [
    "ETag: W/\"v1\"", "X-Tag: none", "Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT",
  ])
  func `is cut where nothing would prove that the rest belongs to it`(tag: String) {
    scenario { lab in
      let origin = lab.origin()
      breaks(origin, at: 100_000, tag: tag, then: RangedAnswer(film, fields))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expectCut()
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is not completed by a 206 of other bytes or another length`() {
    for change in 0..<3 {
      scenario { lab in
        let origin = lab.origin()
        var answer = RangedAnswer(film, fields)
        switch change {
        case 0: answer.shift = 1
        case 1: answer.partBytesMax = 5_000
        default: answer.body = film + [1]
        }
        breaks(origin, at: 100_000, then: answer)
        let edge = lab.edge()

        let viewer = lab.viewer()
        viewer.asks(target)
        lab.untilDone([viewer])

        viewer.expectCut()
        #expect(edge.counted(.fillResumptionsRefused) == 1, "change \(change)")
        lab.expectNothingLeft(of: edge)
      }
    }
  }

  /// A server that dies in the middle of its first answer, and a sound one, which is returned.
  private func dyingAndSound(_ lab: Lab) -> ScriptedOrigin {
    let dying = lab.origin()
    let second = lab.origin()
    let film = film
    let fields = fields
    dying.answer = { [weak dying] _ in
      dying?.stopsListening()
      return .broken(film, at: 100_000, fields, "ETag: \"v1\"")
    }
    second.answer = { RangedAnswer(film, fields).answer(to: $0) }
    return second
  }

  @Test func `is not completed by another server, whose tag may mean other bytes`() {
    scenario { lab in
      let second = dyingAndSound(lab)
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expectCut()
      #expect(second.requests.isEmpty)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is completed by a twin that has the same bytes`() {
    scenario { lab in
      let second = dyingAndSound(lab)
      lab.twins = .sameBytes
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(3)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, film) }
      #expect(second.requests.count == 1)
      #expect((1...100_000).contains(first(of: second.requests[0])))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is asked for three times at most, with pauses`() {
    scenario { lab in
      let origin = lab.origin()
      let film = film
      let fields = fields
      var times: [Instant] = []
      origin.answer = { request in
        times.append(request.time)
        guard let range = request.field("Range"), let first = Int(range.dropFirst(6).dropLast())
        else { return .broken(film, at: 50_000, fields, "ETag: \"v1\"") }
        let head =
          "HTTP/1.1 206 Partial\r\nETag: \"v1\"\r\nContent-Length: \(film.count - first)\r\n"
          + "Content-Range: bytes \(first)-\(film.count - 1)/\(film.count)\r\n\r\n"
        return ScriptedAnswer(
          steps: [.send(Array(head.utf8) + film[first..<(first + 50_000)]), .finish])
      }
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expectCut()
      #expect(times.count == 4 && edge.counted(.fillResumptions) == 3)
      #expect(times[2] - times[1] >= Milliseconds(400) && times[3] - times[2] >= Milliseconds(800))
      lab.expectNothingLeft(of: edge)
    }
  }
}
