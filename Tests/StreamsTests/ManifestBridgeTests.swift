import Bytes
import Streams
import Testing

@Suite struct `A switch between servers with other timelines` {
  private static let now = MadeUpServer.month + 86_400_000

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `changes nothing that a player has seen`(seed: UInt64) throws {
    var show = try #require(Show(seed: seed))

    for _ in 0..<80 { try show.step() }

    #expect(show.switches > 0)
  }

  @Test(arguments: [(0, true), (3, true), (-900, true), (1001, false), (-5000, false)])
  func `keeps the first start where another server's clock is a little off`(
    drift: Int64, isSent: Bool
  ) throws {
    let time = Self.now + 9000
    let servers = [0, drift].map { MadeUpServer(name: "a", start: Self.now + $0) }
    var bridge = try #require(ManifestBridge.first(servers[0].manifest(at: time)))
    let sent = bridge.next(servers[1].manifest(at: time).span, epoch: 1, now: Milliseconds(time))
    let start = sent.flatMap { Manifest.read($0.span) }?.availabilityStartTime

    #expect(start == (isSent ? Milliseconds(Self.now) : nil))
  }

  @Test(arguments: [0, 1, 700, 1999] as [Int64], [true, false])
  func `leaves no video out`(shift: Int64, isTimeline: Bool) throws {
    let servers = [
      MadeUpServer(name: "a", start: Self.now, isTimeline: isTimeline),
      MadeUpServer(name: "b", start: Self.now - 3000 - shift, isTimeline: isTimeline),
    ]
    var time = Self.now + 9000
    var bridge = try #require(ManifestBridge.first(servers[0].manifest(at: time)))
    for epoch in 1...6 as ClosedRange<UInt64> {
      bridge.switchOrigin(at: Milliseconds(time))
      time += 2500
      let body = servers[Int(epoch % 2)].manifest(at: time)
      let sent = bridge.next(body.span, epoch: epoch, now: Milliseconds(time))
      let player = try #require(sent.flatMap { DASHPlayer($0, now: time) })
      let video = player.segments.values.filter(\.isVideo).sorted { $0.start < $1.start }
      for (one, next) in zip(video, video.dropFirst()) {
        #expect(next.start - one.end <= 1, "video is missing")
      }
      time += 5500
    }
  }

  @Test func `joins where the last of its renditions ends`() throws {
    func manifest(_ start: String, _ low: Int) -> [UInt8] {
      func representation(_ id: String, _ count: Int) -> String {
        """
        <Representation id="\(id)"><SegmentTemplate media="\(id)$Time$" presentationTimeOffset="0">
        <SegmentTimeline><S t="0" d="2" r="\(count - 1)"/></SegmentTimeline></SegmentTemplate>
        </Representation>
        """
      }
      return Array(
        """
        <MPD type="dynamic" availabilityStartTime="2026-11-01T00:00:\(start)Z"
        publishTime="2026-11-01T00:01:00Z"><Period id="0" start="PT0S">
        <AdaptationSet contentType="video">\(representation("h", 8))\(representation("l", low))
        </AdaptationSet></Period></MPD>
        """.utf8)
    }
    let now = Milliseconds(MadeUpServer.month + 21_000)
    for (low, start) in [(8, 15), (7, 13), (5, 15)] {
      var bridge = try #require(ManifestBridge.first(manifest("00", low)))
      bridge.switchOrigin(at: now)
      let sent = bridge.next(manifest("01", 8).span, epoch: 1, now: now)
      let periods = sent.flatMap { Manifest.read($0.span) }?.periods
      #expect(periods?.last?.start == .seconds(Int64(start)), "\(low)")
    }
  }

  @Test func `ends as the stream does, where it was`() throws {
    let server = MadeUpServer(name: "a", start: Self.now, isTimeline: true)
    let time = Self.now + 9000
    var bridge = try #require(ManifestBridge.first(server.manifest(at: time)))
    let sent = bridge.end(now: Milliseconds(time + 60_000))
    let ended = try #require(sent)
    let manifest = try #require(DASHPlayer(ended, now: time)).manifest

    #expect(manifest.isDynamic && manifest.minimumUpdatePeriod == nil)
    #expect(manifest.duration == Milliseconds(8000))
    #expect(manifest.publishTime == Milliseconds(time + 1000))
  }

  @Test func `leaves the manifest of the first server as it is`() throws {
    let server = MadeUpServer(name: "a", start: Self.now)
    let first = server.manifest(at: Self.now + 5000)
    let second = server.manifest(at: Self.now + 9000)
    var bridge = try #require(
      ManifestBridge.first(first))
    let sent = bridge.next(second.span, epoch: 0, now: Milliseconds(Self.now + 9000))
    let marked = bridge.next(second.span, epoch: 1, now: Milliseconds(Self.now + 9000))

