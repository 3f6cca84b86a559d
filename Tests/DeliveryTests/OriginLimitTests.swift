import Bytes
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `An origin that may have few fetches at a time` {
  private let fields = "Cache-Control: max-age=60"

  @Test func `is asked for one thing after the other by all workers, playlists first`() {
    scenario { lab in
      let origin = lab.origin()
      let fields = fields
      var times: [Instant] = []
      origin.answer = { request in
        times.append(request.time)
        return .ok(Payload.bytes(request.target, count: 5000), fields, after: Milliseconds(100))
      }
      lab.fillsMax = 1
      let edge = lab.edge(workers: 3)

      let first = lab.viewer()
      first.asks("/vod/0.m4s")
      lab.wait(Milliseconds(50))
      let targets = ["/vod/1.m4s", "/vod/2.m4s", "/vod/init.mp4", "/live/index.m3u8"]
      let viewers = targets.map { target in
        let viewer = lab.viewer()
        viewer.asks(target)
        return viewer
      }
      lab.untilDone([first] + viewers)

      for (viewer, target) in zip(viewers, targets) {
        viewer.expect(200, Payload.bytes(target, count: 5000))
      }
      #expect(
        origin.requests.prefix(3).map(\.target)
          == ["/vod/0.m4s", "/live/index.m3u8", "/vod/init.mp4"])
      #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= Milliseconds(100) })
      #expect(edge.counted(.originFetchesQueued) == 4)
      #expect(edge.counted(.originFetchesWaiting) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `gives 503 to those that wait in vain`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/live/0.m4s", .ok(Payload.bytes("0", count: 10), fields))
      origin.answers("/live/1.m4s", .never)
      origin.answers("/live/2.m4s", .never)
      lab.fillsMax = 1
      lab.timeouts.firstByte = Milliseconds(700)
      let edge = lab.edge(workers: 2)

      let late = lab.viewer()
      late.asks("/live/1.m4s")
      lab.wait(Milliseconds(50))
      let waiting = lab.viewer()
      waiting.asks("/live/2.m4s")
      lab.wait(Milliseconds(100))
      let last = lab.viewer()
      last.asks("/live/0.m4s")
      lab.untilDone([late, waiting, last])

      late.expect(504)
      waiting.expect(504)
      last.expect(503)
      #expect(edge.counted(.originFetchesRefused) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `An answer that is late` {
  private let fields = "Cache-Control: max-age=60"

  /// Fetches enough for the edge to know what late is, then what the first server never answers.
  private func story(_ lab: Lab) -> (edge: LabEdge, viewer: LabViewer, took: Milliseconds) {
    let fields = fields
    for number in 0..<2 {
      lab.origin().answer = { request in
        if number == 0, request.target == "/vod/late.m4s" { return .never }
        return .ok(Payload.bytes(request.target, count: 3000), fields, after: Milliseconds(5))
      }
    }
    let edge = lab.edge()
    for number in 0..<30 {
      let viewer = lab.viewer()
      viewer.asks("/vod/\(number).m4s")
      lab.untilDone([viewer])
    }
    let viewer = lab.viewer()
    let asked = lab.now
    viewer.asks("/vod/late.m4s")
    lab.untilDone([viewer])
    return (edge, viewer, lab.now - asked)
  }

  @Test func `comes from the second server where both have the same bytes`() {
    scenario { lab in
      lab.twins = .sameBytes

      let (edge, viewer, took) = story(lab)

      viewer.expect(200, Payload.bytes("/vod/late.m4s", count: 3000))
      #expect(took < Milliseconds(500) && edge.counted(.originHedgesWon) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is waited for where the servers are independent`() {
    scenario { lab in
      let (edge, viewer, took) = story(lab)

      // Its time is up in the end, and the other server is asked.
      viewer.expect(200, Payload.bytes("/vod/late.m4s", count: 3000))
      #expect(took > .seconds(1) && edge.counted(.originHedgesStarted) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }
}
