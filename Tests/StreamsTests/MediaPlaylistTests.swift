import Bytes
import Streams
import Testing

@Suite struct `A media playlist with its segments` {
  /// Written by `ffmpeg -f hls -hls_segment_type fmp4 -hls_flags program_date_time`.
  static let fragments = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:17
    #EXT-X-MAP:URI="init.mp4"
    #EXTINF:2.000000,
    #EXT-X-PROGRAM-DATE-TIME:2026-11-25T23:49:13.123+0100
    f17.m4s
    #EXTINF:1.920000,
    f18.m4s
    #EXT-X-DISCONTINUITY
    #EXT-X-MAP:URI="init2.mp4",BYTERANGE="720@100"
    #EXTINF:2.000000,a title
    f19.m4s
    #EXT-X-GAP
    #EXTINF:2.000000,
    f20.m4s

    """

  /// As Apple's documentation of low-latency HLS has it, shortened.
  static let lowLatency = """
    #EXTM3U
    #EXT-X-TARGETDURATION:4
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=24.0,HOLD-BACK=12
    #EXT-X-PART-INF:PART-TARGET=0.33334
    #EXT-X-MEDIA-SEQUENCE:266
    #EXT-X-SKIP:SKIPPED-SEGMENTS=3
    #EXT-X-PART:DURATION=0.33334,URI="p269.0.mp4",INDEPENDENT=YES
    #EXT-X-PART:DURATION=0.33334,URI="p269.1.mp4",GAP=YES
    #EXTINF:4.00008,
    s269.mp4
    #EXT-X-PART:DURATION=0.33334,URI="s270.mp4",BYTERANGE="2000@0",INDEPENDENT=YES
    #EXT-X-PART:DURATION=0.33334,URI="s270.mp4",BYTERANGE="1500"
    #EXT-X-PRELOAD-HINT:TYPE=MAP,URI="other.mp4"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="s270.mp4",BYTERANGE-START=3500
    #EXT-X-RENDITION-REPORT:URI="../1M/waitForMSN.php",LAST-MSN=270,LAST-PART=1
    """

  @Test func `of fragments keeps maps, times and gaps`() throws {
    let playlist = try #require(MediaPlaylist.read(Self.fragments))
    let start: Int64 = 1_795_646_953_123

    #expect(playlist.targetDuration == Milliseconds(2000))
    #expect(playlist.segments.map { text($0.uri) } == ["f17.m4s", "f18.m4s", "f19.m4s", "f20.m4s"])
    #expect(playlist.segments.map(\.duration.count) == [2000, 1920, 2000, 2000])
    #expect(
      playlist.segments.map { $0.programDateTime?.count } == [start, start + 2000, nil, nil])
    #expect(playlist.segments.map(\.isDiscontinuity) == [false, false, true, false])
    #expect(playlist.segments.map(\.isGap) == [false, false, false, true])
    let first = MediaMap(uri: bytes("init.mp4"))
    let second = MediaMap(
      uri: bytes("init2.mp4"), byteRange: MediaRange(start: 100, length: 720))
    #expect(playlist.segments.map(\.map) == [first, first, second, second])
    #expect(playlist.sequence(at: 0) == 17)
    #expect(playlist.lastSequence == 20)
    #expect(!playlist.hasEndlist && !playlist.isVOD && !playlist.canBlockReload)
  }

  @Test func `of transport streams needs no map`() throws {
    let playlist = try #require(
      MediaPlaylist.read(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:9.009,\n"
          + "http://media.example.com/first.ts?token=a&b\n#EXTINF:3.003,\nlast.ts\n#EXT-X-ENDLIST"))

    #expect(text(playlist.segments[0].uri) == "http://media.example.com/first.ts?token=a&b")
    #expect(playlist.segments.map(\.duration.count) == [9009, 3003])
    #expect(playlist.segments.allSatisfy { $0.map == nil && $0.programDateTime == nil })
    #expect(playlist.lastSequence == 1)
    #expect(playlist.hasEndlist && playlist.isVOD)
  }

  @Test func `of one file goes on where the range before ended`() throws {
    let playlist = try #require(
      MediaPlaylist.read(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n#EXT-X-BYTERANGE:75232@100\nall.ts\n"
          + "#EXT-X-BYTERANGE:82112\n#EXTINF:9,\nall.ts\n#EXTINF:9,\n#EXT-X-BYTERANGE:7\nb.ts\n"
          + "#EXTINF:9,\nc.ts\n"))

    #expect(
      playlist.segments.map(\.byteRange) == [
        MediaRange(start: 100, length: 75_232), MediaRange(start: 75_332, length: 82_112),
        MediaRange(start: 0, length: 7), nil,
      ])
  }

  @Test func `of low latency keeps its parts and its hint`() throws {
    let playlist = try #require(MediaPlaylist.read(Self.lowLatency))
    let parts = playlist.segments[0].parts

    #expect(playlist.partTarget == Milliseconds(333))
    #expect(playlist.canBlockReload)
    #expect(playlist.holdBack == Milliseconds(12_000))
    #expect(playlist.partHoldBack == Milliseconds(1000))
    #expect(playlist.canSkipUntil == Milliseconds(24_000))
    #expect(playlist.skippedCount == 3)
    #expect(playlist.sequence(at: 0) == 269)
    #expect(playlist.lastSequence == 269)
    #expect(parts.map { text($0.uri) } == ["p269.0.mp4", "p269.1.mp4"])
    #expect(parts.map(\.isIndependent) == [true, false])
    #expect(parts.map(\.isGap) == [false, true])
    #expect(
      playlist.parts.map(\.byteRange) == [
        MediaRange(start: 0, length: 2000), MediaRange(start: 2000, length: 1500),
      ])
    #expect(playlist.preloadHint?.uri == bytes("s270.mp4"))
    #expect(playlist.preloadHint?.byteRange == MediaRange(start: 3500, length: nil))
  }

  @Test func `states the time anew behind a discontinuity`() throws {
    let playlist = try #require(
      MediaPlaylist.read(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n#EXT-X-DISCONTINUITY\n"
          + "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:10Z\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n"
          + "#EXT-X-PROGRAM-DATE-TIME:soon\n#EXTINF:2,\nd"))

    #expect(playlist.segments.map { $0.programDateTime?.count } == [nil, 10_000, 12_000, 14_000])
  }

  @Test func `is read in spite of what is not needed`() throws {
    let playlist = try #require(
      MediaPlaylist.read(
        "\u{FEFF}#EXTM3U \r\n\r\n#EXT-X-TARGETDURATION: 6 \r\nstray.ts\r\n#EXT-X-NEW:1\r\n"
          + "# comment\r\n#EXT-X-MAP:BYTERANGE=\"1@0\"\r\n#EXT-X-PART:DURATION=1\r\n"
          + "#EXTINF:never,\r\n\t a.ts \r\nstray.ts\r\n#EXT-X-DATERANGE:X=\"\(long(9000))\"\r\n"
          + "#EXTINF:6.0,\(long(600))\r\nb.ts"))

    #expect(playlist.segments.map { text($0.uri) } == ["a.ts", "b.ts"])
    #expect(playlist.segments.map(\.duration.count) == [0, 6000])
    #expect(playlist.segments[0].map == nil)
    #expect(playlist.parts.isEmpty)
  }

  @Test(arguments: [
    "", "#EXTM3U", "#EXTM3UX\n#EXT-X-TARGETDURATION:2", "#EXTINF:2,\na", "#EXTM3U\n#EXTINF:2,\na",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-STREAM-INF:BANDWIDTH=1\na",
    "#EXTM3U\n#EXT-X-TARGETDURATION:3601", "#EXTM3U\n#EXT-X-TARGETDURATION:-1",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551616",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n#EXTINF:2,\na"
      + "\n#EXTINF:2,\nb",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SKIP:SKIPPED-SEGMENTS=99999999999",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SKIP:A=1",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-BYTERANGE:1@18446744073709551615\n#EXTINF:2,\na",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-BYTERANGE:@1\n#EXTINF:2,\na",
  ])
  func `that would be asked for wrongly is none`(text: String) {
    #expect(MediaPlaylist.read(text) == nil)
  }

  @Test func `has limits that a hostile origin meets`() {
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
    let segment = "#EXTINF:2,\na\n"
    let part = "#EXT-X-PART:URI=a\n"
    let most = StreamsLimits.mediaSegmentsMax

    #expect(MediaPlaylist.read(head + "#EXTINF:2,\n" + long(1 << 20)) == nil)
    #expect(MediaPlaylist.read(head + "#EXT-X-MAP:URI=\"" + long(1 << 20)) == nil)
    #expect(MediaPlaylist.read(head + "#EXT-X-OTHER:" + long(1 << 20) + "\n" + segment) != nil)
    #expect(MediaPlaylist.read(head + String(repeating: segment, count: most)) != nil)
    #expect(MediaPlaylist.read(head + String(repeating: segment, count: most + 1)) == nil)
    #expect(
      MediaPlaylist.read(head + String(repeating: part, count: StreamsLimits.mediaPartsMax + 1))
        == nil)
    #expect(
      MediaPlaylist.read(head + String(repeating: "\n", count: StreamsLimits.playlistBytesMax))
        == nil)
  }

  @Test func `numbers its segments without overflow`() {
    var playlist = MediaPlaylist()
    playlist.mediaSequence = UInt64.max - 1
    playlist.skippedCount = 1

    #expect(playlist.lastSequence == UInt64.max - 1)
    #expect(playlist.sequence(at: 0) == .max)
    #expect(playlist.sequence(at: .max) == .max)
    #expect(playlist.sequence(at: -1) == .max)
  }

  @Test(arguments: [fragments, lowLatency, PlaylistFactsSamples.live, PlaylistFactsSamples.vod])
  func `says what its facts say`(text: String) throws {
    let playlist = try #require(MediaPlaylist.read(text))
    let facts = try #require(PlaylistFacts.read(text))

    #expect(playlist.targetDuration == facts.targetDuration)
    #expect(playlist.lastSequence == facts.lastSequence)
    #expect(playlist.segments.count == facts.segmentCount)
    #expect(playlist.parts.count == facts.trailingPartCount)
    #expect(playlist.hasEndlist == facts.hasEndlist)
  }
}

private typealias PlaylistFactsSamples = `An HLS playlist`

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
private func long(_ count: Int) -> String { String(repeating: "x", count: count) }

extension MediaPlaylist {
  /// The playlist written as text.
  fileprivate static func read(_ text: String) -> MediaPlaylist? { read(Array(text.utf8).span) }
}
