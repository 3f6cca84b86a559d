import Bytes
import Streams
import Testing

@testable import Load

@Suite struct `A player` {
  static let live = [
    "/hls/fmp4/main.m3u8", "/hls/ts/main.m3u8", "/hls/ll/main.m3u8", "/dash/number/main.mpd",
    "/dash/timeline/main.mpd", "/dash/ll/main.mpd",
  ]

  @Test(arguments: live)
  func `sees a healthy live stream without a stall or a complaint`(entry: String) {
    var watching = Watching(entry)
    watching.watch(seconds: 60)

    let tally = watching.tally
    #expect(tally.errors == 0 && tally.violations == 0, "\(tally)")
    #expect(tally.stalls == 0 && tally.started == 1 && tally.missed == 0, "\(tally)")
    #expect(tally.played > 58_000_000_000, "\(tally.played)")
    #expect(tally.startup.longest < 1_000_000_000)
  }

  @Test(arguments: [
    ("/hls/fmp4/main.m3u8", 5_000...10_000), ("/hls/ll/main.m3u8", 1_500...3_500),
    ("/dash/number/main.mpd", 5_000...9_000), ("/dash/ll/main.mpd", 1_500...4_000),
  ])
  func `is as far behind the live edge as the stream asks for`(
    entry: String, milliseconds: ClosedRange<Int>
  ) {
    var watching = Watching(entry)
    watching.watch(seconds: 40)

    let latency = Int(watching.tally.latency.percentile(90) / 1_000_000)
    #expect(milliseconds.contains(latency), "\(latency) ms")
  }

  @Test(arguments: ["/hls/vod/main.m3u8", "/dash/vod/main.mpd"])
  func `plays what is on demand to its end and leaves`(entry: String) {
    var watching = Watching(entry)
    watching.watch(seconds: 120)

    #expect(watching.isOver)
    #expect(watching.tally.played == 60_000_000_000 && watching.tally.stalls == 0)
    #expect(watching.tally.errors == 0 && watching.tally.violations == 0)
    // Half a minute is kept in store, not the whole film.
    #expect(watching.now > Watching.begin + 60_000_000_000)
    #expect(Set(watching.asked).count == watching.asked.count, "something was asked for twice")
  }

  @Test func `goes up with the throughput that it measures, and down again`() {
    var fast = Watching("/hls/fmp4/main.m3u8")
    fast.watch(seconds: 30)
    #expect(fast.tally.switches >= 1)
    #expect(fast.asked.last { $0.contains("/v") }?.contains("/v5/") == true)

    // A megabit a second: 8 000 nanoseconds a byte.
    var slow = Watching("/hls/fmp4/main.m3u8")
    slow.perByte = 8_000
    slow.watch(seconds: 60)
    #expect(slow.asked.allSatisfy { !$0.contains("/v3/") && !$0.contains("/v5/") })
    #expect(slow.tally.played > 40_000_000_000, "\(slow.tally.played)")
  }

  @Test(arguments: [
    (RenditionPolicy.lowest, "/v0/"), (.highest, "/v5/"), (.spread, "/v4/"),
  ])
  func `stays with the rendition that it was told`(policy: RenditionPolicy, folder: String) {
    var watching = Watching("/dash/number/main.mpd", policy: policy)
    watching.watch(seconds: 20)

    let video = watching.asked.filter { $0.contains("/v") && $0.hasSuffix(".m4s") }
    #expect(video.count > 5 && video.allSatisfy { $0.contains(folder) }, "\(video)")
  }

  @Test func `stalls where media comes slower than it plays, and counts for how long`() {
    var watching = Watching("/hls/vod/main.m3u8", policy: .highest)
    // 4 Mbit/s for 6.
    watching.perByte = 2_000
    watching.watch(seconds: 60)

    let tally = watching.tally
    #expect(tally.stalls > 5)
    #expect(tally.longestStall > 0 && tally.longestStall < tally.stalled)
    let seen = tally.played + tally.stalled + Int64(tally.startup.longest)
    #expect(seen == watching.now - Watching.begin)
  }

  @Test func `leaves out what a playlist marks as missing`() throws {
    let text = """
      #EXTM3U
      #EXT-X-TARGETDURATION:2
      #EXTINF:2,
      0.ts
      #EXT-X-GAP
      #EXTINF:2,
      1.ts
      #EXTINF:2,
      2.ts
      #EXT-X-ENDLIST
      """
    var track = HLSTrack(
      targets: [Array("/a/live.m3u8".utf8)], bandwidths: [0], rendition: 0, authority: "edge")
    #expect(track.take(Array(text.utf8), asked: 0, at: 0) != nil)
    var asked: [String] = []
    while case .ask(let request) = track.step(0, at: 1, isHungry: true), asked.count < 9 {
      asked.append(String(decoding: request.target, as: UTF8.self))
      track.advance()
    }

    #expect(asked == ["/a/0.ts", "/a/2.ts"])
  }

  @Test func `asks for parts by blocking reloads`() {
    var watching = Watching("/hls/ll/main.m3u8", policy: .lowest)
    watching.watch(seconds: 20)

    #expect(watching.asked.contains { $0.contains("?_HLS_msn=") && $0.contains("&_HLS_part=") })
    let parts = watching.asked.filter { $0.split(separator: ".").count == 3 }
    #expect(parts.count > 60, "two tracks of two parts a second: \(parts.count)")
    #expect(Set(parts).count == parts.count, "a part was asked for twice")
  }
}

@Suite struct `A player notices` {
  @Test(arguments: ["/hls/fmp4/main.m3u8", "/hls/ts/main.m3u8", "/hls/ll/main.m3u8"])
  func `a playlist that stands still`(entry: String) {
    var watching = Watching(entry, fault: .freeze)
    watching.watch(seconds: 40)

    #expect(watching.tally.stale > 0 && watching.tally.stalls > 0)
    #expect(watching.tally.wentBack == 0 && watching.tally.short == 0)
  }

  @Test func `a timeline that stands still`() {
    var watching = Watching("/dash/timeline/main.mpd", fault: .freeze)
    watching.watch(seconds: 40)

    #expect(watching.tally.stale > 0)
    #expect(watching.tally.wentBack == 0)
  }

  @Test(arguments: ["/hls/fmp4/main.m3u8", "/hls/ll/main.m3u8", "/dash/timeline/main.mpd"])
  func `numbers that go back`(entry: String) {
    var watching = Watching(entry, fault: .rewind)
    watching.watch(seconds: 60)

    #expect(watching.tally.wentBack > 0)
  }

  @Test(arguments: `A player`.live, [StreamFault.truncate, .cut])
  func `segments that are too short`(entry: String, fault: StreamFault) {
    var watching = Watching(entry, fault: fault)
    watching.watch(seconds: 40)

    #expect(watching.tally.short > 0)
    #expect(watching.tally.wentBack == 0 && watching.tally.stale == 0)
  }
}