    #expect(sent == second)
    let expected = ManifestText.rewriting(second.span, servers: [], epoch: 1)
    #expect(marked == expected)
    #expect(!bridge.isBridged)
  }

  @Test func `is written so`() throws {
    let old = MadeUpServer(name: "a", start: Self.now, updatePeriod: "PT500S")
    let new = MadeUpServer(name: "b", start: Self.now - 3000, isTimeline: true, startNumber: 7)
    var bridge = try #require(
      ManifestBridge.first(old.manifest(at: Self.now + 9000)))
    bridge.switchOrigin(at: Milliseconds(Self.now + 9500))
    let sent = bridge.next(
      new.manifest(at: Self.now + 13_000).span, epoch: 1, now: Milliseconds(Self.now + 13_000))

    let expected = """
      <?xml version="1.0"?>
      <MPD xmlns="urn:d" xmlns:b="urn:x" type="dynamic"
        availabilityStartTime="2026-11-02T00:00:00.000Z" publishTime="2026-11-02T00:00:13.000Z"
        minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT20S">
      <Period duration="PT7.000S" xmlns="urn:d" xmlns:a="urn:x" id="p0" start="PT0.000S">\
      <BaseURL>a/</BaseURL>
      <AdaptationSet contentType="video"><Representation id="v" bandwidth="1">
      <SegmentTemplate timescale="90000" media="a-$RepresentationID$-$Number$"
       initialization="i" presentationTimeOffset="0"
       startNumber="1" duration="180000"/></Representation></AdaptationSet>
      <AdaptationSet contentType="audio"><Representation id="a" bandwidth="1">
      <SegmentTemplate timescale="48000" media="a-$RepresentationID$-$Number$"
       initialization="i" presentationTimeOffset="0"
       startNumber="1" duration="92160"/></Representation></AdaptationSet>
      </Period>
      <Period id="sw1-p0" start="PT7.000S"><BaseURL>b/</BaseURL>
      <AdaptationSet contentType="video"><Representation id="v" bandwidth="1">
      <SegmentTemplate timescale="90000" media="b-$RepresentationID$-$Time$?_sw=1"
       initialization="i?_sw=1" presentationTimeOffset="900000"
       startNumber="12">
      <SegmentTimeline>
      <S t="900000" d="180000" r="2"/></SegmentTimeline></SegmentTemplate>\
      </Representation></AdaptationSet>
      <AdaptationSet contentType="audio"><Representation id="a" bandwidth="1">
      <SegmentTemplate timescale="48000" media="b-$RepresentationID$-$Time$?_sw=1"
       initialization="i?_sw=1" presentationTimeOffset="480000"
       startNumber="12">
      <SegmentTimeline>
      <S t="460800" d="92160" r="2"/></SegmentTimeline></SegmentTemplate>\
      </Representation></AdaptationSet>
      </Period>
      </MPD>
      """

    #expect(sent.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test func `is made of no recording and of nothing that is no manifest`() throws {
    let server = MadeUpServer(name: "a", start: Self.now)
    let now = Milliseconds(Self.now + 9000)
    let body = server.manifest(at: now.count)
    var bridge = try #require(ManifestBridge.first(body))
    bridge.switchOrigin(at: now)
    let other = ["<MPD/>", "<MPD type=\"static\"/>", "", "<MPD type=\"dynamic\"></MPD>"]
      .map { Array($0.utf8) }

    for body in other {
      let sent = bridge.next(body.span, epoch: 1, now: now)
      #expect(sent == nil)
      #expect(ManifestBridge.first(body) == nil)
    }
  }
}

extension ManifestBridge {
  /// Spans and `#expect` do not go together.
  fileprivate static func first(_ body: [UInt8]) -> ManifestBridge? {
    ManifestBridge(first: body.span)
  }
}

/// A presentation that changes servers at random, and a player that watches.
private struct Show {
  private(set) var switches = 0
  private var random: SeededRandom
  private var now: Int64
  private var sentTime: Int64 = 0
  /// Since when nothing new was sent.
  private var silence: Int64?
  private var servers: [MadeUpServer] = []
  /// Every server that ever was, for the truth of its segments.
  private var all: [MadeUpServer] = []
  private var current = 0
  private var epoch: UInt64 = 0
  private var bridge: ManifestBridge
  private var last: DASHPlayer
  private var urls: [String: String] = [:]
  private var starts: [[UInt8]: Milliseconds] = [:]

