import Bytes
import Streams
import TestKit
import Testing

@testable import Origin

/// A made-up packager of a DASH presentation: what its manifest says at a moment.
private struct ModelPackager {
  /// When its presentation began, in milliseconds.
  var begun = 0
  var firstNumber = 1
  var hasTimeline = true
  var fault = ModelEncoder.Fault.none

  /// It writes its manifest anew each time, with a publishTime of then.
  var publishesAlways = false

  /// Its manifest; `nil` for one that does not answer.
  func manifest(at time: Int) -> String? {
    var clock = time
    var type = "dynamic"
    switch fault {
    case .none: break
    case .dead: return nil
    case .frozen(let moment): clock = min(clock, moment)
    case .ended(let moment):
      clock = min(clock, moment)
      type = "static"
    }
    let count = (clock - begun) / 2000
    let first = max(0, count - 6)
    var template = "<SegmentTemplate timescale=\"1000\" media=\"$Number$.m4s\""
    template += " initialization=\"i.mp4\" "
    if hasTimeline {
      template += "startNumber=\"\(firstNumber + first)\"><SegmentTimeline>"
      template += "<S t=\"\(first * 2000)\" d=\"2000\" r=\"\(count - first - 1)\"/>"
      template += "</SegmentTimeline></SegmentTemplate>"
    } else {
      template += "startNumber=\"\(firstNumber)\" duration=\"2000\"/>"
    }
    let published =
      publishesAlways ? time / 1000 * 1000 : hasTimeline ? begun + count * 2000 : begun
    return """
      <?xml version="1.0"?>
      <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="\(type)" \
      availabilityStartTime="\(ModelEncoder.date(begun))" \
      publishTime="\(ModelEncoder.date(published))" \
      minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT12S" \
      profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S">
      <Period id="0" start="PT0S"><AdaptationSet contentType="video">
      <Representation id="v" bandwidth="100000">\(template)</Representation>
      </AdaptationSet></Period></MPD>
      """
  }
}

/// Two packagers and a presentation between them and viewers, in made-up time.
private struct ManifestLab {
  /// The Unix time at which the made-up clock begins.
  static let start = 1_767_225_600_000
  var packagers: [ModelPackager]
  var presentation = LivePresentation(
    root: Array("/a.mpd".utf8), server: 0, at: .init(nanoseconds: 0))
  var terms = LivePresentation.Terms()
  var isShadow = false
  var complaints: [String] = []
  var worstAge = 0
  private var seen: [String: Int64] = [:]
  private var started: Int64?
  private var published: Int64 = 0
  private var edge: Int64 = 0
  private var changedAt = 0

  init(_ packagers: [ModelPackager]) {
    self.packagers = packagers
    terms.twinCount = packagers.count
  }

  /// The node ends and starts again: all that is left is its record.
  mutating func restartNode(at time: Int) {
    let names: [UInt64] = [10, 11]
    let now = Instant(nanoseconds: Int64(time) * 1_000_000)
    let wall = WallTime(milliseconds: Int64(ManifestLab.start + time))
    var question = StreamBook.Question(
      site: 0, name: Hash128(low: 1, high: 1), path: presentation.root, now: now, wall: wall)
    question.wall = wall
    let record = presentation.manifestRecord(
      name: Hash128(low: 1, high: 1), site: 7, servers: names, at: question)
    guard let bytes = record?.encoded, let again = ManifestRecord(bytes.span) else {
      return complaints.append("\(time): no record")
    }
    let kept = again.presentation
    let servers = kept.servers.compactMap { names.firstIndex(of: $0) }
    presentation = LivePresentation(root: kept.root, server: servers.last ?? 0, at: now)
    presentation.follow(servers, epoch: Int(kept.epoch))
    presentation.restore(again, at: now, wall: wall)
  }

  /// A viewer asked for a segment that has long been due, and no server has it.
  mutating func miss(_ value: UInt64, at time: Int) {
    let name = SegmentName(template: Hash128(low: 1, high: 1), value: value)
    let observation = LivePresentation.Observation(
      now: Instant(nanoseconds: Int64(time) * 1_000_000),
      wall: WallTime(milliseconds: Int64(ManifestLab.start + time)), pause: Milliseconds(1000))
    presentation.note(
      name, isOverdue: true, missingAt: ServerSet(only: presentation.server),
      foundAt: nil, observation)
  }

