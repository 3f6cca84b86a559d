import Bytes
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A player that asks for thousands of future segments` {
  @Test(arguments: [0, 60])
  func `is told by the node that they are not there`(delay: Int64) {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab)
      stream.delay = Milliseconds(delay)
      #expect(stream.get("main.mpd").status == 200)
      #expect(stream.get("v-\(stream.newest()).m4s").status == 200)
      let players = lab.viewers(20)
      let before = stream.asked()
      // 2 000 requests a second, for two seconds and a half.
      for round in 0..<250 {
        for (index, player) in players.enumerated() {
          player.asks("/live/v-\(stream.newest() + 1 + (round * 20 + index) % 500).m4s")
        }
        lab.wait(Milliseconds(10))
      }
      lab.untilDone(players)

      let reached = stream.asked() - before
      #expect(reached < 50, "\(reached) of 5 000")
      #expect(stream.edge.counted(.segmentsRefused) > 2500)
      let answers = players.flatMap(\.responses).filter { $0.status != 200 }
      #expect(answers.allSatisfy { $0.status == 404 })
      let own = answers.first { $0.field("Cache-Status")?.contains("not_yet") ?? false }
      #expect(own?.field("Cache-Status") == "edge;detail=not_yet")
      #expect(own?.field("Cache-Control") == "no-store")
      #expect(stream.get("v-\(stream.newest()).m4s").status == 200)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `keeps no segment from others`() {
    scenario { lab in
      let stream = NumberedStream(lab)
      stream.lags = [-20_000]
      _ = stream.get("main.mpd")
      let player = lab.viewer()
      for _ in 0..<40 {
        for step in 1...5 { player.asks("/live/v-\(stream.newest() + step * 3).m4s") }
        let newest = stream.newest()
        #expect(stream.get("v-\(newest).m4s").status == 200, "\(newest)")
        lab.wait(Milliseconds(300))
      }
      lab.untilDone([player])
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `does not wait for ever for an origin that hangs`() {
    scenario(seeds: 1...2) { lab in
      let stream = NumberedStream(lab)
      _ = stream.get("main.mpd")
      let newest = stream.newest()
      stream.delay = Milliseconds.seconds(60)
      let players = lab.viewers(40)
      for (index, player) in players.enumerated() {
        player.asks("/live/v-\(newest + 2 + index).m4s")
      }
      lab.wait(Milliseconds(4000))

      #expect(stream.asked() <= 20)
      #expect(players.filter { $0.isDone && $0.last.status == 504 }.count >= 30)
      lab.untilDone(players)
      lab.expectNothingLeft(of: stream.edge)
    }
  }
}
