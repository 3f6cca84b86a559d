import Bytes
import Streams
import Testing

@testable import Origin

/// What a node knows of one template, in made-up time.
private struct EdgeLab {
  /// 2026-01-01T00:00:00Z.
  static let start: Int64 = 1_767_225_600_000
  var edges = SegmentEdges()
  /// Milliseconds since the start of the presentation.
  var clock: Int64 = 100_500
  var woken: [UInt32] = []

  init(_ timing: String = "duration=\"2000\"/>", media: String = "/v-$Number$.m4s") {
    learn(timing, media: media)
  }

  var now: Instant { Instant(nanoseconds: clock * 1_000_000) }
  var wall: WallTime { WallTime(milliseconds: EdgeLab.start + clock) }

  mutating func learn(_ timing: String, media: String = "/v-$Number$.m4s") {
    let text = """
      <MPD type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z">\
      <Period id="0" start="PT0S"><AdaptationSet contentType="video">\
      <Representation id="v" bandwidth="1"><SegmentTemplate timescale="1000" startNumber="1" \
      media="\(media)" \(timing)</Representation></AdaptationSet></Period></MPD>
      """
    let manifest = Manifest.read(Array(text.utf8).span)
    let series = manifest?.segmentSeries(
      path: Array("/a.mpd".utf8), now: Milliseconds(wall.milliseconds))
    edges.learn(series ?? [], site: 0, at: now)
  }

  func name(_ path: String, epoch: Int = 0) -> SegmentName? {
    edges.name(of: Array(path.utf8).span, site: 0, epoch: epoch)
  }

  mutating func ask(_ number: UInt64, waiter: UInt32? = nil) -> SegmentEdge.Verdict? {
    guard let name = name("/v-\(number).m4s") else { return nil }
    let waiter = waiter.map { SegmentWaiter(worker: 0, number: $0) }
    let (now, wall) = (now, wall)
    return edges[name]?.ask(name.value, waiter: waiter, at: now, wall: wall)
  }

  mutating func note(_ number: UInt64, _ outcome: SegmentEdge.Outcome) {
    guard let name = name("/v-\(number).m4s") else { return }
    let (now, wall) = (now, wall)
    let waiters = edges[name]?.note(name.value, outcome, at: now, wall: wall)
    woken += (waiters ?? []).map(\.number)
  }
}

@Suite struct `The live edge of a template` {
  private static let missing = SegmentEdge.Outcome.missing(Milliseconds(250))

  private static func timeline(of count: Int) -> String {
    "><SegmentTimeline><S t=\"0\" d=\"2000\" r=\"\(count - 1)\"/></SegmentTimeline>"
      + "</SegmentTemplate>"
  }

  @Test func `lets everything be asked for that should be there`() {
    var lab = EdgeLab()
    let verdicts = [1, 49, 50, 3].map { lab.ask($0) }
    #expect(verdicts == [.ask, .ask, .ask, .ask])
  }

  @Test func `is asked for once, and all that is later shares the answer`() {
    var lab = EdgeLab()
    let verdicts = [lab.ask(51), lab.ask(52, waiter: 7), lab.ask(900, waiter: 8)]
    lab.note(51, Self.missing)
    let later = [51, 52, 900, .max].map { lab.ask($0) }

    #expect(verdicts == [.ask, .wait, .wait])
    #expect(lab.woken == [7, 8])
    #expect(later == [.refuse, .refuse, .refuse, .refuse])
  }

  @Test func `is asked for at once where only a later one is being asked for`() {
    var lab = EdgeLab()
    let verdicts = [lab.ask(90), lab.ask(80, waiter: 80), lab.ask(70, waiter: 70), lab.ask(51)]
    lab.note(90, Self.missing)
    let later = [lab.ask(60), lab.ask(90)]

    #expect(verdicts == [.ask, .wait, .wait, .ask])
    #expect(lab.woken == [70, 80])
    #expect(later == [.wait, .refuse])
  }

  @Test func `is asked for again when what the origin said is old`() {
    for (number, length) in [(UInt64(51), Int64(250)), (52, 1000)] {
      var lab = EdgeLab()
      _ = lab.ask(number)
      lab.note(number, Self.missing)
      lab.clock += length - 1
      let before = lab.ask(60)
      lab.clock += 1
      let after = [lab.ask(70), lab.ask(71)]

      #expect(before == .refuse)
      #expect(after == [.ask, .wait])
    }
  }

