import Bytes
import Policy
import Streams
import TestKit
import Testing

@testable import Origin

@Suite struct `A live presentation under an operator's orders` {
  private static func unlike(_ statesTimes: Bool) -> [ModelEncoder] {
    [
      ModelEncoder(firstNumber: 1256, begun: 0, statesTimes: statesTimes, prefix: "a"),
      ModelEncoder(firstNumber: 1056, begun: 700, statesTimes: statesTimes, prefix: "b"),
    ]
  }

  @Test(arguments: [true, false])
  func `goes to the server that is wanted and no viewer sees a fault`(statesTimes: Bool) {
    var lab = TwinLab(Self.unlike(statesTimes))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.terms.wanted = [1]

    let missed = lab.watch(40_000..<80_000, by: &viewer)

    #expect(missed == [])
    #expect(viewer.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.events.filter { $0 == .switched }.count == 1)
    #expect(viewer.worstAge <= 4000)
  }

  @Test func `stays where it is while the server that is wanted is dead or stands still`() {
    for fault in [ModelEncoder.Fault.dead, .frozen(at: 39_000), .ended(at: 39_000)] {
      var lab = TwinLab(Self.unlike(true))
      var viewer = StrictViewer()
      _ = lab.watch(20_000..<40_000, by: &viewer)
      lab.encoders[1].fault = fault
      lab.terms.wanted = [1]

      _ = lab.watch(40_000..<80_000, by: &viewer)

      #expect(viewer.complaints == [])
      #expect(lab.presentation.server == 0)
      #expect(viewer.worstAge <= 4000)
    }
  }

  @Test func `stays with its server when that is the one it is pinned to`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.terms.isPinned = true
    lab.encoders[0].fault = .frozen(at: 40_000)

    _ = lab.watch(40_000..<60_000, by: &viewer)

    #expect(lab.presentation.server == 0)
  }

  @Test func `passes the end of its server on once an operator says that it is over`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .ended(at: 40_100)
    lab.terms.passesEnds = true

    let sent = lab.poll(at: 41_000).flatMap { MediaPlaylist.read($0.span) }

    #expect(sent?.hasEndlist == true)
    #expect(lab.presentation.server == 0)
    #expect(lab.events.contains(.ended))
  }
}

@Suite struct `The row of a live presentation` {
  private static func row(_ lab: TwinLab, at time: Int) -> StreamRow {
    lab.presentation.row(
      origin: 0, twins: lab.terms.twins, at: Instant(nanoseconds: Int64(time) * 1_000_000))
  }

  private static func twins() -> [ModelEncoder] {
    [
      ModelEncoder(firstNumber: 1256, begun: 0, statesTimes: true, prefix: "a"),
      ModelEncoder(firstNumber: 1056, begun: 700, statesTimes: true, prefix: "b"),
    ]
  }

  @Test func `says that it goes on, and from where`() throws {
    var lab = TwinLab(Self.twins())
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)

    let row = Self.row(lab, at: 40_000)

    #expect(row.isPlain)
    #expect(row.twins == .independent)
    let playlist = try #require(row.playlists.first)
    #expect(playlist.verdict == .advancing)
    #expect(playlist.last == lab.presentation.renditions[TwinLab.name]?.history.edge?.number)
    #expect(playlist.standings.map(\.server) == [0])
    #expect(playlist.standings.first?.lag == nil)
  }

  @Test func `says that a playlist is stale, and how far its server is behind the twin`() throws {
    var lab = TwinLab(Self.twins())
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .frozen(at: 40_000)
    lab.encoders[1].fault = .frozen(at: 40_000)
    _ = lab.watch(40_000..<50_000, by: &viewer)

    let row = Self.row(lab, at: 50_000)

    #expect(row.verdict == .stale)
    #expect(!row.isPlain)
    let standings = try #require(row.playlists.first).standings
    #expect(standings.count == 2)
    let hasTimes = standings.allSatisfy { standing in
      if case .time = standing.lag { true } else { false }
    }
    #expect(hasTimes)
  }

  @Test func `keeps its switches, with the servers and the time`() throws {
    var lab = TwinLab(Self.twins())
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .dead
    _ = lab.watch(40_000..<50_000, by: &viewer)

    let row = Self.row(lab, at: 50_000)

    let entry = try #require(row.timeline.first)
    #expect(entry.event == .switched)
    #expect(entry.from == 0)
    #expect(entry.to == 1)
    #expect(entry.at.milliseconds > 40_000)
    #expect(row.epoch == 1)
    #expect(row.firstServer == 0)
    #expect(!row.isPlain)
  }

  @Test func `says that it ended`() {
    var lab = TwinLab(Self.twins())
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .ended(at: 40_100)
    lab.encoders[1].fault = .ended(at: 40_100)
    _ = lab.poll(at: 41_000)

    #expect(Self.row(lab, at: 41_500).verdict == .ended)
  }
}

