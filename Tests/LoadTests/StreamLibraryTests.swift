import Bytes
import Streams
import Testing

@testable import Load

@Suite struct `The made-up origin` {
  private let library = StreamLibrary(StreamShape())
  /// Half a second into a segment: the first one began 0.37 s after 1970.
  private let now: Int64 = 1_764_000_000_870

  private func text(_ target: String) -> String {
    library.answer(to: target, at: now).pieces.reduce(into: "") {
      $0 += String(decoding: $1.bytes, as: UTF8.self)
    }
  }

  private func playlist(_ target: String) -> MediaPlaylist? {
    let bytes = Array(text(target).utf8)
    return MediaPlaylist.read(bytes.span)
  }

  private func manifest(_ target: String) -> Manifest? {
    let bytes = Array(text(target).utf8)
    return Manifest.read(bytes.span)
  }

  @Test func `writes playlists that are read as they are meant`() throws {
    let main = Array(text("/site/hls/fmp4/main.m3u8").utf8)
    let read = MultivariantPlaylist.read(main.span)
    let multivariant = try #require(read)
    #expect(multivariant.variants.map(\.bandwidth) == StreamShape.bandwidths.map(UInt64.init))
    #expect(multivariant.media.count == 1)

    let live = try #require(playlist("/hls/fmp4/v2/live.m3u8"))
    #expect(live.segments.count == 6 && live.lastSequence == 882_000_000 - 1)
    #expect(live.segments.last?.programDateTime?.count == 1_763_999_998_370)
    #expect(live.segments.last?.uri == Array("881999999.m4s".utf8))
  }

  @Test func `writes manifests that are read as they are meant`() throws {
    let listed = try #require(manifest("/dash/timeline/main.mpd"))
    let template = try #require(
      listed.periods[0].adaptationSets[0].representations[5].template)
    #expect(
      template.timeline == [TimelineEntry(time: 1_763_999_988_000, duration: 2000, repeats: 5)])
    #expect(listed.publishTime?.count == 1_764_000_000_370)

    let low = try #require(manifest("/dash/ll/main.mpd")?.periods[0].adaptationSets[1])
    #expect(low.representations[0].template?.availabilityTimeOffset.count == 1500)
    #expect(low.representations[0].template?.isAvailabilityTimeComplete == false)
  }

  @Test func `has segments of their rendition's length, closed as media is`() {
    for (target, count) in [
      ("/hls/fmp4/v0/881999999.m4s", 100_000), ("/hls/fmp4/audio/881999999.m4s", 32_000),
      ("/dash/timeline/v5/1763999998000.m4s", 1_500_000), ("/hls/ll/v0/881999999.3.m4s", 25_000),
      ("/hls/ts/v0/881999999.ts", 132_000 / 188 * 188),
    ] {
      let object = library.answer(to: target, at: now)
      var check = ContainerCheck()
      for piece in object.pieces { check.feed(piece.bytes.span) }
      #expect(object.status == 200 && check.verdict == .closed, "\(target)")
      #expect(object.pieces.map(\.bytes.count).reduce(0, +) == count, "\(target)")
    }
  }

  @Test(arguments: [
    "/", "/hls/fmp4/main.mpd", "/hls/none/main.m3u8", "/hls/fmp4/v6/live.m3u8",
    "/hls/fmp4/v0/882000000.m4s", "/hls/fmp4/v0/881999000.m4s", "/hls/fmp4/v0/-1.m4s",
    "/hls/fmp4/v0/9223372036854775807.m4s", "/hls/ll/v0/882000000.2.m4s",
    "/hls/ll/v0/881999999.4.m4s", "/hls/vod/v0/30.m4s", "/dash/timeline/v0/1763999998001.m4s",
  ])
  func `has nothing under other names, before its time, or long after`(target: String) {
    #expect(library.answer(to: target, at: now).status == 404)
  }

  @Test func `holds a blocking reload until what it waits for is there`() {
    let target = "/hls/ll/v0/live.m3u8?_HLS_msn=882000000&_HLS_part=2"
    let object = library.answer(to: target, at: now)
    #expect(object.due == 1_764_000_001_870)
    let bytes = object.pieces[0].bytes
    let parts = MediaPlaylist.read(bytes.span)?.parts
    #expect(parts?.count == 3)

    let next = library.answer(
      to: "/hls/ll/v0/live.m3u8?_HLS_msn=881999999&_HLS_part=9", at: now)
    #expect(next.due == now, "it is there already")
    #expect(
      library.answer(to: "/hls/ll/v0/live.m3u8?_HLS_msn=882000003", at: now).status == 400)
  }

  @Test func `sends a low-latency segment while it is made`() {
    let object = library.answer(to: "/dash/ll/v0/881999999.m4s", at: 1_763_999_998_970)
    #expect(
      object.pieces.map(\.due) == [
        1_763_999_998_970, 1_763_999_999_370, 1_763_999_999_870, 1_764_000_000_370,
      ])
  }
}
