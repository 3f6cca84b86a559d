import Streams
import Testing

@Suite struct `The URIs of a playlist` {
  static let rewrite = URIRewrite(
    authorities: ["origin.example.com".bytes, "10.0.0.1:8080".bytes], epoch: 3)

  @Test(arguments: [
    // The origin's, in every way that it may be written.
    ("http://origin.example.com/a/s.ts", "/a/s.ts?_sw=3"),
    ("HTTPS://Origin.Example.COM/a/s.ts?x=1", "/a/s.ts?x=1&_sw=3"),
    ("https://origin.example.com:443/s.ts", "/s.ts?_sw=3"),
    ("http://10.0.0.1:8080/a s.ts#t", "/a s.ts?_sw=3#t"),
    ("//origin.example.com/s.ts", "/s.ts?_sw=3"),
    ("https://origin.example.com", "/?_sw=3"),
    ("https://origin.example.com?a", "/?a&_sw=3"),
    // Relative ones.
    ("s.ts", "s.ts?_sw=3"), ("../s.ts?", "../s.ts?_sw=3"), ("/s.ts?a=1&&b", "/s.ts?a=1&&b&_sw=3"),
    ("s.ts?_sw=2", "s.ts?_sw=3"), ("s.ts?_sw=1&a=1&_sw=x#f", "s.ts?a=1&_sw=3#f"),
    ("{$base}/s.ts", "{$base}/s.ts?_sw=3"), ("a:b", "a:b"), ("./a:b", "./a:b?_sw=3"),
    // Those of others.
    ("http://10.0.0.1/s.ts", "http://10.0.0.1/s.ts"),
    ("http://origin.example.com:443/s.ts", "http://origin.example.com:443/s.ts"),
    ("https://cdn.example.com/s.ts", "https://cdn.example.com/s.ts"),
    ("https://origin.example.com.evil/s.ts", "https://origin.example.com.evil/s.ts"),
    ("https://origin.example.com@evil/s.ts", "https://origin.example.com@evil/s.ts"),
    ("//cdn.example.com/s.ts", "//cdn.example.com/s.ts"), ("data:,x", "data:,x"),
    // Paths that would lead to another host.
    ("https://origin.example.com//evil/s.ts", "https://origin.example.com//evil/s.ts"),
    ("https://origin.example.com/\\evil/s.ts", "https://origin.example.com/\\evil/s.ts"),
    ("https://origin.example.com\\evil/s.ts", "https://origin.example.com\\evil/s.ts"),
    ("https://origin.example.com/\t/evil/s.ts", "https://origin.example.com/\t/evil/s.ts"),
  ])
  func `of segments lead through the edge and carry the epoch`(from uri: String, to: String) {
    let front = "#EXTM3U\n#EXTINF:2,\n"

    #expect(Self.rewrite.text("\(front)\t\(uri) \r\nstray\n") == "\(front)\t\(to) \r\nstray\n")
    #expect(Self.rewrite.text("\(front)\(uri)") == "\(front)\(to)")
  }

