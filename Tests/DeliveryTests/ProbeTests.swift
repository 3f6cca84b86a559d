import Bytes
import Delivery
import Origin
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `Servers that are probed` {
  private let segment = Payload.bytes("segment", count: 20_000)

  /// Answers probes as `health` says at the moment, and everything else with a segment.
  private func serves(_ origin: ScriptedOrigin, health: @escaping () -> ScriptedAnswer) {
    let segment = segment
    origin.answer = { request in
      request.target == "/health" ? health() : .ok(segment, "Cache-Control: max-age=60")
    }
  }

  private func row(_ server: Int, _ edge: LabEdge, _ lab: Lab) -> HealthBoard.Row {
    edge.node.health.rows(at: lab.now)[server]
  }

  /// One viewer after the other asks for another segment, and waits no longer than for a good one.
  private func ask(_ numbers: Range<Int>, _ lab: Lab, every pause: Int64 = 300) {
    for number in numbers {
      let viewer = lab.viewer()
      let asked = lab.now
      viewer.asks("/live/\(number).m4s")
      lab.untilDone([viewer])
      viewer.expect(200)
      #expect(lab.now - asked < Milliseconds(200))
      lab.wait(Milliseconds(pause))
    }
  }

  /// What the log was told of servers so far, as sentences.
  private func said(_ edge: LabEdge) -> [String] {
    var records: [ErrorRecord] = []
    edge.node.errors.drain(into: &records)
    return records.filter { $0.kind == .serverDown || $0.kind == .serverUp }.map { record in
      let cause = (0..<record.object.bytes.count).map { record.object.bytes[$0] }
      return "\(record.kind.label) \(String(decoding: cause, as: UTF8.self))"
    }
  }

  /// A parent that accepts and never replies: Apache Traffic Server #13474.
  @Test func `and hang have one probe at a time, and no viewer before three were answered`() {
    scenario(isAlwaysFast: true) { lab in
      var isWell = false
      lab.health = ProbeSettings(path: "/health")
      let first = lab.origin()
      serves(first) { isWell ? .ok([]) : .never }
      serves(lab.origin()) { .ok([]) }
      let edge = lab.edge(workers: 2)

      lab.until("it is down") { row(0, edge, lab).state == .down }
      first.forgets()
      ask(0..<20, lab)

      #expect(first.requests.count > 4)
      #expect(first.requests.allSatisfy { $0.target == "/health" }, "a viewer had to try it")
      let times = first.requests.map(\.time)
      #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= Milliseconds(500) })
      #expect(Set(first.requests.map(\.connection)).count == first.requests.count)
      #expect(row(0, edge, lab).probes?.fault?.text == "timed out after 500ms")

      isWell = true
      first.forgets()
      ask(20..<50, lab)

      let targets = first.requests.map(\.target)
      #expect(targets.prefix { $0 == "/health" }.count == 3 && targets.contains("/live/49.m4s"))
      #expect(row(0, edge, lab).state == .healthy)
      #expect(said(edge) == ["is down timed out after 500ms", "is up again "])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `and take no connection cost no viewer a time-out`() {
    scenario(isAlwaysFast: true) { lab in
      lab.health = ProbeSettings(path: "/health")
      let first = lab.origin()
      serves(lab.origin()) { .ok([]) }
      lab.world.blackholes.insert(first.address)
      let edge = lab.edge()

      lab.until("it is down") { row(0, edge, lab).state == .down }
      ask(0..<30, lab)

      #expect(edge.counted(.originConnectTimeout) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  static let faults: [(ScriptedAnswer, String)] = [
    (.status(503), "status 503"),
    (.ok(Array("no".utf8)), "body does not contain \"ok\""),
    (.ok(Array("ok".utf8), after: Milliseconds(700)), "timed out after 500ms"),
    (.ok(Array("ok".utf8), pieces: 2, every: Milliseconds(600)), "timed out after 500ms"),
    (.broken(Array("ok".utf8), at: 1, byReset: false), "answer broke off"),
    (.raw("What?\r\n\r\n"), "malformed head"),
  ]

  @Test(arguments: faults)
  func `are down for what is no good answer, and the operator sees why`(
    answer: ScriptedAnswer, why: String
  ) {
    scenario(seeds: 1...1) { lab in
      lab.health = ProbeSettings(path: "/health")
      lab.health?.body = "ok"
      let origin = lab.origin()
      serves(origin) { answer }
      let edge = lab.edge()

      lab.until("it is down") { row(0, edge, lab).state == .down }

      #expect(row(0, edge, lab).probes?.failed == 2)
      #expect(row(0, edge, lab).probes?.fault?.text == why)
      let viewer = lab.viewer()
      viewer.asks("/live/1.m4s")
      lab.untilDone([viewer])
      viewer.expect(200)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `are asked in the operator's name, and by what the configuration adds`() throws {
    try scenario(seeds: 1...2) { lab in
      lab.health = ProbeSettings(path: "/health?a=b")
      let origin = lab.origin()
      origin.answer = { _ in .ok([]) }
      let edge = lab.edge()

      lab.until("it passed") { row(0, edge, lab).probes?.passed == 2 }

      let request = try #require(origin.requests.first)
      #expect(request.method == "GET" && request.target == "/health?a=b")
      #expect(request.field("Host") == "10.1.0.1")
      #expect(request.field("User-Agent") == "spillway/1 (health)")
      #expect(request.field("Connection") == "close")
      #expect(edge.counted(.originRequests) == 0, "probes are no fetches")
    }
  }

  @Test func `show their playlist to whoever watches it, and fail where there is none`() {
    scenario(isAlwaysFast: true) { lab in
      let watcher = Watcher()
      var playlist = ScriptedAnswer.ok(Array("#EXTM3U\n".utf8))
      lab.probeListener = watcher
      lab.health = ProbeSettings(path: "/health", playlist: "/live/a.m3u8")
      let origin = lab.origin()
      origin.answer = { $0.target == "/health" ? .ok([]) : playlist }
      let edge = lab.edge()

      lab.until("it was seen twice") { watcher.seen.count == 2 }
      #expect(watcher.seen.allSatisfy { $0 == "0/0 /live/a.m3u8 #EXTM3U\n" })
      #expect(origin.requests.prefix(2).map(\.target) == ["/health", "/live/a.m3u8"])
      #expect(row(0, edge, lab).state == .healthy)

      playlist = .ok([UInt8](repeating: 35, count: OriginLimits.probePlaylistBytesMax + 1))
      lab.wait(.seconds(4))
      #expect(watcher.seen.count == 2, "it is too long to be judged")
      #expect(row(0, edge, lab).state == .healthy)

      playlist = .status(404)
      lab.until("it is down") { row(0, edge, lab).state == .down }
      #expect(row(0, edge, lab).probes?.fault?.text == "playlist: status 404")
      #expect(watcher.seen.count == 2)
    }
  }
}

/// Writes down what it is shown.
private final class Watcher: ProbeListener {
  var seen: [String] = []

  override func playlistSeen(
    origin: Int, server: Int, path: [UInt8], body: [UInt8], at now: Instant, wall: WallTime
  ) {
    let texts = [path, body].map { String(decoding: $0, as: UTF8.self) }
    seen.append("\(origin)/\(server) \(texts[0]) \(texts[1])")
  }
}