@Suite struct `A live presentation that is only watched` {
  @Test(arguments: [
    (ModelEncoder.Fault.frozen(at: 40_000), StreamEvent.wouldSwitch),
    (.ended(at: 40_100), .wouldWithhold),
  ])
  func `passes what its server says, and notes once what it would have done`(
    fault: ModelEncoder.Fault, noted: StreamEvent
  ) {
    var encoders = [
      ModelEncoder(firstNumber: 1256, begun: 0, statesTimes: true, prefix: "a"),
      ModelEncoder(firstNumber: 1056, begun: 700, statesTimes: true, prefix: "b"),
    ]
    var presentation = LivePresentation(
      root: Array("/a.m3u8".utf8), server: 0, at: .init(nanoseconds: 0))
    var terms = LivePresentation.Terms()
    terms.candidates = [1]
    var events: [StreamEvent] = []
    var isUntouched = true
    for time in stride(from: 20_000, to: 60_000, by: 500) {
      if time == 40_000 { encoders[0].fault = fault }
      terms.now = Instant(nanoseconds: Int64(time) * 1_000_000)
      var poll = PlaylistPoll()
      var server = 0
      while true {
        guard let text = encoders[server].playlist(at: time),
          let sighting = PlaylistSighting(server: server, body: Array(text.utf8), at: terms.now)
        else { break }
        poll.add(sighting)
        let decision = presentation.watch(
          &poll, of: TwinLab.name, path: Array("/a.m3u8".utf8), terms)
        events += presentation.timeline.takeUncounted()
        guard case .ask(let next) = decision else {
          isUntouched = isUntouched && decision == .send(sighting: 0, text: nil)
          break
        }
        server = next
      }
    }

    #expect(isUntouched)
    #expect(events.filter { $0 != .twinAsked && $0 != .stale } == [noted])
    #expect(presentation.server == 0)
    #expect(presentation.epoch == 0)
  }
}

@Suite struct `A rule that an operator switches off` {
  @Test func `is off for the origins that were named, until it is switched on`() {
    let board = SwitchBoard(origins: 3)
    board.set(.hold, false, origin: 1)
    board.set(.guards, false, origin: nil)
    board.set(.guards, true, origin: 2)

    #expect((0..<3).map { board.isOn(.hold, origin: $0) } == [true, false, true])
    #expect((0..<3).map { board.isOn(.guards, origin: $0) } == [false, false, true])
    #expect(NodeSwitch.allCases.filter { board.isOn($0, origin: 0) } == [.hold, .hedge, .seal])
  }

  @Test func `is off from the start for rewriting, but where the configuration asks for it`() {
    let board = SwitchBoard(origins: 2, rewrites: [1])
    #expect((0..<2).map { board.isOn(.rewrite, origin: $0) } == [false, true])

    board.set(.rewrite, true, origin: nil)
    board.set(.rewrite, false, origin: 1)

    #expect((0..<2).map { board.isOn(.rewrite, origin: $0) } == [true, false])
  }
}

@Suite struct `A server that is drained` {
  @Test func `is asked where no other is left, and is no trial`() {
    let board = HealthBoard()
    let places = [board.place(host: "a", port: 80), board.place(host: "b", port: 80)]
    let now = Instant(nanoseconds: 0)
    #expect(board.drain(places[0], true))
    #expect(!board.drain(places[0], true))

    let view = board.view(of: places, at: now)
    var choice = ServerChoice(
      policy: .latched,
      candidates: [.init(weight: 1, isBackup: false), .init(weight: 1, isBackup: false)])
    let first = choice.next(tried: 0, view, mayTry: true)
    let second = choice.next(tried: 0b10, view, mayTry: true)

    #expect(view.sound == 0b10)
    #expect(view.spare == 0b01)
    #expect(first == 1)
    #expect(second == 0)
  }
}
