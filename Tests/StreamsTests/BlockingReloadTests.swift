import Bytes
import Streams
import Testing

@Suite struct `A blocking reload` {
  /// Segments 100 to 103, the last of four parts, and two parts of 104.
  static let playlist = """
    #EXTM3U
    #EXT-X-TARGETDURATION:2
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5
    #EXT-X-PART-INF:PART-TARGET=0.5
    #EXT-X-MEDIA-SEQUENCE:100
    #EXTINF:2,
    s100.mp4
    #EXTINF:2,
    s101.mp4
    #EXTINF:2,
    s102.mp4
    #EXT-X-PART:DURATION=0.5,URI="p103.0.mp4"
    #EXT-X-PART:DURATION=0.5,URI="p103.1.mp4"
    #EXT-X-PART:DURATION=0.5,URI="p103.2.mp4"
    #EXT-X-PART:DURATION=0.5,URI="p103.3.mp4"
    #EXTINF:2,
    s103.mp4
    #EXT-X-PART:DURATION=0.5,URI="p104.0.mp4"
    #EXT-X-PART:DURATION=0.5,URI="p104.1.mp4"

    """

  @Test func `is read from among other arguments`() throws {
    let reload = try BlockingReload.read("a=1&_HLS_part=2&_HLS_msn=7&_HLS_skip=v2&_HLS_new=x&b")

    #expect(reload.msn == 7)
    #expect(reload.part == 2)
    #expect(reload.skip == .v2)
    #expect(try BlockingReload.read("_HLS_skip=YES").skip == .yes)
    #expect(try BlockingReload.read("_HLS_skip=maybe").skip == nil)
    #expect(try BlockingReload.read("a=1") == BlockingReload())
    #expect(try BlockingReload.read("") == BlockingReload())
  }

  @Test(arguments: [
    ("_HLS_part=1", BlockingReload.Fault.partAlone), ("_HLS_msn=", .badNumber),
    ("_HLS_msn", .badNumber), ("_HLS_msn=-1", .badNumber), ("_HLS_msn=1&_HLS_part=x", .badNumber),
    ("_HLS_msn=18446744073709551616", .badNumber), ("_HLS_msn=1&_HLS_msn=1", .repeated),
    ("_HLS_msn=1&%5FHLS_msn=2", .repeated), ("_HLS_skip=x&_HLS_skip=YES", .repeated),
    ("_HLS_msn=1&_HLS_part=1&_HLS_part=1", .repeated),
    (String(repeating: "a", count: 9000), .tooLong),
  ])
  func `that makes no sense is refused`(query: String, fault: BlockingReload.Fault) {
    #expect(throws: fault) { try BlockingReload.read(query) }
  }

  @Test(arguments: [
    ("", ""), ("a=1&&b=2", "a=1&b=2"), ("_HLS_skip=YES", ""), ("_HLS_msn=007", "_HLS_msn=7"),
    ("_HLS_part=1&z=1&_HLS_skip=v2&_HLS_msn=4&a", "z=1&a&_HLS_msn=4&_HLS_part=1"),
    ("%5FHLS_msn=4&_HLS_start_offset=2", "_HLS_start_offset=2&_HLS_msn=4"),
  ])
  func `is asked under one key however it is written`(query: String, key: String) throws {
    #expect(try BlockingReload.read(query).canonical(query.bytes.span).text == key)
  }

  @Test(arguments: [
    ("", BlockingReload.Verdict.ignore), ("_HLS_skip=YES", .ignore), ("_HLS_msn=0", .answer),
    ("_HLS_msn=103", .answer), ("_HLS_msn=104", .wait), ("_HLS_msn=105", .wait),
    ("_HLS_msn=106", .tooFarAhead), ("_HLS_msn=18446744073709551615", .tooFarAhead),
    ("_HLS_msn=99&_HLS_part=90", .answer), ("_HLS_msn=102&_HLS_part=9", .answer),
    ("_HLS_msn=103&_HLS_part=3", .answer), ("_HLS_msn=103&_HLS_part=4", .answer),
    ("_HLS_msn=104&_HLS_part=1", .answer), ("_HLS_msn=104&_HLS_part=2", .wait),
    // Three seconds of half a second: six parts beyond the last, whose index is 1.
    ("_HLS_msn=104&_HLS_part=7", .wait), ("_HLS_msn=104&_HLS_part=8", .tooFarAhead),
    ("_HLS_msn=105&_HLS_part=0", .wait), ("_HLS_msn=105&_HLS_part=6", .tooFarAhead),
    ("_HLS_msn=106&_HLS_part=0", .tooFarAhead),
    ("_HLS_msn=104&_HLS_part=18446744073709551615", .tooFarAhead),
  ])
  func `is answered once the playlist has what it asks for`(
    query: String, verdict: BlockingReload.Verdict
  ) throws {
    let playlist = try #require(PlaylistText.read(Self.playlist))

    #expect(try BlockingReload.read(query).verdict(for: playlist) == verdict)
  }

