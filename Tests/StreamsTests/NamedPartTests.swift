import Streams
import Testing

@Suite struct `The parts that a playlist names` {
  private func parts(_ text: String, path: String = "/live/hi/media.m3u8") -> [String] {
    let body = Array(text.utf8)
    let from = Array(path.utf8)
    return NamedPart.read(body.span, path: from.span).map {
      "\(String(decoding: $0.path, as: UTF8.self))@\($0.start)"
    }
  }

  @Test func `are its parts and its preload hint, the last first`() {
    let named = parts(
      """
      #EXTM3U
      #EXT-X-PART:DURATION=0.5,URI="a.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:URI="a.1.m4s?token=1",DURATION=0.5
      #EXTINF:4,
      a.m4s
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="a.2.m4s"
      """)

    #expect(named == ["/live/hi/a.2.m4s@0", "/live/hi/a.1.m4s@0", "/live/hi/a.0.m4s@0"])
  }

  @Test func `may be byte ranges of a growing file`() {
    let named = parts(
      """
      #EXTM3U
      #EXT-X-PART:DURATION=0.5,URI="a.m4s",BYTERANGE="4000@16000"
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="a.m4s",BYTERANGE-START=20000
      """)

    #expect(named == ["/live/hi/a.m4s@20000", "/live/hi/a.m4s@16000"])
    #expect(parts("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=a, BYTERANGE-START=5\n") == ["/live/hi/a@5"])
  }

  @Test(arguments: [
    ("../lo/p.m4s", "/live/lo/p.m4s@0"), ("./p.m4s", "/live/hi/p.m4s@0"),
    ("/p.m4s", "/p.m4s@0"), ("http://cdn.example/x/p.m4s", "/x/p.m4s@0"),
    ("../../../../p.m4s", "/p.m4s@0"),
  ])
  func `are found wherever their URI leads`(uri: String, expected: String) {
    #expect(parts("#EXTM3U\n#EXT-X-PART:DURATION=1,URI=\"\(uri)\"\n") == [expected])
  }

  @Test(arguments: [
    "", "#EXTM3U", "#EXTM3U\n#EXT-X-PART:", "#EXTM3U\n#EXT-X-PART:DURATION=1",
    "#EXTM3U\n#EXT-X-PART:URI", "#EXTM3U\n#EXT-X-PART:URI=\"",
    "#EXTM3U\n#EXT-X-PART:URI=\"http://h",
    "#EXTM3U\n#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"init.mp4\"",
  ])
  func `are none where nothing sound is named`(text: String) {
    #expect(parts(text).isEmpty)
  }

  @Test func `are at most as many as the limit says`() {
    let many = (0..<1000).map { "#EXT-X-PART:DURATION=1,URI=\"\($0)\"" }.joined(separator: "\n")

    #expect(parts("#EXTM3U\n" + many).count == StreamsLimits.partsPerPlaylist)
  }
}
