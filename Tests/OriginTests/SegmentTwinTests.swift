import Bytes
import Policy
import Streams
import Testing

@testable import Origin

@Suite struct `The server of a segment` {
  private static func presentation() -> LivePresentation {
    LivePresentation(root: Array("/a.mpd".utf8), server: 0, at: Instant(nanoseconds: 0))
  }

  private static func begin(_ presentation: inout LivePresentation, _ server: Int, _ same: Bool) {
    presentation.begin(
      .switched, server: server, isSeamless: same, rendition: [], LivePresentation.Terms())
  }

  @Test(arguments: [
    (OriginSettings.Twins.independent, ServerSet(rawValue: 0b001)), (.sameTimeline, 0b111),
    (.sameBytes, 0b111), (.auto, 0b101),
  ])
  func `may be stood in for by those that are known to be alike`(
    twins: OriginSettings.Twins, alike: ServerSet
  ) {
    var presentation = Self.presentation()
    presentation.aligned = 0b100
    let route = presentation.route(mark: nil, twins: twins, count: 3)

    #expect(route.server == 0 && route.alike == alike)
    #expect(route.mayGoElsewhere == (alike != 1))
  }

  @Test func `is that of its epoch, alone, behind a switch to another timeline`() {
    var presentation = Self.presentation()
    presentation.aligned = 0b100
    Self.begin(&presentation, 1, false)
    let old = presentation.route(mark: nil, twins: .auto, count: 3)
    let new = presentation.route(mark: 1, twins: .auto, count: 3)

    #expect(old.server == 0 && old.alike == 0b001 && old.isLeft)
    #expect(new.server == 1 && new.alike == 0b010 && !new.isLeft)
  }

  @Test func `is of one timeline with the server before behind a seamless switch`() {
    var presentation = Self.presentation()
    presentation.aligned = 0b110
    Self.begin(&presentation, 1, true)
    let old = presentation.route(mark: nil, twins: .auto, count: 3)

    #expect(old.server == 0 && old.alike == 0b111 && !old.isLeft)
    presentation.manifest = LiveManifest(at: Instant(nanoseconds: 0))
    #expect(presentation.route(mark: nil, twins: .auto, count: 3).server == 1)
  }
}

@Suite struct `A server whose newest segments are missing` {
  private static func name(_ value: UInt64) -> SegmentName {
    SegmentName(template: Hash128(low: 1, high: 1), value: value)
  }

  private static func presentation() -> LivePresentation {
    var presentation = LivePresentation(
      root: Array("/a.mpd".utf8), server: 0, at: Instant(nanoseconds: 0))
    presentation.manifest = LiveManifest(at: Instant(nanoseconds: 0))
    return presentation
  }

  private static func at(_ time: Int64) -> LivePresentation.Observation {
    LivePresentation.Observation(
      now: Instant(nanoseconds: time * 1_000_000), wall: WallTime(milliseconds: time),
      pause: Milliseconds(500))
  }

  @Test func `is left for the twin that had two of them`() {
    var presentation = Self.presentation()
    presentation.note(Self.name(5), isOverdue: true, missingAt: 1, foundAt: 1, Self.at(1000))
    presentation.note(Self.name(5), isOverdue: true, missingAt: 1, foundAt: 1, Self.at(2000))
    presentation.note(Self.name(6), isOverdue: true, missingAt: 1, foundAt: 1, Self.at(1400))
    let before = presentation.server
    presentation.note(Self.name(6), isOverdue: true, missingAt: 1, foundAt: 1, Self.at(3000))

    #expect(before == 0 && presentation.server == 1 && presentation.epoch == 1)
    #expect(presentation.timeline.entries.map(\.event) == [.switched])
  }

  @Test func `is kept where it goes on, is pinned, or lacks what is not due for long`() {
    for index in 0..<3 {
      var presentation = Self.presentation()
      if index == 1 { presentation.pinned = 0 }
      let isOverdue = index != 2
      presentation.note(
        Self.name(5), isOverdue: isOverdue, missingAt: 1, foundAt: 1, Self.at(1000))
      if index == 0 {
        presentation.note(Self.name(5), isOverdue: false, missingAt: 1, foundAt: 0, Self.at(1500))
      }
      presentation.note(
        Self.name(6), isOverdue: isOverdue, missingAt: 1, foundAt: 1, Self.at(3000))
      #expect(presentation.server == 0)
    }
  }

  @Test func `is known to be behind where no twin has them, until it goes on`() {
    var presentation = Self.presentation()
    let states = [UInt64(5), 6].map { value in
      presentation.note(
        Self.name(value), isOverdue: true, missingAt: 1, foundAt: nil,
        Self.at(Int64(value * 2000)))
      return presentation.manifest?.isBehind(at: Self.at(12_000).now)
    }
    let late = presentation.manifest?.isBehind(at: Self.at(43_000).now)
    presentation.note(Self.name(7), isOverdue: false, missingAt: 0, foundAt: 0, Self.at(13_000))

    #expect(states == [false, true] && late == false)
    #expect(presentation.manifest?.isBehind(at: Self.at(13_000).now) == false)
    #expect(presentation.server == 0)
  }

  @Test func `has its twin asked for its manifest`() throws {
    let text = """
      <MPD type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" \
      minimumUpdatePeriod="PT2S"><Period id="0" start="PT0S"><AdaptationSet contentType="video">\
      <Representation id="v" bandwidth="1"><SegmentTemplate timescale="1" duration="2" \
      startNumber="1" media="v-$Number$.m4s"/></Representation></AdaptationSet></Period></MPD>
      """
    var presentation = Self.presentation()
    var terms = LivePresentation.Terms()
    terms.candidates = [1]
    terms.twinCount = 2
    var asked: [Bool] = []
    for (time, value) in [(Int64(20_000), UInt64(8)), (22_000, 9), (24_000, 10)] {
      terms.now = Self.at(time).now
      terms.wall = WallTime(milliseconds: time)
      var poll = ManifestPoll()
      let own = ManifestSighting(server: 0, body: Array(text.utf8), at: terms.now)
      poll.add(try #require(own))
      let decision = presentation.judge(&poll, terms)
      asked.append(decision == .ask(server: 1))
      if decision == .ask(server: 1) {
        let twin = ManifestSighting(server: 1, body: Array(text.utf8), at: terms.now)
        poll.add(try #require(twin))
        _ = presentation.judge(&poll, terms)
      }
      presentation.note(
        Self.name(value), isOverdue: true, missingAt: 1, foundAt: nil, Self.at(time))
    }

    #expect(asked == [true, false, true])
    #expect(presentation.aligned == 0b10)
    #expect(presentation.timeline.entries.map(\.event) == [.stale])
  }
}
