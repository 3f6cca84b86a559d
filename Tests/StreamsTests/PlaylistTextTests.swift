import Bytes
import Streams
import Testing

@Suite struct `A media playlist as text` {
  typealias Samples = PlaylistTextSamples

  @Test(
    arguments: Samples.all + [
      `A media playlist with its segments`.fragments,
      `A media playlist with its segments`.lowLatency, `An HLS playlist`.live,
      `An HLS playlist`.vod, `An HLS playlist`.lowLatency,
    ])
  func `says the same when it is written again`(body: String) throws {
    let text = try #require(PlaylistText.read(body))
    let written = text.write()

    #expect(MediaPlaylist.read(written.span) == MediaPlaylist.read(body.bytes.span))
    #expect(PlaylistText.read(written.span)?.write() == written)
  }

  @Test(
    arguments: [Samples.transportStream, Samples.encrypted])
  func `of a plain packager comes back byte for byte`(body: String) throws {
    let text = try #require(PlaylistText.read(body))

    #expect(text.written == body)
  }

  @Test func `keeps what it does not understand where it was`() throws {
    let text = try #require(PlaylistText.read(Samples.lowLatency))

    #expect(
      text.header.text.hasSuffix(
        "DEFINE:NAME=\"base\",VALUE=\"https://media.example.com\"\n# by hand\n"))
    #expect(text.segments[0].lines.text == "#EXT-X-NEW-TAG:1\n#EXTINF:4.0,\ns100.mp4\n")
    #expect(text.segments[1].lines.text.hasPrefix("#EXT-X-DATERANGE:ID=\"ad\","))
    #expect(text.segments[1].lines.text.hasSuffix("Z\"\n#EXTINF:4.0,\ns101.mp4\n"))
    #expect(text.segments[2].lines.text.hasSuffix("# a comment\n#EXTINF:2.0,a title\ns102.mp4\n"))
    #expect(text.tail.text.hasPrefix("#EXT-X-PART:DURATION=1.0,URI=\"p104.0.mp4\"\n"))
  }

  @Test func `tells what its lines say`() throws {
    let text = try #require(PlaylistText.read(Samples.lowLatency))

    #expect(text.targetDuration == Milliseconds(4000))
    #expect(text.partTarget == Milliseconds(1000))
    #expect(text.canBlockReload)
    #expect(text.canSkipUntil == Milliseconds(24_000))
    #expect(text.mediaSequence == 100)
    #expect(text.discontinuitySequence == 7)
    #expect(text.lastSequence == 103)
    #expect(text.sequence(at: 2) == 102)
    #expect(text.segments.map(\.uri.text) == ["s100.mp4", "s101.mp4", "s102.mp4", "s103.mp4"])
    #expect(text.segments.map(\.duration.count) == [4000, 4000, 2000, 4000])
    #expect(text.segments.map(\.isDiscontinuity) == [false, false, true, false])
    #expect(text.segments.map(\.isGap) == [false, false, false, true])
    #expect(text.segments.map(\.partCount) == [0, 0, 2, 0])
    #expect(text.tailPartCount == 1)
    #expect(!text.hasEndlist && !text.isVOD && !text.isEvent && !text.isIFrameOnly)
  }

  @Test func `knows the map and the keys of every segment`() throws {
    let segments = try #require(PlaylistText.read(Samples.lowLatency)).segments
    let two = segments[0].keys.text

    #expect(two.hasPrefix("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://one\""))
    #expect(two.split(separator: "\n").count == 2)
    #expect(segments.map(\.keys.text) == [two, two, two, "#EXT-X-KEY:METHOD=NONE\n"])
    #expect(segments[1].map?.text == "#EXT-X-MAP:URI=\"{$base}/init.mp4\"\n")
    #expect(segments[3].map?.text == "#EXT-X-MAP:URI=\"init2.mp4\"\n")
  }

  @Test func `states map and keys at the first segment and behind a discontinuity`() throws {
    var text = try #require(PlaylistText.read(Samples.lowLatency))
    text.segments.removeFirst()

    let lines = text.written.split(separator: "\n")
    let first = lines.firstIndex { $0.hasPrefix("#EXT-X-DATERANGE") }
    let discontinuity = lines.firstIndex(of: "#EXT-X-DISCONTINUITY")

    #expect(lines[..<(first ?? 0)].suffix(3).first == "#EXT-X-MAP:URI=\"{$base}/init.mp4\"")
    #expect(lines[((discontinuity ?? 0) + 1)...].first == "#EXT-X-MAP:URI=\"init2.mp4\"")
    #expect(lines[((discontinuity ?? 0) + 2)...].prefix(2).allSatisfy { $0.contains("SAMPLE-AES") })
  }

  @Test func `keeps a map in the clear and one that is encrypted apart`() throws {
    let key = "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n"
    let map = "#EXT-X-MAP:URI=\"i\"\n"
    let segment = "#EXTINF:2,\na\n"
    let front = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
    let clear = front + map + key + segment + "#EXT-X-DISCONTINUITY\n" + segment
    let whole = front + key + map + segment + "#EXT-X-DISCONTINUITY\n" + segment

    let ofClear = try #require(PlaylistText.read(clear)).written
    let ofWhole = try #require(PlaylistText.read(whole)).written

    #expect(
      ofClear == front + map + key + segment + "#EXT-X-DISCONTINUITY\n"
        + "#EXT-X-KEY:METHOD=NONE\n" + map + key + segment)
    #expect(
      ofWhole == front + key + map + segment + "#EXT-X-DISCONTINUITY\n" + key + map + segment)
  }

  @Test func `ends the keys where segments in the clear follow`() throws {
    var text = try #require(PlaylistText.read(Samples.encrypted))
    var other = text.segments[1]
    other.keys = []
    other.isDiscontinuity = true
    text.segments.append(other)

    #expect(
      text.written.hasSuffix(
        "#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:2.000000,\naes1.ts\n"
          + "#EXT-X-ENDLIST\n"))
  }

  @Test func `states the offsets that followed from the segment before`() throws {
    let body =
      "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-BYTERANGE:10@5\n#EXTINF:9,\na\n"
      + "#EXT-X-PART:DURATION=1,URI=\"a\",BYTERANGE=\"3\"\n#EXT-X-BYTERANGE:7\n#EXTINF:9,\na\n"
      + "#EXT-X-PART:DURATION=1,URI=\"a\",BYTERANGE=\"4\",GAP=YES\n"

    let text = try #require(PlaylistText.read(body))

    #expect(text.segments[1].lines.text.contains("BYTERANGE=\"3@0\"\n#EXT-X-BYTERANGE:7@15\n"))
    #expect(text.tail.text == "#EXT-X-PART:DURATION=1,URI=\"a\",BYTERANGE=\"4@3\",GAP=YES\n")
  }

  @Test func `gathers what is about the whole of it from anywhere`() throws {
    let body =
      "#EXTM3U\r\n#EXTINF:2,\r\na\r\n#EXT-X-ENDLIST\r\n#EXT-X-PLAYLIST-TYPE:EVENT\r\n"
      + "#EXT-X-I-FRAMES-ONLY\r\n#EXT-X-TARGETDURATION:2\r\n#EXT-X-MEDIA-SEQUENCE:4"

    let text = try #require(PlaylistText.read(body))

    #expect(text.isEvent && text.isIFrameOnly && text.hasEndlist)
    #expect(
      text.written
        == "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\r\n#EXT-X-I-FRAMES-ONLY\r\n"
        + "#EXT-X-TARGETDURATION:2\r\n#EXT-X-MEDIA-SEQUENCE:4\n#EXTINF:2,\r\na\r\n#EXT-X-ENDLIST\n")
  }

  @Test func `leaves keys that are beyond all measure in their place`() throws {
    let keys = (0...StreamsLimits.keyLinesMax).map { "#EXT-X-KEY:METHOD=X,KEYFORMAT=\"\($0)\"\n" }
    let front = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
    let body = front + keys.joined() + "#EXTINF:2,\na\n"

    let text = try #require(PlaylistText.read(body))

    #expect(text.segments[0].keys.isEmpty)
    #expect(text.written == body)
  }

  @Test func `repeats no more behind discontinuities than its limit`() throws {
    let map = "#EXT-X-MAP:URI=\"\(String(repeating: "i", count: 8000))\"\n"
    let segments = String(repeating: "#EXT-X-DISCONTINUITY\n#EXTINF:2,\na\n", count: 2000)
    let body = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + map + segments

    let written = try #require(PlaylistText.read(body)).write()

    #expect(written.count > body.utf8.count + StreamsLimits.repeatedBytesMax - 8192)
    #expect(written.count < body.utf8.count + StreamsLimits.repeatedBytesMax + 8192)
    #expect(PlaylistText.read(written.span)?.write() == written)
  }
}

extension PlaylistText {
  /// The playlist written as text.
  static func read(_ text: String) -> PlaylistText? { read(text.bytes.span) }

  /// The playlist as a string again.
  var written: String { write().text }
}

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
  var text: String { String(decoding: self, as: UTF8.self) }
}