  @Test func `counts a part beyond its segment as the next segment's first`() throws {
    var playlist = try #require(PlaylistText.read(Self.playlist))
    let reload = try BlockingReload.read("_HLS_msn=103&_HLS_part=4")

    #expect(try reload.normalized(for: playlist) == .read("_HLS_msn=104&_HLS_part=0"))
    playlist.tailPartCount = 0
    #expect(reload.verdict(for: playlist) == .wait)
  }

  @Test func `means nothing to a playlist that does not block`() throws {
    let playlist = try #require(PlaylistText.read(Self.playlist))
    var ended = playlist
    ended.hasEndlist = true
    var plain = playlist
    plain.canBlockReload = false
    let reload = try BlockingReload.read("_HLS_msn=104")

    #expect(reload.verdict(for: ended) == .ignore)
    #expect(reload.verdict(for: plain) == .ignore)
  }

  @Test func `waits for the first segment of an empty playlist`() throws {
    var playlist = PlaylistText()
    playlist.canBlockReload = true
    playlist.mediaSequence = .max

    #expect(try BlockingReload.read("_HLS_msn=5").verdict(for: playlist) == .answer)
    #expect(
      try BlockingReload.read("_HLS_msn=18446744073709551615").verdict(for: playlist) == .wait)
  }

  @Test func `may ask for three parts ahead where they are long`() throws {
    var playlist = try #require(PlaylistText.read(Self.playlist))
    playlist.partTarget = Milliseconds(1000)

    #expect(try BlockingReload.read("_HLS_msn=104&_HLS_part=4").verdict(for: playlist) == .wait)
    #expect(
      try BlockingReload.read("_HLS_msn=104&_HLS_part=5").verdict(for: playlist) == .tooFarAhead)
    playlist.partTarget = .zero
    #expect(try BlockingReload.read("_HLS_msn=104&_HLS_part=99").verdict(for: playlist) == .wait)
  }

  @Test func `is asked of another origin in its numbers`() throws {
    let reload = try BlockingReload.read("_HLS_msn=104&_HLS_part=1&_HLS_skip=YES")

    let shifted = try #require(reload.shifted(by: -100))

    #expect(shifted.canonical([UInt8]().span).text == "_HLS_msn=4&_HLS_part=1")
    #expect(shifted.shifted(by: 100) == reload)
    #expect(reload.shifted(by: -105) == nil)
    #expect(reload.shifted(by: .max)?.shifted(by: .max) == nil)
    #expect(BlockingReload().shifted(by: .min) == BlockingReload())
  }

  @Test func `finds the other renditions by their reports`() {
    let tail =
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"LAST-MSN=7\"\n"
      + "#EXT-X-RENDITION-REPORT:URI=\"a?LAST-MSN=1\",LAST-MSN=104,LAST-PART=1\r\n"
      + "#EXT-X-RENDITION-REPORT:LAST-MSN=x,URI=\"b\"\n#EXT-X-RENDITION-REPORT:URI=\"c\",LAST-MSN=3"

    #expect(RenditionReports.shifted(tail.bytes.span, by: 0).text == tail)
    #expect(
      RenditionReports.shifted(tail.bytes.span, by: -4).text
        == tail.replacing("LAST-MSN=104", with: "LAST-MSN=100"))
  }
}

extension BlockingReload {
  /// The directives of a query that is text.
  fileprivate static func read(_ query: String) throws(Fault) -> BlockingReload {
    try read(query.bytes.span)
  }
}
