import Bytes
import Delivery
import Origin
import Policy
import Telemetry
import TestKit
import Testing

private let hls = "Content-Type: application/vnd.apple.mpegurl"
private let dash = "Content-Type: application/dash+xml"
private let own = "http://10.1.0.1"

extension Lab {
  /// What a viewer of its own gets for a target.
  fileprivate func get(_ target: String, _ fields: String...) -> ViewerResponse {
    let viewer = viewer()
    viewer.asks(target, fields, method: "GET", host: "live.example.com")
    untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }
}

extension ViewerResponse {
  fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}

@Suite(.seeded) struct `An origin that names itself by absolute URLs` {
  private static let multivariant = """
    #EXTM3U
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="it",URI="\(own):80/live/audio.m3u8?t=1"
    #EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://10.1.0.1/key"
    #EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a"
    \(own)/live/video.m3u8
    #EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO="a"
    https://elsewhere.example.com/low.m3u8

    """

  private static let media = """
    #EXTM3U
    #EXT-X-TARGETDURATION:4
    #EXT-X-PART-INF:PART-TARGET=1.0
    #EXT-X-MEDIA-SEQUENCE:7
    #EXT-X-KEY:METHOD=AES-128,URI="\(own)/live/7.key"
    #EXT-X-MAP:URI="HTTPS://10.1.0.1/live/init.mp4"
    #EXTINF:4,
    \(own)/live/7.m4s
    #EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAAA"
    #EXTINF:4,
    8.m4s
    #EXT-X-PART:DURATION=1,URI="\(own)/live/9.0.m4s"

    """

