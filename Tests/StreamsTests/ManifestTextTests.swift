import Bytes
import Streams
import Testing

@Suite struct `The text of a manifest` {
  static let servers = [
    ManifestServer(authority: bytes("origin.example:8080"), pathPrefix: bytes("/base/")),
    ManifestServer(authority: bytes("Plain.example")),
  ]

  private func rewritten(
    _ text: String, servers: [ManifestServer] = servers, epoch: UInt64? = nil
  ) -> String? {
    ManifestText.rewriting(bytes(text).span, servers: servers, epoch: epoch).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(
    arguments: [
      ("http://origin.example:8080/base/live/", "/live/"),
      ("HTTP://ORIGIN.example:8080/base", "/"),
      ("http://origin.example:8080/base?a=1&amp;b", "/?a=1&amp;b"),
      ("http://plain.example/a/b#c", "/a/b#c"), ("https://plain.example:443/a", "/a"),
      ("http://plain.example", "/"), ("http://plain.example:80?x", "/?x"),
      (" \n http://plain.example/a\n ", "/a"),
      ("<![CDATA[http://plain.example/a?b&c]]>", "/a?b&amp;c"),
      ("http://plain.example<!-- no -->/a", "/a"),
    ])
  func `has URLs of its servers as paths`(url: String, path: String) {
    let manifest = "<MPD><BaseURL>\(url)</BaseURL><Location>\(url)</Location></MPD>"

    #expect(
      rewritten(manifest)
        == "<MPD><BaseURL>\(path)</BaseURL><Location>\(path)</Location></MPD>")
  }

  @Test(
    arguments: [
      "http://origin.example:8080/baseline/a", "http://origin.example/a",
      "https://origin.example:8081/", "http://plain.example:8080/a",
      "http://user@plain.example/a", "http://plain.example.net/a", "ftp://plain.example/a",
      "//plain.example/a", "live/", "/live", "http://plain.example//other.example/a", "", "http://",
      "http&#58;//plain.example/", " ../a ", "http://plain.exampl\u{E9}/",
    ])
  func `has other URLs as they were`(url: String) {
    let manifest = "<MPD><BaseURL>\(url)</BaseURL><PatchLocation>\(url)</PatchLocation></MPD>"

    #expect(rewritten(manifest) == manifest)
  }

  @Test func `has no other place rewritten than those of segments and manifests`() {
    let url = "http://plain.example/x"
    let rest = """
      <?xml version='1.0'?><!-- \(url) --><MPD xmlns:xlink="\(url)"><UTCTiming value="\(url)"/>
      <Period xlink:href="\(url)"><EventStream><Event><BaseURL>\(url)</BaseURL></Event>
      </EventStream>
      <AdaptationSet><ContentProtection><BaseURL>\(url)</BaseURL><ms:laurl Lic_type="\(url)"
      >\(url)</ms:laurl></ContentProtection><SegmentTemplate other="\(url)"/></AdaptationSet>
      </Period>
      <Metrics><BaseURL>\(url)</BaseURL></Metrics></MPD>
      """
    let segments = """
      <MPD><PatchLocation ttl="9">\(url)</PatchLocation><Period><SegmentList>
      <Initialization sourceURL='\(url)'/><SegmentURL media="\(url)" index="\(url)"></SegmentURL>
      <RepresentationIndex sourceURL="\(url)"/></SegmentList><AdaptationSet>
      <SegmentTemplate media="\(url)" initialization = "\(url)" index="\(url)"/><Representation>
      <SegmentBase><Initialization sourceURL="\(url)"/></SegmentBase></Representation>
      </AdaptationSet></Period></MPD>
      """

    #expect(rewritten(rest, epoch: 4) == rest)
    #expect(rewritten(segments) == segments.split(separator: url).joined(separator: "/x"))
  }