  mutating func poll(at time: Int) -> [UInt8]? {
    var poll = ManifestPoll()
    terms.now = Instant(nanoseconds: Int64(time) * 1_000_000)
    terms.wall = WallTime(milliseconds: Int64(ManifestLab.start + time))
    terms.candidates = packagers.indices.filter { $0 != presentation.server }
    var server = presentation.server
    while true {
      let body = packagers[server].manifest(at: time).map { Array($0.utf8) }
      if let body, let sighting = ManifestSighting(server: server, body: body, at: terms.now) {
        poll.add(sighting)
      } else {
        poll.add(failureOf: server)
      }
      switch isShadow ? presentation.watch(&poll, terms) : presentation.judge(&poll, terms) {
      case .send(let index, let own): return own ?? poll.sightings[index].body
      case .ask(let next): server = next
      case .fail: return nil
      }
    }
  }

  /// Polls as often as the node would, and minds what players rely on.
  mutating func watch(_ times: Range<Int>) {
    for time in stride(from: times.lowerBound, to: times.upperBound, by: 250) {
      guard let body = poll(at: time), let manifest = Manifest.read(body.span) else {
        complaints.append("\(time): nothing")
        continue
      }
      check(manifest, at: time)
    }
  }

  private mutating func check(_ manifest: Manifest, at time: Int) {
    if !manifest.isDynamic { complaints.append("\(time): an end") }
    let start = manifest.availabilityStartTime?.count ?? -1
    if let started, started != start { complaints.append("\(time): another start") }
    started = start
    let publish = manifest.publishTime?.count ?? 0
    if publish < published { complaints.append("\(time): published earlier") }
    published = publish
    for period in manifest.periods {
      let id = String(decoding: period.id ?? [], as: UTF8.self)
      let begin = period.start?.count ?? -1
      if let before = seen[id], before != begin { complaints.append("\(time): \(id) moved") }
      seen[id] = begin
    }
    let now = Milliseconds(Int64(ManifestLab.start + time))
    let reached = (ManifestProgress(of: manifest, now: now).edge?.count ?? 0) + start
    if reached < edge { complaints.append("\(time): the edge went back") }
    if reached > edge { changedAt = time } else { worstAge = max(worstAge, time - changedAt) }
    edge = reached
  }
}

@Suite struct `A live DASH presentation with a twin` {
  private static func pair(_ hasTimeline: Bool = true) -> [ModelPackager] {
    [
      ModelPackager(begun: 0, firstNumber: 1, hasTimeline: hasTimeline),
      ModelPackager(begun: 5300, firstNumber: 700, hasTimeline: hasTimeline),
    ]
  }

  @Test func `passes a healthy server's manifests as they come`() {
    var lab = ManifestLab(Self.pair())
    var isSame = true
    for time in stride(from: 30_000, to: 60_000, by: 500) {
      let own = lab.packagers[0].manifest(at: time).map { Array($0.utf8) }
      let sent = lab.poll(at: time)
      isSame = isSame && sent == own
    }
    #expect(isSame)
  }