  @Test func `carry the epoch in every tag that names media`() {
    let body = """
      #EXTM3U
      #EXT-X-MAP:URI="https://origin.example.com/i.mp4",BYTERANGE="814@0"
      #EXT-X-PART:DURATION=1.0,URI="p.mp4",BYTERANGE="1@0"
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="q.mp4?a=b",BYTERANGE-START=7
      #EXT-X-KEY:METHOD=AES-128,URI="https://origin.example.com/k"
      #EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://origin.example.com/k"
      #EXT-X-RENDITION-REPORT:URI="//origin.example.com/lo.m3u8",LAST-MSN=1
      #EXT-X-DATERANGE:ID="a",X-ASSET-URI="https://origin.example.com/ad.m3u8"
      #EXT-X-DATERANGE:ID="b",X-ASSET-LIST="http://origin.example.com/ads",URI="http://a/"
      #EXT-X-DEFINE:NAME="base",VALUE="https://origin.example.com/live"
      #EXT-X-DEFINE:NAME="host",VALUE="https://origin.example.com"
      #EXT-X-DEFINE:NAME="text",VALUE="origin.example.com"
      #EXT-X-OTHER:URI="https://origin.example.com/"
      """

    let lines = Self.rewrite.text(body).split(separator: "\n")

    #expect(
      lines[1...].map(String.init) == [
        "#EXT-X-MAP:URI=\"/i.mp4?_sw=3\",BYTERANGE=\"814@0\"",
        "#EXT-X-PART:DURATION=1.0,URI=\"p.mp4?_sw=3\",BYTERANGE=\"1@0\"",
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"q.mp4?a=b&_sw=3\",BYTERANGE-START=7",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"/k\"",
        "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://origin.example.com/k\"",
        "#EXT-X-RENDITION-REPORT:URI=\"/lo.m3u8\",LAST-MSN=1",
        "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"/ad.m3u8\"",
        "#EXT-X-DATERANGE:ID=\"b\",X-ASSET-LIST=\"/ads\",URI=\"http://a/\"",
        "#EXT-X-DEFINE:NAME=\"base\",VALUE=\"/live\"", "#EXT-X-DEFINE:NAME=\"host\",VALUE=\"\"",
        "#EXT-X-DEFINE:NAME=\"text\",VALUE=\"origin.example.com\"",
        "#EXT-X-OTHER:URI=\"https://origin.example.com/\"",
      ])
  }

  @Test func `of a multivariant playlist carry no epoch`() {
    let body = """
      #EXTM3U
      #EXT-X-CONTENT-STEERING:SERVER-URI="https://origin.example.com/steer"
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="http://10.0.0.1:8080/a.m3u8"
      #EXT-X-SESSION-KEY:METHOD=AES-128,URI="https://origin.example.com/k"
      #EXT-X-SESSION-DATA:DATA-ID="d",URI="https://origin.example.com/d.json"
      #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="https://origin.example.com/i.m3u8"
      #EXT-X-STREAM-INF:BANDWIDTH=1
      https://origin.example.com/hi.m3u8
      #EXT-X-STREAM-INF:BANDWIDTH=1
      lo.m3u8

      """

    #expect(
      Self.rewrite.text(body) == """
        #EXTM3U
        #EXT-X-CONTENT-STEERING:SERVER-URI="https://origin.example.com/steer"
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="/a.m3u8"
        #EXT-X-SESSION-KEY:METHOD=AES-128,URI="/k"
        #EXT-X-SESSION-DATA:DATA-ID="d",URI="/d.json"
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="/i.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=1
        /hi.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=1
        lo.m3u8

        """)
  }

  @Test(arguments: [
    ("https://a/root/s.ts", "/s.ts"), ("https://a/root?x", "/?x"), ("/root/s.ts", "/s.ts"),
    ("https://a/rooted/s.ts", "https://a/rooted/s.ts"), ("https://a/", "https://a/"),
    ("/other/s.ts", "/other/s.ts"), ("root/s.ts", "root/s.ts"),
    ("https://b/root/s", "https://b/root/s"),
    ("https://a/root//evil", "https://a/root//evil"),
  ])
  func `lose the path that the server has in front`(from uri: String, to: String) {
    let rewrite = URIRewrite(authorities: ["a".bytes], pathPrefix: "/root".bytes)

    #expect(rewrite.text("#EXTM3U\n#EXTINF:2,\n\(uri)\n") == "#EXTM3U\n#EXTINF:2,\n\(to)\n")
  }

  @Test(arguments: PlaylistTextSamples.all)
  func `stay byte for byte where there is nothing to do`(body: String) {
    #expect(URIRewrite().text(body) == body)
    #expect(URIRewrite(authorities: ["other.example".bytes], epoch: 0).text(body) == body)
    #expect(URIRewrite(epoch: 1_000_000).text(body) == body)
  }

  @Test(arguments: PlaylistTextSamples.all)
  func `change nothing of a playlist but themselves`(body: String) throws {
    let rewritten = Self.rewrite.rewrite(body.bytes.span)
    let read = MediaPlaylist.read(rewritten.span)
    let original = MediaPlaylist.read(body.bytes.span)
    let marked = try #require(read)
    let plain = try #require(original)

    #expect(marked.segments.allSatisfy { $0.uri.text.hasSuffix("?_sw=3") })
    #expect(marked.segments.allSatisfy { $0.map?.uri.text.hasSuffix("?_sw=3") ?? true })
    #expect(Self.rewrite.rewrite(rewritten.span) == rewritten)
    #expect(marked.segments.map(\.byteRange) == plain.segments.map(\.byteRange))
    #expect(marked.segments.map(\.programDateTime) == plain.segments.map(\.programDateTime))
  }

  @Test(arguments: [
    ("_sw=3", 3, ""), ("a=1&_sw=999999", 999_999, "a=1"), ("_sw=7&a=1&&b", 7, "a=1&&b"),
    ("_sw=1&_sw=2", 2, "_sw=1"), ("a=_sw=1&_sw=2&", 2, "a=_sw=1&"),
  ])
  func `lose their mark in a request`(query: String, epoch: Int, rest: String) {
    let removed = URIRewrite.removingMark(query.bytes.span)

    #expect(removed?.epoch == epoch)
    #expect(removed?.rest.text == rest)
  }

  @Test(arguments: [
    "", "a=1", "_sw=", "_sw=0", "_sw=01", "_sw=1000000", "_sw=99999999999999999999", "_sw=-1",
    "_sw=x", "_sw", "x_sw=1", "_SW=1", "_sw=1&_sw=x",
  ])
  func `were given no other mark`(query: String) {
    #expect(URIRewrite.removingMark(query.bytes.span) == nil)
  }
}

extension URIRewrite {
  /// The playlist of `body` as it is written.
  fileprivate func text(_ body: String) -> String { rewrite(body.bytes.span).text }
}
