import Bytes
import Streams
import Testing

@Suite struct `A delta update` {
  /// Segments of four seconds with a boundary of 24, and two parts of a second.
  static func full(first: Int, count: Int, version: String = "#EXT-X-VERSION:6\n") -> String {
    let segments = (first..<(first + count)).map { number in
      let gap = number % 5 == 0 ? "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"i\(number).mp4\"\n" : ""
      let range =
        number % 3 == 0
        ? "#EXT-X-DATERANGE:ID=\"\(number)\",START-DATE=\"2026-11-26T03:16Z\"\n" : ""
      return "\(gap)\(range)#EXTINF:4.0,\ns\(number).mp4\n"
    }
    return "#EXTM3U\n\(version)#EXT-X-TARGETDURATION:4\n"
      + "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0\n"
      + "#EXT-X-PART-INF:PART-TARGET=1.0\n#EXT-X-MEDIA-SEQUENCE:\(first)\n"
      + "#EXT-X-MAP:URI=\"i.mp4\"\n"
      + segments.joined() + "#EXT-X-PART:DURATION=1.0,URI=\"p0.mp4\"\n"
      + "#EXT-X-PART:DURATION=1.0,URI=\"p1.mp4\"\n"
  }

  @Test func `leaves out what ends further from the end than the boundary`() throws {
    let full = try #require(PlaylistText.read(Self.full(first: 11, count: 10)))

    let update = try #require(DeltaUpdate.of(full, skip: .yes))

    // Two seconds of parts and five segments are 22 s, six segments are 26.
    #expect(update.skippedCount == 4)
    #expect(update.segments.map(\.uri) == full.segments[4...].map(\.uri))
    #expect(
      update.written.hasPrefix(
        """
        #EXTM3U
        #EXT-X-VERSION:9
        #EXT-X-TARGETDURATION:4
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0
        #EXT-X-PART-INF:PART-TARGET=1.0
        #EXT-X-MEDIA-SEQUENCE:11
        #EXT-X-SKIP:SKIPPED-SEGMENTS=4
        #EXT-X-DISCONTINUITY
        #EXT-X-MAP:URI="i15.mp4"
        #EXT-X-DATERANGE:ID="12",START-DATE="2026-11-26T03:16Z"
        #EXT-X-DATERANGE:ID="15",START-DATE="2026-11-26T03:16Z"
        #EXTINF:4.0,
        s15.mp4

        """))
  }

  @Test func `has the version that it needs`() throws {
    let low = try #require(PlaylistText.read(Self.full(first: 1, count: 9)))
    let none = try #require(PlaylistText.read(Self.full(first: 1, count: 9, version: "")))
    let high = try #require(
      PlaylistText.read(Self.full(first: 1, count: 9, version: "#EXT-X-VERSION:12\n")))

    #expect(DeltaUpdate.of(low, skip: .v2)?.header.text.hasPrefix("#EXT-X-VERSION:10\n") == true)
    #expect(DeltaUpdate.of(none, skip: .yes)?.header.text.hasPrefix("#EXT-X-VERSION:9\n") == true)
    #expect(DeltaUpdate.of(high, skip: .v2)?.header == high.header)
  }

  @Test func `is none where the full playlist is the answer`() throws {
    let full = try #require(PlaylistText.read(Self.full(first: 1, count: 9)))
    var ended = full
    ended.hasEndlist = true
    var plain = full
    plain.canSkipUntil = nil
    let short = try #require(PlaylistText.read(Self.full(first: 1, count: 6)))
    var update = full
    update.skippedCount = 2
    var empty = full
    empty.segments = []

    #expect(DeltaUpdate.of(full, skip: .yes) != nil)
    for other in [ended, plain, short, update, empty] {
      #expect(DeltaUpdate.of(other, skip: .yes) == nil)
    }
  }

  @Test func `lists a segment whatever the boundary says`() throws {
    var full = try #require(PlaylistText.read(Self.full(first: 1, count: 3)))
    full.canSkipUntil = .zero

    #expect(DeltaUpdate.of(full, skip: .yes)?.segments.count == 1)
  }

  /// As hls.js merges it: what is skipped is taken from the playlist before, by its number.
  @Test(arguments: 0..<4)
  func `put on the playlist before gives the full one`(added: Int) throws {
    let before = try #require(MediaPlaylist.read(Self.full(first: 1, count: 12).bytes))
    let body = Self.full(first: 1 + added, count: 12)
    let full = try #require(MediaPlaylist.read(body.bytes))
    let text = try #require(PlaylistText.read(body))
    let update = try #require(DeltaUpdate.of(text, skip: .yes))
    let read = try #require(MediaPlaylist.read(update.write()))

    let first = Int(read.mediaSequence - before.mediaSequence)
    let merged = before.segments[first..<(first + read.skippedCount)] + read.segments

    #expect(Array(merged) == full.segments)
    #expect(read.parts == full.parts)
    #expect(read.lastSequence == full.lastSequence)
  }
}

extension MediaPlaylist {
  /// The playlist of these bytes.
  static func read(_ bytes: [UInt8]) -> MediaPlaylist? { read(bytes.span) }
}