  @Test(arguments: [true, false])
  func `goes on from the twin when its server is dead`(hasTimeline: Bool) {
    var lab = ManifestLab(Self.pair(hasTimeline))
    lab.watch(30_000..<50_000)
    lab.packagers[0].fault = .dead
    lab.watch(50_000..<90_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(!hasTimeline || lab.worstAge <= 3000)
  }

  @Test func `leaves a server whose timeline stays as it is`() {
    var lab = ManifestLab(Self.pair())
    lab.watch(30_000..<50_000)
    lab.packagers[0].fault = .frozen(at: 50_100)
    lab.watch(50_000..<90_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.worstAge <= 3000)
  }

  @Test(arguments: [true, false])
  func `never passes on the end of one server while its twin goes on`(hasTimeline: Bool) {
    var lab = ManifestLab(Self.pair(hasTimeline))
    lab.watch(30_000..<50_000)
    lab.packagers[0].fault = .ended(at: 50_100)
    lab.watch(50_000..<80_000)
    #expect(lab.complaints == [])
  }

  @Test func `keeps all that players rely on through minutes of flapping`() {
    var lab = ManifestLab(Self.pair())
    lab.watch(30_000..<40_000)
    for round in 0..<12 {
      lab.packagers[round % 2].fault = .dead
      lab.packagers[1 - round % 2].fault = .none
      lab.watch((40_000 + round * 10_000)..<(50_000 + round * 10_000))
    }
    #expect(lab.complaints == [])
  }

  @Test(arguments: [true, false])
  func `goes on where it was when the node restarts in the middle`(hasTimeline: Bool) {
    var lab = ManifestLab(Self.pair(hasTimeline))
    lab.watch(30_000..<38_000)
    lab.restartNode(at: 38_000)
    lab.watch(38_000..<40_000)
    for round in 0..<8 {
      let begun = 40_000 + round * 10_000
      lab.packagers[round % 2].fault = .dead
      lab.packagers[1 - round % 2].fault = .none
      lab.watch(begun..<(begun + 5000))
      lab.restartNode(at: begun + 5000)
      lab.watch((begun + 5000)..<(begun + 10_000))
    }
    #expect(lab.complaints == [])
    #expect(lab.presentation.epoch >= 8)
  }

  @Test func `leaves a server that goes on publishing, but nothing new`() {
    var lab = ManifestLab(Self.pair())
    lab.packagers[0].publishesAlways = true
    lab.watch(30_000..<50_000)
    #expect(lab.presentation.epoch == 0)
    lab.packagers[0].fault = .frozen(at: 50_100)
    lab.watch(50_000..<90_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.worstAge <= 3000)
  }

  @Test func `goes on behind a packager that began anew, and has no twin`() {
    var lab = ManifestLab([ModelPackager(begun: 0)])
    lab.watch(30_000..<50_000)
    lab.packagers[0].begun = 44_000
    lab.watch(50_000..<90_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.epoch == 1)
  }

  @Test func `goes on behind a packager that began anew while the node was down`() {
    var lab = ManifestLab([ModelPackager(begun: 0)])
    lab.watch(30_000..<50_000)
    lab.packagers[0].begun = 44_000
    lab.restartNode(at: 51_000)
    lab.watch(51_000..<60_000)
    lab.packagers[0].begun = 55_000
    lab.restartNode(at: 61_000)
    lab.watch(61_000..<90_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.epoch == 2)
  }

  @Test func `follows the operator's order once the other server can go on`() {
    var lab = ManifestLab(Self.pair())
    lab.watch(30_000..<40_000)
    lab.terms.wanted = [1]
    lab.watch(40_000..<50_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.worstAge <= 3000)
  }

  @Test func `is only watched in the shadow, and says what would have been done`() {
    var lab = ManifestLab(Self.pair())
    lab.isShadow = true
    var isSame = true
    for time in stride(from: 30_000, to: 60_000, by: 250) {
      if time == 45_000 { lab.packagers[0].fault = .frozen(at: 45_000) }
      let own = lab.packagers[0].manifest(at: time).map { Array($0.utf8) }
      let sent = lab.poll(at: time)
      isSame = isSame && sent == own
    }
    #expect(isSame)
    #expect(lab.presentation.epoch == 0)
    #expect(lab.presentation.timeline.entries.contains { $0.event == .wouldSwitch })
  }

  @Test(arguments: [true, false])
  func `is known to be of one timeline with its twin before it needs that`(hasTimeline: Bool) {
    let one = ModelPackager(begun: 0, hasTimeline: hasTimeline)
    var lab = ManifestLab([one, one])
    lab.watch(30_000..<50_000)
    #expect(lab.presentation.aligned == 2)
    lab.packagers[0].fault = .dead
    lab.watch(50_000..<60_000)
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.presentation.isSeamless)
    #expect(lab.presentation.aligned == 1)
  }

  @Test func `is not taken for its twin's where names are other moments`() {
    var lab = ManifestLab(Self.pair(false))
    lab.watch(30_000..<50_000)
    #expect(lab.presentation.aligned == 0)
  }

  @Test func `leaves a server that lacks numbered segments, and does not go back for the same`() {
    var lab = ManifestLab(Self.pair(false))
    lab.watch(30_000..<50_000)
    for (value, time) in [(UInt64(24), 51_000), (25, 53_000), (26, 57_000), (27, 59_000)] {
      lab.miss(value, at: time)
      lab.watch(time..<(time + 1000))
    }
    #expect(lab.complaints == [])
    #expect(lab.presentation.server == 1)
    #expect(lab.presentation.epoch == 1)
  }

  @Test func `has players come back soon for a manifest of numbered segments`() {
    var packagers = Self.pair(false)
    packagers[0].begun = 0
    var lab = ManifestLab(packagers)
    let sent = lab.poll(at: 30_000).flatMap { Manifest.read($0.span) }
    #expect(sent?.minimumUpdatePeriod == Milliseconds.seconds(2))
  }
}