  @Test(
    arguments: [
      ("$Number%05d$.m4s", "$Number%05d$.m4s?_sw=3"), ("a?b=1", "a?b=1&amp;_sw=3"),
      ("a?", "a?_sw=3"), ("a#f?x", "a?_sw=3#f?x"), ("a&#x6c;?b#f", "a&#x6c;?b&amp;_sw=3#f"),
      ("a?_sw=1", "a?_sw=3"), ("a?b&amp;_sw=&amp;c#d", "a?b&amp;_sw=3&amp;c#d"),
      ("a?b&#38;_sw=12345", "a?b&#38;_sw=3"), ("a?b_sw=1", "a?b_sw=1&amp;_sw=3"),
      ("a?_sw=3", "a?_sw=3"), ("http://other.example/$Time$", "http://other.example/$Time$?_sw=3"),
      ("https://plain.example/a", "/a?_sw=3"),
      ("data:video/mp4;base64,AA", "data:video/mp4;base64,AA"),
      ("", ""),
    ])
  func `has the mark of the epoch on what names media`(url: String, marked: String) {
    func manifest(_ url: String) -> String {
      "<MPD><BaseURL>b/</BaseURL><Period><AdaptationSet><Representation><BaseURL>b/</BaseURL>"
        + "<SegmentTemplate media=\"\(url)\" initialization='\(url)'/></Representation>"
        + "<Representation><BaseURL>\(url)</BaseURL><SegmentBase/></Representation>"
        + "</AdaptationSet></Period></MPD>"
    }
    let once = rewritten(manifest(url), epoch: 3)

    #expect(once == manifest(marked))
    #expect(once.flatMap { rewritten($0, epoch: 3) } == once)
  }

  @Test func `has no mark on the BaseURL of what a template further out names`() {
    let manifest = """
      <MPD><Period><AdaptationSet><SegmentTemplate/><Representation><BaseURL>a</BaseURL>
      </Representation></AdaptationSet><AdaptationSet><Representation><BaseURL>b</BaseURL>
      </Representation></AdaptationSet></Period></MPD>
      """

    #expect(
      rewritten(manifest, epoch: 1)
        == manifest.split(separator: "b<").joined(separator: "b?_sw=1<"))
  }

  @Test(
    arguments: [
      "", "<", "MPD", "<SmoothStreamingMedia/>", "<MPD>", "<MPD></Period>", "<MPD/><MPD/>",
      "<MPD><Period></MPD></Period>", "<MPD/></MPD>", "<!DOCTYPE MPD><MPD/>", "<MPD></></MPD>",
      "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><MPD>&b;</MPD>", "<MPD a=\"<MPD/>",
      "<MPD><![CDATA[</MPD>", "<MPD><!-- </MPD>", "\u{0}\u{1}\u{FFFD}", "<MPD><<Period/></MPD>",
    ])
  func `is not there in what is no manifest`(text: String) {
    #expect(rewritten(text) == nil)
  }

  @Test func `is refused where it is too long, too deep or too much of one tag`() {
    let deep = String(repeating: "<a>", count: 10_000)
    let line = "<MPD a=\"" + String(repeating: "x", count: 1 << 20) + "\"/>"
    let many = String(repeating: "<BaseURL/>", count: StreamsLimits.manifestTextElementsMax)
    let endless = [UInt8](repeating: UInt8(ascii: " "), count: 50 << 20)

    #expect(rewritten("<MPD>" + deep) == nil)
    #expect(rewritten(line) == nil)
    #expect(rewritten("<MPD>\(many)</MPD>") == nil)
    #expect(ManifestText.rewriting(endless.span, servers: [], epoch: 1) == nil)
  }

  @Test func `of a megabyte is rewritten in one go`() throws {
    let segment = "<SegmentURL media=\"http://plain.example/a.m4s\"/>"
    let count = (1 << 20) / segment.utf8.count
    let list = String(repeating: segment, count: count)
    let whole =
      "<MPD><Period><AdaptationSet><SegmentList>\(list)</SegmentList></AdaptationSet>"
      + "</Period></MPD>"
    let marked = try #require(rewritten(whole, epoch: 12))

    // What it grew by: each URL lost its host and got its mark.
    #expect(
      marked.utf8.count == whole.utf8.count + count
        * ("?_sw=12".count - "http://plain.example".count))
  }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