  init?(seed: UInt64) {
    var random = SeededRandom(state: seed)
    now = MadeUpServer.month + 86_400_000
    for index in 0..<3 { servers.append(Self.server("s\(index)", now, &random)) }
    now += 12_345
    let first = servers[0].manifest(at: now)
    guard let bridge = ManifestBridge.first(first),
      let player = DASHPlayer(first, now: now)
    else { return nil }
    (self.bridge, last, all, self.random) = (bridge, player, servers, random)
    urls = player.segments.mapValues(\.url)
  }

  private static func server(
    _ name: String, _ start: Int64, _ random: inout SeededRandom
  ) -> MadeUpServer {
    var server = MadeUpServer(name: name, start: start - Int64(random.below(200_000)))
    server.isTimeline = random.below(2) == 0
    server.startNumber = Int64(random.below(5000))
    server.mediaStart = random.below(2) == 0 ? 0 : 1000 * Int64(random.below(1_800_000_000))
    server.periodLength = random.below(3) == 0 ? 48_000 : nil
    server.updatePeriod = random.below(2) == 0 ? "PT500S" : "PT1S"
    if random.below(3) == 0 {
      server.tracks[0] = .init(id: "v", type: "video", timescale: 10_000_000, duration: 20_020_000)
      server.periodLength = nil
    }
    if random.below(3) == 0 { server.tracks[1].duration = 96_000 }
    return server
  }

  mutating func step() throws {
    now += Int64(random.below(4)) * Int64(random.below(3000))
    let choice = random.below(12)
    if choice < 2 {
      if choice == 0 {
        let restarted = Self.server("s\(all.count)", now, &random)
        servers[current] = restarted
        all.append(restarted)
        now += 6000
      } else {
        current = random.below(servers.count)
      }
      let left = max(sentTime, now - Int64(random.below(500)))
      bridge.switchOrigin(at: Milliseconds(left))
      epoch += 1
      switches += 1
    }
    if random.below(8) == 0 { bridge = try restarted() }
    let body = servers[current].manifest(at: now)
    let sent = bridge.next(body.span, epoch: epoch, now: Milliseconds(now))
    guard let text = sent else {
      // What was sent stays until the next server has got as far, a segment later.
      silence = silence ?? now
      #expect(now - (silence ?? now) <= 9000, "nothing was sent at \(now)")
      return
    }
    silence = nil
    let player = try #require(DASHPlayer(text, now: now))
    check(player)
    (last, sentTime) = (player, now)
  }

  /// The bridge as a node finds it that was restarted.
  private func restarted() throws -> ManifestBridge {
    let presentation = RecordedPresentation(
      name: Hash128(low: 1, high: 2), site: 3, root: Array("/a.mpd".utf8),
      epoch: UInt32(epoch), servers: [4], changedAt: WallTime(milliseconds: now))
    let record = ManifestRecord(presentation: presentation, bridge: bridge)
    let bytes = try #require(record.encoded)
    let again = ManifestRecord(bytes.span)
    return try #require(again?.bridge)
  }

  private mutating func check(_ player: DASHPlayer) {
    let (manifest, before) = (player.manifest, last.manifest)
    #expect(manifest.availabilityStartTime == before.availabilityStartTime)
    #expect(manifest.publishTime ?? .zero >= before.publishTime ?? .zero)
    #expect(manifest.isDynamic)
    for (index, period) in manifest.periods.enumerated() {
      let id = period.id ?? []
      #expect(starts[id] ?? period.start == period.start, "a start has changed")
      starts[id] = period.start
      if index > 0 { #expect(manifest.periods[index - 1].start ?? .zero < period.start ?? .zero) }
    }
    // One without a whole segment had nothing to play: it may go with its server.
    let ids = manifest.periods.map(\.id)
    let old = before.periods.map(\.id).filter { last.hasSegments(of: $0) }
      .drop { !ids.contains($0) }
    #expect(ids.starts(with: old), "a period left from elsewhere than the front")
    checkSegments(player)
  }

  private mutating func checkSegments(_ player: DASHPlayer) {
    for (key, segment) in player.segments {
      #expect(urls[key] ?? segment.url == segment.url, "a segment has another name")
      urls[key] = segment.url
      let truth = all.lazy.compactMap { $0.trueStart(of: segment.url) }.first
      // Of numbered audio beside video only the time of its frames is true, not that of segments.
      let tolerance: Int64 = segment.isVideo ? 2 : 2100
      #expect(abs((truth ?? 0) - segment.start) <= tolerance, "a segment at another time")
    }
    for (key, segment) in last.segments where segment.end > now - 20_000 + 2100 {
      // What begins behind the join is shown by the next server.
      #expect(
        player.segments[key] != nil || player.shows(segment.start + 2, isVideo: segment.isVideo),
        "\(key) \(segment) is gone at \(now)")
    }
  }
}

/// A generator of numbers that are the same in every run (SplitMix64).
private struct SeededRandom {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(limit))
  }
}
