import Bytes
import Streams
import Testing

@Suite struct `Playlists with some of everything` {
  @Test func `say the same when they are written again`() throws {
    for seed in 0..<150 as Range<UInt64> {
      let body = MadeUpPlaylist.body(seed: seed)
      let text = try #require(PlaylistText.read(body), "seed \(seed)")
      let written = text.write()

      #expect(MediaPlaylist.read(written) == MediaPlaylist.read(body.bytes), "seed \(seed)")
      #expect(PlaylistText.read(written.span)?.write() == written, "seed \(seed)")
    }
  }

  @Test func `lose segments in front without loss to the others`() throws {
    for seed in 0..<100 as Range<UInt64> {
      let body = MadeUpPlaylist.body(seed: seed)
      let whole = try #require(MediaPlaylist.read(body.bytes), "seed \(seed)")
      var text = try #require(PlaylistText.read(body), "seed \(seed)")
      for dropped in 1...3 where text.segments.count > 1 {
        text.segments.removeFirst()
        let segments = try #require(MediaPlaylist.read(text.write())).segments
        let rest = Array(whole.segments.dropFirst(dropped))

        #expect(segments.map(\.uri) == rest.map(\.uri), "seed \(seed)")
        #expect(segments.map(\.map) == rest.map(\.map), "seed \(seed)")
        #expect(segments.map(\.byteRange) == rest.map(\.byteRange), "seed \(seed)")
        #expect(segments.map(\.parts) == rest.map(\.parts), "seed \(seed)")
        #expect(segments.map(\.isDiscontinuity) == rest.map(\.isDiscontinuity), "seed \(seed)")
      }
    }
  }

  @Test func `are whole again with a delta update`() throws {
    var updates = 0
    for seed in 0..<150 as Range<UInt64> {
      let body = MadeUpPlaylist.body(seed: seed)
      let text = try #require(PlaylistText.read(body), "seed \(seed)")
      guard let update = DeltaUpdate.of(text, skip: .yes) else { continue }
      let whole = try #require(MediaPlaylist.read(body.bytes))
      let read = try #require(MediaPlaylist.read(update.write()))
      let merged = whole.segments[..<read.skippedCount] + read.segments
      updates += 1

      #expect(merged.map(\.uri) == whole.segments.map(\.uri), "seed \(seed)")
      #expect(merged.map(\.map) == whole.segments.map(\.map), "seed \(seed)")
      #expect(merged.map(\.byteRange) == whole.segments.map(\.byteRange), "seed \(seed)")
      #expect(ranges(update.write().text) == ranges(body), "seed \(seed)")
    }
    #expect(updates > 10)
  }

  @Test func `keep all but their URIs when these are rewritten`() throws {
    let rewrite = URIRewrite(authorities: ["origin.example.com".bytes], epoch: 7)
    for seed in 0..<50 as Range<UInt64> {
      let body = MadeUpPlaylist.body(seed: seed)
      let rewritten = rewrite.rewrite(body.bytes.span).text

      #expect(rewrite.rewrite(rewritten.bytes.span).text == rewritten, "seed \(seed)")
      let unmarked = rewritten.replacing("?_sw=7", with: "").replacing("&_sw=7", with: "")
      #expect(unmarked == body, "seed \(seed)")
    }
  }

  private func ranges(_ body: String) -> [Substring] {
    body.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("#EXT-X-DATERANGE") }
  }
}
