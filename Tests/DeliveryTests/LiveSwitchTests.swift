import Bytes
import Delivery
import Loop
import Origin
import Policy
import Telemetry
import TestKit
import Testing

/// Two servers of one programme, each with its encoder, and viewers who watch it live.
private final class LiveEvent {
  let lab: Lab
  let edge: LabEdge
  var encoders: [ModelEncoder]
  /// Servers that have lost their segments, but not their playlists.
  var loses: Set<Int> = []
  /// Servers that hang: they take requests and say nothing.
  var hangs: Set<Int> = []
  var strict = StrictViewer()
  /// Segments that were asked for and did not come whole.
  var lost: [String] = []
  private var fetched: Set<String> = []
  private let began: Instant

  init(
    _ lab: Lab, _ encoders: [ModelEncoder], workers: Int = 2,
    returns: OriginSettings.Return = .manual, onDead: OriginSettings.OnDead = .error
  ) {
    self.lab = lab
    self.encoders = encoders
    lab.twins = .auto
    lab.returns = returns
    lab.onDead = onDead
    for _ in encoders { lab.origin() }
    edge = lab.edge(workers: workers)
    began = lab.now
    for (index, origin) in lab.origins.enumerated() {
      origin.answer = { [unowned self] in answer(index, $0) }
    }
  }

  /// Milliseconds of the event; it has been on for 20 s when the world begins.
  var clock: Int { 20_000 + Int((lab.now - began).count) }

  private func answer(_ index: Int, _ request: SeenRequest) -> ScriptedAnswer {
    if hangs.contains(index) { return .never }
    if request.target.hasSuffix(".m3u8") {
      guard let text = encoders[index].playlist(at: clock) else { return .status(404) }
      return .ok(Array(text.utf8), "Content-Type: application/vnd.apple.mpegurl")
    }
    let name = request.target.split(separator: "/").last.map(String.init) ?? ""
    let isOwn = name == "init.mp4" || name.hasPrefix(encoders[index].prefix)
    return isOwn && !loses.contains(index)
      ? .ok(Payload.bytes("\(index) \(name)", count: 900)) : .status(404)
  }

  /// One viewer polls for `length` and fetches whatever is new, as a player does.
  func watch(for length: Int) {
    let end = clock + length
    while clock < end {
      let playlist = get("a.m3u8")
      #expect(playlist.status == 200, "\(clock)")
      guard playlist.status == 200 else { return }
      strict.see(playlist.body, at: clock)
      let lines = String(decoding: playlist.body, as: UTF8.self).split(separator: "\n")
      for uri in lines.filter({ !$0.hasPrefix("#") }).suffix(3) where !fetched.contains("\(uri)") {
        fetched.insert("\(uri)")
        let segment = get("\(uri)")
        if segment.status != 200 || segment.end != .whole { lost.append("\(uri)") }
      }
      lab.wait(Milliseconds(500))
    }
  }

  func get(_ uri: String) -> ViewerResponse {
    let viewer = lab.viewer()
    viewer.asks("/live/\(uri)")
    lab.untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }
}

@Suite(.seeded) struct `A live stream from two servers` {
  private static let pair = [
    ModelEncoder(firstNumber: 1256, prefix: "a"),
    ModelEncoder(firstNumber: 1056, begun: 700, prefix: "b"),
  ]

  @Test func `goes on without an error when its server's port is dead`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 15_000)
      lab.origins[0].stopsListening()
      lab.origins[0].resetsConnections()
      event.watch(for: 30_000)

      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      #expect(event.strict.worstAge <= 3500)
      #expect(event.edge.counted(.streamSwitches) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `goes on without an error when its server hangs`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 15_000)
      event.hangs = [0]
      event.watch(for: 30_000)

      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      #expect(event.strict.worstAge <= 4500)
      #expect(event.edge.counted(.streamSwitches) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `goes on from the twin when its playlist stays as it is`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 15_000)
      event.encoders[0].fault = .frozen(at: event.clock)
      event.watch(for: 30_000)

      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      #expect(event.strict.worstAge <= 3500)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `does not end when one encoder is stopped`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 15_000)
      event.encoders[0].fault = .ended(at: event.clock)
      event.watch(for: 30_000)

      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `comes back to its viewers as they left it after flapping for minutes`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 10_000)
      for round in 0..<12 {
        event.encoders[round % 2].fault = .dead
        event.encoders[(round + 1) % 2].fault = .none
        event.watch(for: 10_000)
      }
      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test(arguments: [OriginSettings.Return.manual, .auto])
  func `goes back to the first server by itself only where it is told to`(
    returns: OriginSettings.Return
  ) {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair, returns: returns)
      event.watch(for: 10_000)
      event.encoders[0].fault = .dead
      event.watch(for: 20_000)
      event.encoders[0].fault = .none
      event.watch(for: 35_000)
      let before = event.edge.counted(.streamSwitches)
      event.watch(for: 40_000)

      #expect(before == 1)
      #expect(event.edge.counted(.streamSwitches) == (returns == .auto ? 2 : 1))
      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      #expect(event.strict.worstAge <= 3500)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test(arguments: [OriginSettings.OnDead.error, .stale])
  func `is an error or stays as it is when no server is left, as it is told`(
    onDead: OriginSettings.OnDead
  ) {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair, onDead: onDead)
      event.watch(for: 10_000)
      for origin in lab.origins {
        origin.stopsListening()
        origin.resetsConnections()
      }
      lab.wait(Milliseconds(200))
      #expect(event.get("a.m3u8").status == 200)
      lab.wait(Milliseconds(20_000))
      #expect(event.get("a.m3u8").status == (onDead == .stale ? 200 : 502))
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `gives its first viewer a server that goes on, where probes watch it`() {
    scenario { lab in
      lab.health = ProbeSettings(playlist: "/live/a.m3u8")
      let event = LiveEvent(lab, Self.pair)
      event.encoders[0].fault = .frozen(at: event.clock)
      lab.wait(Milliseconds(20_000))
      let idle = event.edge.node.streams.rows(at: lab.now)
      event.watch(for: 10_000)

      #expect(idle.map(\.server) == [1])
      #expect(idle.first?.verdict == .advancing)
      #expect(idle.first?.playlists.first?.standings.count == 2)
      #expect(event.strict.complaints == [])
      #expect(event.strict.worstAge <= 2600)
      #expect(event.edge.counted(.streamSwitches) == 0)
      let rows = event.edge.node.streams.rows(at: lab.now)
      #expect(rows.count == 1)
      #expect(rows.first?.server == 1)
    }
  }

  @Test func `goes on from the twin when its server has playlists and no segments`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 15_000)
      event.loses = [0]
      event.watch(for: 20_000)

      #expect(event.strict.complaints == [])
      #expect(event.lost == [])
      #expect(event.strict.worstAge <= 3500)
      #expect(event.edge.counted(.streamSwitches) == 1)
      lab.expectNothingLeft(of: event.edge)
    }
  }

  @Test func `fetches a new segment once, before anybody is told of it`() {
    scenario { lab in
      let event = LiveEvent(lab, Self.pair)
      event.watch(for: 20_000)

      #expect(event.strict.complaints == [])
      #expect(event.edge.counted(.fillsPrefetched) >= 8)
      let segments = lab.origins[0].requests.map(\.target).filter { $0.hasSuffix(".m4s") }
      #expect(Set(segments).count == segments.count)
      #expect(lab.origins[1].requests.isEmpty)
      lab.expectNothingLeft(of: event.edge)
    }
  }
}
