import Bytes
import Loop
import Policy
import Telemetry
import TestKit
import Testing

/// An origin of live DASH whose segments are numbered, and a node in front of it.
private final class NumberedStream {
  let lab: Lab
  let edge: LabEdge
  /// How far the clock of the origin is ahead of the node's.
  var ahead = 0
  /// How long the origin takes to answer.
  var delay = Milliseconds(0)
  private let began: Instant

  init(_ lab: Lab, workers: Int) {
    self.lab = lab
    let origin = lab.origin()
    edge = lab.edge(workers: workers)
    began = lab.now
    origin.answer = { [unowned self] in answer($0) }
  }

  /// The number of the newest segment, by the clock of the origin; each takes two seconds.
  var newest: Int { 100 + (Int((lab.now - began).count) + ahead) / 2000 }

  private func answer(_ request: SeenRequest) -> ScriptedAnswer {
    if request.target.hasSuffix(".mpd") {
      let start = lab.world.wall.milliseconds / 1000 - Int64((lab.now - began).count / 1000)
      let text = """
        <MPD type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" \
        minimumUpdatePeriod="PT500S"><Period id="0" start="PT\(start - 200)S">\
        <AdaptationSet contentType="video"><Representation id="v" bandwidth="1">\
        <SegmentTemplate timescale="1" duration="2" startNumber="1" media="v-$Number$.m4s"/>\
        </Representation></AdaptationSet></Period></MPD>
        """
      return .ok(Array(text.utf8), "Content-Type: application/dash+xml")
    }
    let name = request.target.split(separator: "/").last ?? ""
    guard let number = Int(name.dropFirst(2).prefix { $0 != "." }), number <= newest else {
      return .status(404, after: delay)
    }
    return .ok(Payload.bytes("\(name)", count: 900), after: delay)
  }

  func get(_ name: String) -> ViewerResponse {
    let viewer = lab.viewer()
    viewer.asks("/live/\(name)")
    lab.untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }

  /// Requests for segments that reached the origin.
  var asked: Int {
    lab.origins[0].requests.reduce(0) { $0 + ($1.target.hasSuffix(".m4s") ? 1 : 0) }
  }
}

@Suite(.seeded) struct `A player that asks for thousands of future segments` {
  @Test(arguments: [0, 60])
  func `is told by the node that they are not there`(delay: Int64) {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab, workers: 2)
      stream.delay = Milliseconds(delay)
      #expect(stream.get("main.mpd").status == 200)
      #expect(stream.get("v-\(stream.newest).m4s").status == 200)
      let players = lab.viewers(20)
      let before = stream.asked
      // 2 000 requests a second, for two seconds and a half.
      for round in 0..<250 {
        for (index, player) in players.enumerated() {
          player.asks("/live/v-\(stream.newest + 1 + (round * 20 + index) % 500).m4s")
        }
        lab.wait(Milliseconds(10))
      }
      lab.untilDone(players)

      let reached = stream.asked - before
      #expect(reached < 50, "\(reached) of 5 000")
      #expect(stream.edge.counted(.segmentsRefused) > 2500)
      let answers = players.flatMap(\.responses).filter { $0.status != 200 }
      #expect(answers.allSatisfy { $0.status == 404 })
      let own = answers.first { $0.field("Cache-Status")?.contains("not_yet") ?? false }
      #expect(own?.field("Cache-Status") == "edge;detail=not_yet")
      #expect(own?.field("Cache-Control") == "no-store")
      #expect(stream.get("v-\(stream.newest).m4s").status == 200)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `keeps no segment from others`() {
    scenario { lab in
      let stream = NumberedStream(lab, workers: 2)
      stream.ahead = 20_000
      _ = stream.get("main.mpd")
      let player = lab.viewer()
      for _ in 0..<40 {
        for step in 1...5 { player.asks("/live/v-\(stream.newest + step * 3).m4s") }
        let newest = stream.newest
        #expect(stream.get("v-\(newest).m4s").status == 200, "\(newest)")
        lab.wait(Milliseconds(300))
      }
      lab.untilDone([player])
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `does not wait for ever for an origin that hangs`() {
    scenario(seeds: 1...2) { lab in
      let stream = NumberedStream(lab, workers: 2)
      _ = stream.get("main.mpd")
      let newest = stream.newest
      stream.delay = Milliseconds.seconds(60)
      let players = lab.viewers(40)
      for (index, player) in players.enumerated() {
        player.asks("/live/v-\(newest + 2 + index).m4s")
      }
      lab.wait(Milliseconds(4000))

      #expect(stream.asked <= 20)
      #expect(players.filter { $0.isDone && $0.last.status == 504 }.count >= 30)
      lab.untilDone(players)
      lab.expectNothingLeft(of: stream.edge)
    }
  }
}
