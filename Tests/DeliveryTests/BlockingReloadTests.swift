import Bytes
import Loop
import Policy
import Telemetry
import TestKit
import Testing

/// A low-latency stream of one or two packagers behind an edge.
private final class LowLatency {
  let lab: Lab
  let edge: LabEdge
  var packagers: [ModelPackager]
  /// Servers that hang: they take requests and say nothing.
  var hangs: Set<Int> = []
  /// The servers answer at once with what they have.
  var answersEarly = false
  private let began: Instant

  init(_ lab: Lab, _ packagers: [ModelPackager] = [ModelPackager(firstNumber: 100)]) {
    self.lab = lab
    self.packagers = packagers
    lab.twins = .auto
    for _ in packagers { lab.origin() }
    edge = lab.edge(workers: 2)
    began = lab.now
    for (index, origin) in lab.origins.enumerated() {
      origin.answer = { [unowned self] in answer(index, $0) }
    }
  }

  /// Milliseconds of the event; it has been on for 61 s when the world begins.
  var clock: Int { 61_000 + Int((lab.now - began).count) }

  private func answer(_ index: Int, _ request: SeenRequest) -> ScriptedAnswer {
    if hangs.contains(index) { return .never }
    guard request.target.contains(".m3u8") else { return .status(404) }
    let packager = packagers[index]
    var due = clock
    if let msn = number("_HLS_msn", request.target), !answersEarly {
      due = max(due, packager.time(ofSegment: msn, part: number("_HLS_part", request.target)))
    }
    let text = packager.playlist(parts: packager.parts(at: due))
    return .ok(
      Array(text.utf8), "Content-Type: application/vnd.apple.mpegurl",
      after: Milliseconds(Int64(due - clock)))
  }

  private func number(_ name: String, _ target: String) -> Int? {
    target.split(separator: "?").last?.split(separator: "&")
      .first { $0.hasPrefix(name + "=") }
      .flatMap { $0.split(separator: "=").last }.flatMap { Int($0) }
  }

  @discardableResult
  func get(_ query: String, of name: String = "a.m3u8") -> ViewerResponse {
    let viewer = lab.viewer()
    viewer.asks("/live/" + name + query)
    lab.untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }

  func text(_ query: String) -> String { String(decoding: get(query).body, as: UTF8.self) }

  /// What the origins were asked for.
  var asked: [String] { lab.origins.flatMap { $0.requests.map(\.target) } }
}

@Suite(.seeded) struct `A blocking reload of a playlist` {
  @Test func `reaches the origin once for hundreds of viewers, however they write it`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      let queries = [
        "?_HLS_msn=130&_HLS_part=2", "?_HLS_part=2&_HLS_msn=130",
        "?_HLS_msn=130&_HLS_part=2&_HLS_skip=YES", "?_HLS_skip=v2&_HLS_msn=130&_HLS_part=2",
      ]
      let viewers = lab.viewers(300)
      for (index, viewer) in viewers.enumerated() {
        viewer.asks("/live/a.m3u8" + queries[index % queries.count])
      }
      lab.untilDone(viewers)

      for viewer in viewers {
        viewer.expect(200)
        let text = String(decoding: viewer.last.body, as: UTF8.self)
        #expect(text.contains("s130.2.m4s\"\n"))
      }
      let reloads = event.asked.filter { $0.contains("_HLS_") }
      #expect(reloads == ["/live/a.m3u8?_HLS_msn=130&_HLS_part=2"])
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test(arguments: [
    "?_HLS_part=1", "?_HLS_msn=x", "?_HLS_msn=1&_HLS_msn=2", "?_HLS_skip=YES&_HLS_part=0",
  ])
  func `that breaks the rules is refused before the origin hears of it`(query: String) {
    scenario(seeds: 1...1) { lab in
      let event = LowLatency(lab)

      #expect(event.get(query).status == 400)
      #expect(event.asked.isEmpty)
      #expect(event.edge.counted(.requestBadReload) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `that is too far ahead is refused at once`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      #expect(event.get("?_HLS_msn=135").status == 400)
      #expect(event.get("?_HLS_msn=130&_HLS_part=40").status == 400)
      #expect(event.asked.count == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `of a state that was published is answered from the newest playlist`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      event.get("?_HLS_msn=130&_HLS_part=2")
      let count = event.asked.count
      for query in ["?_HLS_msn=128", "?_HLS_msn=129&_HLS_part=0", "?_HLS_msn=129&_HLS_part=9"] {
        let text = event.text(query)
        #expect(text.contains("s130.2.m4s\"\n"), "\(query)")
      }
      #expect(event.asked.count == count)
      #expect(event.edge.counted(.reloadsFromState) == 3)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `gets a delta update that is made once`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      let full = event.get("?_HLS_msn=130&_HLS_part=2")
      let first = event.get("?_HLS_msn=130&_HLS_part=2&_HLS_skip=YES")
      let second = event.get("?_HLS_msn=130&_HLS_part=2&_HLS_skip=YES")

      let text = String(decoding: first.body, as: UTF8.self)
      #expect(text.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS="))
      #expect(first.body.count < full.body.count)
      #expect(second.body == first.body)
      #expect(second.field("ETag") == first.field("ETag"))
      #expect(second.field("Cache-Status")?.contains("hit") ?? false)
      #expect(event.edge.counted(.deltaUpdatesMade) == 1)
      #expect(!event.text("?_HLS_skip=v2").contains("_HLS_"))
      #expect(!event.asked.contains { $0.contains("_HLS_skip") })
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `is asked again while the answer lacks what was asked for, and ends with 503`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      event.answersEarly = true
      let answer = event.get("?_HLS_msn=130&_HLS_part=3")
      #expect(answer.status == 200)
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(text.contains("s130.3.m4s\"\n"))
      #expect(event.edge.counted(.reloadsAskedAgain) > 0)

      let late = event.get("?_HLS_msn=132&_HLS_part=3")
      #expect(late.status == 503)
      #expect(late.field("Retry-After") != nil)
      #expect(event.edge.counted(.reloadsTimedOut) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `is answered by whatever playlist comes first`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(lab)
      event.get("")
      event.hangs = [0]
      let waiting = lab.viewer().asks("/live/a.m3u8?_HLS_msn=130&_HLS_part=2")
      lab.wait(Milliseconds(1200))
      event.hangs = []
      #expect(!waiting.isDone)
      event.get("")
      lab.untilDone([waiting], limit: Milliseconds(200))

      waiting.expect(200)
      #expect(event.edge.counted(.reloadsOvertaken) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `goes on from the twin in the numbers that viewers know`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let event = LowLatency(
        lab,
        [
          ModelPackager(firstNumber: 100, prefix: "a"),
          ModelPackager(firstNumber: 7000, prefix: "b"),
        ])
      event.get("")
      var last = (msn: 130, part: 2)
      for round in 0..<24 {
        if round == 8 { event.hangs = [0] }
        let answer = event.get("?_HLS_msn=\(last.msn)&_HLS_part=\(last.part)&_HLS_skip=YES")
        #expect(answer.status == 200, "\(round)")
        last.part += 1
        if last.part == 4 { last = (last.msn + 1, 0) }
      }
      #expect(event.edge.counted(.streamSwitches) == 1)
      let text = event.text("")
      #expect(text.contains("b.m3u8\",LAST-MSN=1"))
      #expect(lab.origins[1].requests.contains { $0.target.contains("_HLS_msn=70") })
      #expect(event.get("", of: "a132.2.m4s").status == 404, "a part that was only announced")
      lab.expectNothingLeft(of: event.edge)
    }
  }
}