  @Test func `moves on with what the origin had`() {
    var lab = EdgeLab()
    lab.note(60, .found)
    _ = lab.ask(61)
    lab.note(61, Self.missing)
    lab.clock += 250
    let verdict = lab.ask(61)

    #expect(verdict == .ask)
  }

  @Test func `refuses nothing that is earlier than what was missing`() {
    var lab = EdgeLab()
    _ = lab.ask(60)
    lab.note(60, Self.missing)
    let earlier = [lab.ask(55), lab.ask(60)]
    lab.note(55, .found)
    let then = [lab.ask(55), lab.ask(56), lab.ask(60)]

    #expect(earlier == [.ask, .refuse])
    #expect(then == [.ask, .ask, .refuse])
  }

  @Test func `has a hole where a segment is missing that is not the newest`() {
    var lab = EdgeLab()
    _ = lab.ask(48)
    lab.note(48, Self.missing)
    let verdicts = [48, 49, 50, 51].map { lab.ask($0) }
    lab.note(60, .found)
    lab.note(59, Self.missing)
    let beyond = [lab.ask(59), lab.ask(60)]

    #expect(verdicts == [.ask, .ask, .ask, .ask])
    #expect(beyond == [.ask, .ask])
  }

  @Test func `believes an origin whose clock is ahead of ours`() {
    var lab = EdgeLab()
    lab.clock = 10_500
    for number in UInt64(50)...60 {
      let verdict = lab.ask(number)
      #expect(verdict == .ask)
      lab.note(number, .found)
    }
  }

  @Test func `forgets what was missing when a later one is there`() {
    var lab = EdgeLab()
    _ = lab.ask(52)
    _ = lab.ask(51)
    lab.note(51, Self.missing)
    lab.note(52, .found)
    let verdicts = [lab.ask(51), lab.ask(53)]

    #expect(verdicts == [.ask, .ask])
  }

  @Test func `lets others ask when a question had no answer, or none in time`() {
    var lab = EdgeLab()
    let first = [lab.ask(51), lab.ask(52, waiter: 1)]
    lab.note(51, .unknown)
    let second = [lab.ask(52), lab.ask(53)]
    lab.clock += 1000
    let third = [lab.ask(53), lab.ask(54)]

    #expect(first == [.ask, .wait] && lab.woken == [1])
    #expect(second == [.ask, .wait])
    #expect(third == [.ask, .wait])
  }

  @Test func `has so many waiting and no more`() {
    var lab = EdgeLab()
    _ = lab.ask(51)
    var waiting = 0
    for number in UInt32(0)..<5000 where lab.ask(100 + UInt64(number), waiter: number) == .wait {
      waiting += 1
    }
    #expect(waiting == OriginLimits.segmentWaitersMax)
  }

  @Test func `is where a timeline ends`() {
    var lab = EdgeLab(Self.timeline(of: 10))
    let verdicts = [lab.ask(10), lab.ask(11), lab.ask(12)]
    lab.note(11, Self.missing)
    let refused = lab.ask(12)
    lab.learn(Self.timeline(of: 12))
    let listed = lab.ask(12)

    #expect(verdicts == [.ask, .ask, .wait])
    #expect(refused == .refuse && listed == .ask)
  }

  @Test func `is another one behind a switch`() {
    let lab = EdgeLab(media: "/v-$Number$.m4s?_sw=2")
    #expect(lab.name("/v-1.m4s") == nil)
    #expect(lab.name("/v-1.m4s", epoch: 2) != nil)
  }

  @Test func `says nothing of a name that two templates could have made`() {
    var lab = EdgeLab()
    lab.learn("duration=\"2000\"/>", media: "/v-1$Number$.m4s")
    #expect(lab.name("/v-12.m4s") == nil)
    #expect(lab.name("/v-22.m4s") != nil)
  }

  @Test func `is forgotten where there are too many`() {
    var lab = EdgeLab()
    for index in 0..<OriginLimits.segmentTemplatesMax {
      lab.learn("duration=\"2000\"/>", media: "/\(index)/$Number$.m4s")
    }
    #expect(lab.name("/\(OriginLimits.segmentTemplatesMax - 1)/1.m4s") != nil)
    #expect(lab.name("/0/1.m4s") == nil)
  }
}
