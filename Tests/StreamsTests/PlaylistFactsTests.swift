import Bytes
import Streams
import Testing

@Suite struct `An HLS playlist` {
  /// Written by `ffmpeg -f hls -hls_flags omit_endlist+program_date_time`.
  static let live = """
    #EXTM3U
    #EXT-X-VERSION:3
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:17
    #EXT-X-DISCONTINUITY-SEQUENCE:3
    #EXTINF:2.000000,
    #EXT-X-PROGRAM-DATE-TIME:2026-11-22T21:50:58.933+0000
    t17.ts
    #EXTINF:1.920000,
    t18.ts
    #EXTINF:2.000000,
    t19.ts

    """
  static let vod = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-TARGETDURATION:1
    #EXT-X-MEDIA-SEQUENCE:0
    #EXT-X-PLAYLIST-TYPE:VOD
    #EXT-X-MAP:URI="init.mp4"
    #EXTINF:1.000000,
    f0.m4s
    #EXTINF:1.000000,
    f1.m4s
    #EXT-X-ENDLIST
    """
  static let multivariant = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en, us",URI="a.m3u8"
    #EXT-X-STREAM-INF:BANDWIDTH=17600,RESOLUTION=64x36,CODECS="avc1.42c00a,mp4a.40.2"
    hls-vod.m3u8

    """
  static let lowLatency = """
    #EXTM3U
    #EXT-X-TARGETDURATION:4
    #EXT-X-SERVER-CONTROL:PART-HOLD-BACK=1.2,CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24
    #EXT-X-PART-INF:PART-TARGET=0.4
    #EXT-X-MEDIA-SEQUENCE:100
    #EXT-X-SKIP:SKIPPED-SEGMENTS=5
    #EXT-X-PART:DURATION=0.4,URI="105.0.mp4",INDEPENDENT=YES
    #EXTINF:4.0,
    105.mp4
    #EXT-X-PART:DURATION=0.4,URI="106.0.mp4"
    #EXT-X-PART:DURATION=0.4,URI="106.1.mp4"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="106.2.mp4"

    """

  @Test func `of a live stream tells its sequence and target duration`() throws {
    let facts = try #require(PlaylistFacts.read(Self.live))

    #expect(!facts.isMultivariant)
    #expect(facts.targetDuration == Milliseconds(2000))
    #expect(facts.partTarget == nil)
    #expect(facts.mediaSequence == 17)
    #expect(facts.discontinuitySequence == 3)
    #expect(facts.segmentCount == 3)
    #expect(facts.lastSequence == 19)
    #expect(facts.window == Milliseconds(5920))
    #expect(facts.isLive)
  }

  @Test func `of a recording is not live`() throws {
    let facts = try #require(PlaylistFacts.read(Self.vod))

    #expect(facts.isVOD)
    #expect(facts.hasEndlist)
    #expect(!facts.isLive)
    #expect(facts.lastSequence == 1)
  }

  @Test func `of renditions is multivariant`() throws {
    let facts = try #require(PlaylistFacts.read(Self.multivariant))

    #expect(facts.isMultivariant)
    #expect(!facts.isLive)
    #expect(facts.lastSequence == nil)
  }

  @Test func `of low latency tells its parts and what it skips`() throws {
    let facts = try #require(PlaylistFacts.read(Self.lowLatency))

    #expect(facts.partTarget == Milliseconds(400))
    #expect(facts.changeInterval == Milliseconds(400))
    #expect(facts.canBlockReload)
    #expect(facts.skippedCount == 5)
    #expect(facts.segmentCount == 1)
    #expect(facts.lastSequence == 105)
    #expect(facts.trailingPartCount == 2)
    #expect(facts.window == Milliseconds(24_000))
  }

  @Test func `of I-frames and an event says so`() throws {
    let facts = try #require(
      PlaylistFacts.read(
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-I-FRAMES-ONLY\n"))

    #expect(facts.isIFrameOnly)
    #expect(facts.isLive)
    #expect(facts.lastSequence == nil)
  }

  @Test func `is read with CR LF, a byte order mark, decimals and unknown tags`() throws {
    let text =
      "\u{FEFF}#EXTM3U\r\n#EXT-X-FUTURE:1\r\n# note\r\n#EXT-X-TARGETDURATION: 5.5 \r\n"
      + "#EXTINF:-1,title, with comma\r\na.ts\r\n#EXTINF:5.5\r\nb.ts"

    let facts = try #require(PlaylistFacts.read(text))

    #expect(facts.targetDuration == Milliseconds(5500))
    #expect(facts.segmentCount == 2)
    #expect(facts.window == Milliseconds(5500))
  }

  @Test(arguments: [
    "", "\n", "<html>", "#EXTM3U8\n#EXT-X-TARGETDURATION:2\n", "#EXTM3U\n", "#EXTM3U\na.ts\n",
    "#EXTM3U\n#EXTINF:2,\na.ts\n", "#EXTM3U\n#EXT-X-TARGETDURATION:x\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:-2\n", "#EXTM3U\n#EXT-X-TARGETDURATION:3601\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999999\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551616\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n"
      + "#EXTINF:2,\na\n#EXTINF:2,\nb\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SKIP:SKIPPED-SEGMENTS=99999999999\n",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n",
  ])
  func `that cannot be right has no facts`(text: String) {
    #expect(PlaylistFacts.read(text) == nil)
  }

  @Test(arguments: [live, vod, multivariant, lowLatency])
  func `says the same however it is cut`(text: String) {
    let bytes = Array(text.utf8)
    let whole = PlaylistFacts.read(bytes.span)

    for cut in 0...bytes.count {
      var reader = PlaylistReader()
      reader.feed(bytes.span.extracting(0..<cut))
      reader.feed(bytes.span.extracting(cut..<bytes.count))
      #expect(reader.finish() == whole, "cut at \(cut)")
    }
  }

  @Test func `is read up to its limits, whatever its lines are`() throws {
    let longURI = String(repeating: "u", count: 100_000)
    let text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n\(longURI)\n#EXTINF:2,\nb.ts\n"
    let tooLong = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)

    let facts = try #require(PlaylistFacts.read(text))
    var reader = PlaylistReader()
    reader.feed(Array("#EXTM3U\n#EXT-X-TARGETDURATION:2\n".utf8).span)
    for _ in 0..<16 { reader.feed(tooLong.span) }

    #expect(facts.segmentCount == 2)
    #expect(reader.finish() == nil)
  }
}
