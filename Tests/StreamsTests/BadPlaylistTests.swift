import Bytes
import Streams
import Testing

@Suite struct `What is no playlist` {
  static let front = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
  static let rewrite = URIRewrite(authorities: ["origin.example.com".bytes], epoch: 3)

  static let bodies: [[UInt8]] = [
    [], [0], [0xFF, 0xFE], "GIF89a".bytes, Array(0...255), Array(repeating: 0x47, count: 1880),
    // Lines that end in carriage returns alone are one line.
    "#EXTM3U\r#EXT-X-TARGETDURATION:2\r#EXTINF:2,\ra.ts\r".bytes,
    // UTF-16 of both orders.
    [0xFF, 0xFE] + front.bytes.flatMap { byte -> [UInt8] in [byte, 0] },
    [0xFE, 0xFF] + front.bytes.flatMap { byte -> [UInt8] in [0, byte] },
  ]

  @Test(arguments: bodies)
  func `is none and stays as it is`(body: [UInt8]) {
    #expect(PlaylistText.read(body.span) == nil)
    let rewritten = Self.rewrite.rewrite(body.span)
    #expect(rewritten == body)
  }

  @Test func `is longer than any that is read`() {
    let body = Self.front.bytes + [UInt8](repeating: 0x0A, count: StreamsLimits.playlistBytesMax)

    #expect(PlaylistText.read(body.span) == nil)
    let isSame = Self.rewrite.rewrite(body.span) == body
    #expect(isSame)
  }

  @Test func `may have zeros in it`() throws {
    let body = Self.front + "#EXT\0-X\n#EXTINF:2,\0\n\0a.ts\n#EXT-X-MAP:URI=\"\0\"\n#EXTINF:2,\nb\n"

    let text = try #require(PlaylistText.read(body))

    #expect(text.segments.map(\.uri.text) == ["\0a.ts", "b"])
    #expect(MediaPlaylist.read(text.write()) == MediaPlaylist.read(body.bytes))
    #expect(Self.rewrite.rewrite(body.bytes.span).text.contains("\n\0a.ts?_sw=3\n"))
  }

  @Test(arguments: [
    "#EXT-X-KEY:METHOD=AES-128,URI=\"", "#EXT-X-DATERANGE:X-ASSET-URI=\"https://a/",
    "#EXT-X-OTHER:", "# ",
    "#EXT-X-DEFINE:VALUE=\"https://origin.example.com/",
    "#EXT-X-RENDITION-REPORT:LAST-MSN=1,URI=\"",
  ])
  func `of an endless line is bounded`(line: String) throws {
    let long = line + String(repeating: "x", count: 1 << 18)
    let body = Self.front + "#EXTINF:2,\na\n" + long

    let text = try #require(PlaylistText.read(body))

    #expect(MediaPlaylist.read(text.write()) == MediaPlaylist.read(body.bytes))
    #expect(Self.rewrite.rewrite(body.bytes.span).count <= body.utf8.count + 8)
  }

  @Test(arguments: [
    "#EXT-X-KEY:METHOD=AES-128\n", "#EXT-X-DISCONTINUITY\n", "#EXT-X-GAP\n", "#EXT-X-ENDLIST\n",
    "#EXT-X-MEDIA-SEQUENCE:1\n", "#EXT-X-VERSION:7\n", "#EXT-X-MAP:URI=a\n", "#\n", "\n", "a\n",
    "#EXTINF:2,\n", "#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n", "#EXT-X-BYTERANGE:1\n",
    "#EXT-X-KEY:METHOD=X,KEYFORMAT=\"1\"\n#EXTINF:2,\na\n#EXT-X-KEY:METHOD=X,KEYFORMAT=\"2\"\n",
  ])
  func `of tags without end is bounded`(tag: String) throws {
    let many = String(repeating: tag, count: (1 << 15) / tag.utf8.count)
    let body = Self.front + many + "#EXTINF:2,\na\n"

    let text = try #require(PlaylistText.read(body))
    let written = text.write()

    #expect(MediaPlaylist.read(written) == MediaPlaylist.read(body.bytes))
    #expect(written.count < body.utf8.count * 4)
  }

  @Test func `with keys that pile up is bounded`() throws {
    let keys = (0..<31).map { number in
      let long = String(repeating: "k", count: 8000)
      return "#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"\(number)\",URI=\"\(long)\"\n"
    }
    let more = (0..<80).map { "#EXT-X-KEY:METHOD=AES-128,URI=\"\($0)\"\n#EXTINF:2,\na\n" }
    let body = Self.front + keys.joined() + more.joined()

    let text = try #require(PlaylistText.read(body))

    // 80 sets of 250 KB would be more than any playlist: the keys stay where they are.
    #expect(text.segments.allSatisfy { $0.keys.isEmpty })
    #expect(text.write().count <= body.utf8.count + 100)
  }
}