  @Test func `has its playlists lead through the edge`() {
    scenario { lab in
      lab.rewrite = true
      let origin = lab.origin()
      origin.answers(
        "/live/main.m3u8",
        .ok(
          Array(Self.multivariant.utf8), hls, "ETag: \"m\"", "Repr-Digest: sha-256=:AAAA:",
          "Content-MD5: AAAA"))
      origin.answers("/live/video.m3u8", .ok(Array(Self.media.utf8), hls, "ETag: \"v\""))
      let edge = lab.edge(workers: 2)
      let main = lab.get("/live/main.m3u8")
      let video = lab.get("/live/video.m3u8")

      let plain = { (text: String) in
        text.replacing("\(own):80/", with: "/").replacing("\(own)/", with: "/")
          .replacing("HTTPS://10.1.0.1/", with: "/")
      }
      #expect(main.text == plain(Self.multivariant))
      #expect(main.text.contains("skd://10.1.0.1/key"))
      #expect(video.text == plain(Self.media))
      #expect(video.text.contains("\n/live/7.m4s\n"))
      #expect(main.field("Repr-Digest") == nil)
      #expect(main.field("Content-MD5") == nil)
      let tag = main.field("ETag") ?? ""
      #expect(tag.hasPrefix("\"") && tag != "\"m\"")
      #expect(lab.get("/live/main.m3u8", "If-None-Match: \(tag)").status == 304)
      #expect(edge.counted(.rewritesMade) == 2)
      #expect(edge.counted(.rewritesRefused) == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is not asked whether it still has what was rewritten`() {
    scenario(seeds: 1...2) { lab in
      lab.rewrite = true
      let origin = lab.origin()
      origin.answers(
        "/live/main.m3u8",
        .ok(Array(Self.multivariant.utf8), hls, "ETag: \"m\"", "Cache-Control: max-age=1"))
      let edge = lab.edge()
      _ = lab.get("/live/main.m3u8")
      lab.wait(.seconds(60))
      #expect(lab.get("/live/main.m3u8").text.contains("\n/live/video.m3u8\n"))

      #expect(origin.requestCount("/live/main.m3u8") >= 2)
      #expect(origin.requests.allSatisfy { $0.field("If-None-Match") == nil })
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has its manifests lead through the edge`() {
    scenario { lab in
      lab.rewrite = true
      let manifest = """
        <?xml version="1.0"?><MPD type="static" mediaPresentationDuration="PT8S">
        <BaseURL>\(own)/live/</BaseURL><Location>\(own)/live/main.mpd?s=1</Location>
        <PatchLocation>\(own)/live/patch.mpp</PatchLocation><BaseURL>//cdn.example.com/</BaseURL>
        <Period><AdaptationSet mimeType="video/mp4"><SegmentTemplate duration="4"
        media="\(own)/live/$Number$.m4s" initialization="init.mp4"/></AdaptationSet></Period></MPD>
        """
      let origin = lab.origin()
      origin.answers("/live/main.mpd", .ok(Array(manifest.utf8), dash, "ETag: \"m\""))
      let edge = lab.edge()
      let answer = lab.get("/live/main.mpd")

      #expect(answer.text == manifest.replacing("\(own)/", with: "/"))
      #expect(answer.field("ETag") != "\"m\"")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has its redirects lead through the edge, also for one viewer alone`() {
    scenario { lab in
      lab.rewrite = true
      let origin = lab.origin()
      origin.answers(
        "/old.m3u8", .status(302, "Location: \(own)/new.m3u8?a=1", "Cache-Control: max-age=60"))
      origin.answers("/mine.m3u8", .status(307, "Location: \(own)/x", "Cache-Control: private"))
      origin.answers("/else", .status(301, "Location: http://10.1.0.2/new"))
      let edge = lab.edge()

      for _ in 0..<2 {
        #expect(lab.get("/old.m3u8").field("Location") == "/new.m3u8?a=1")
        #expect(lab.get("/mine.m3u8").field("Location") == "/x")
        #expect(lab.get("/else").field("Location") == "http://10.1.0.2/new")
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has a manifest that is one viewer's alone rewritten as well`() {
    scenario { lab in
      lab.rewrite = true
      let origin = lab.origin()
      origin.answers(
        "/live/video.m3u8",
        .ok(Array(Self.media.utf8), hls, "ETag: \"v\"", "Cache-Control: private"))
      let edge = lab.edge()

      for _ in 0..<3 {
        let answer = lab.get("/live/video.m3u8")
        #expect(answer.text.contains("\n/live/7.m4s\n"))
        #expect(answer.field("ETag") != "\"v\"")
      }
      #expect(origin.requestCount("/live/video.m3u8") == 3)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is asked below its own path, which viewers do not see`() {
    scenario(seeds: 1...2) { lab in
      lab.rewrite = true
      lab.pathPrefix = "/tv"
      lab.hostSent = .name("tv.example.com")
      let text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://TV.example.com/tv/a.m3u8\n"
      let origin = lab.origin()
      origin.answers("/tv/main.m3u8", .ok(Array(text.utf8), hls))
      let edge = lab.edge()

      #expect(lab.get("/main.m3u8").text.hasSuffix("\n/a.m3u8\n"))
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has what cannot be read passed as it is, and counted`() {
    scenario { lab in
      lab.rewrite = true
      let broken = "<MPD><BaseURL>\(own)/a/</BaseURL>"
      let origin = lab.origin()
      origin.answers("/broken.mpd", .ok(Array(broken.utf8), dash, "ETag: \"b\""))
      let edge = lab.edge()
      let answer = lab.get("/broken.mpd")

      #expect(answer.text == broken)
      #expect(answer.field("ETag") == "\"b\"")
      #expect(edge.counted(.rewritesRefused) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `has them as they are where nothing is said, and from the moment it is switched off`()
  {
    scenario(seeds: 1...2) { lab in
      let origin = lab.origin()
      origin.answers(
        "/live/main.m3u8",
        .ok(Array(Self.multivariant.utf8), hls, "ETag: \"m\"", "Cache-Control: max-age=0"))
      let edge = lab.edge()
      let switches = edge.node.streams.switches

      #expect(lab.get("/live/main.m3u8").text == Self.multivariant)
      switches.set(.rewrite, true, origin: nil)
      lab.wait(.seconds(60))
      #expect(lab.get("/live/main.m3u8").text.contains("\n/live/video.m3u8\n"))
      switches.set(.rewrite, false, origin: 0)
      lab.wait(.seconds(60))
      let answer = lab.get("/live/main.m3u8")
      #expect(answer.text == Self.multivariant)
      #expect(answer.field("ETag") == "\"m\"")
      lab.expectNothingLeft(of: edge)
    }
  }
}
