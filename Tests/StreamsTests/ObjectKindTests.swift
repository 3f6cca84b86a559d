import Streams
import Testing

@Suite struct `The kind of an object` {
  private func guess(_ type: String?, _ path: String) -> ObjectKind {
    let bytes = Array(path.utf8)
    guard let type else { return .guess(contentType: nil, path: bytes.span) }
    let value = Array(type.utf8)
    return .guess(contentType: value.span, path: bytes.span)
  }

  @Test(arguments: [
    ("application/vnd.apple.mpegurl", "/x", ObjectKind.playlist),
    ("Application/X-MpegURL; charset=utf-8", "/x.bin", .playlist),
    ("audio/mpegurl", "/live", .playlist),
    ("application/dash+xml", "/x", .dashManifest),
    ("video/MP2T", "/x", .segment),
    ("video/iso.segment", "/x.m4s", .segment),
    ("application/mp4", "/subs/1.mp4", .segment),
    ("text/vtt", "/x", .text),
    ("image/jpeg", "/x", .image),
    ("text/html", "/live/1.ts", .other),
    ("video/mp4", "/v/init.mp4", .initSegment),
    ("video/mp4", "/v/0/init", .initSegment),
    ("application/octet-stream", "/k/1.key", .key),
    ("application/octet-stream", "/v/1.m4s", .segment),
    ("text/plain", "/v/main.m3u8", .playlist),
    ("application/xml", "/v/main.mpd", .dashManifest),
  ])
  func `is told by the Content-Type first`(type: String, path: String, kind: ObjectKind) {
    #expect(guess(type, path) == kind)
  }

  @Test(arguments: [
    ("/live/main.m3u8", ObjectKind.playlist), ("/live/MAIN.M3U8?_HLS_msn=4", .playlist),
    ("/live/main.mpd", .dashManifest), ("/v/1.m4s", .segment), ("/v/1.cmfv", .segment),
    ("/v/1.cmfa", .segment), ("/v/1.mp4#t=1", .segment), ("/v/1.ts", .segment),
    ("/v/1.aac", .segment), ("/v/1.vtt", .text), ("/v/1.webvtt", .text), ("/k/enc.key", .key),
    ("/t/1.jpg", .image), ("/t/1.PNG", .image), ("/v/init.mp4", .initSegment),
    ("/v/init_0.mp4", .initSegment), ("/v/init-stream0.m4s", .initSegment),
    ("/v/video_init.cmfv", .initSegment), ("/v/Init1.m4s", .initSegment),
    ("/v/initial_1.m4s", .segment), ("/v/finit.m4s", .segment), ("/init/1.m4s", .segment),
    ("/v/init.ts", .segment), ("/init", .other), ("/", .other), ("", .other), ("/a.b/c", .other),
    ("/x?y=/z.m3u8", .other), ("/index.html", .other), ("/v/.m3u8", .playlist),
  ])
  func `is told by the suffix else`(path: String, kind: ObjectKind) {
    #expect(guess(nil, path) == kind)
  }

  @Test func `of a playlist is refined once it was read`() throws {
    let media = try #require(PlaylistFacts.read("#EXTM3U\n#EXT-X-TARGETDURATION:2\n"))
    let multivariant = try #require(
      PlaylistFacts.read("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n"))

    #expect(ObjectKind.playlist.refined(by: media) == .mediaPlaylist)
    #expect(ObjectKind.playlist.refined(by: multivariant) == .multivariantPlaylist)
    #expect(ObjectKind.playlist.refined(by: nil) == .playlist)
    #expect(ObjectKind.segment.refined(by: media) == .segment)
  }
}
