import Bytes
import Streams
import Testing

@Suite struct `A DASH manifest` {
  /// As ffmpeg writes it with `-ldash 1 -use_template 1 -use_timeline 0`, shortened.
  static let live = """
    <?xml version="1.0" encoding="utf-8"?>
    <MPD xmlns="urn:mpeg:dash:schema:mpd:2011"
    \tprofiles="urn:mpeg:dash:profile:isoff-live:2011"
    \ttype="dynamic"
    \tminimumUpdatePeriod="PT500S"
    \ttimeShiftBufferDepth='PT12.0S'
    \tmaxSegmentDuration="PT2.0S">
    \t<!-- type="static" > -- -->
    \t<Period id="0" start="PT0.0S">
    \t\t<AdaptationSet id="0" contentType="video">
    \t\t\t<Representation id="0" codecs="avc1.42c00a">
    \t\t\t\t<SegmentTemplate timescale="1000000" duration="1920000" media="a>b.m4s"/>
    \t\t\t</Representation>
    \t\t</AdaptationSet>
    \t</Period>
    </MPD>
    """
  static let timeline = """
    <MPD type="static" maxSegmentDuration="PT9S"><Period>
    <AdaptationSet><SegmentTemplate timescale="10240"/>
    <Representation id="0"><SegmentTemplate media="$Number$.m4s"><SegmentTimeline>
    <S t="0" d="20480" r="1" /><S d="25600" /></SegmentTimeline></SegmentTemplate>
    </Representation></AdaptationSet>
    <AdaptationSet><SegmentTemplate duration="4"></SegmentTemplate></AdaptationSet>
    </Period></MPD>
    """

  @Test func `of a live stream tells how often it changes`() throws {
    let facts = try #require(ManifestFacts.read(Self.live))

    #expect(facts.isDynamic)
    #expect(facts.minimumUpdatePeriod == Milliseconds(500_000))
    #expect(facts.segmentDuration == Milliseconds(1920))
    #expect(facts.timeShiftBufferDepth == Milliseconds(12_000))
  }

  @Test func `of a recording takes the longest segment of any timescale`() throws {
    let facts = try #require(ManifestFacts.read(Self.timeline))

    #expect(!facts.isDynamic)
    #expect(facts.minimumUpdatePeriod == nil)
    #expect(facts.segmentDuration == Milliseconds(4000))
  }

  @Test func `inherits the timescale of the level above`() throws {
    let facts = try #require(
      ManifestFacts.read(
        "<MPD><Period><SegmentTemplate timescale='1000'/><AdaptationSet>"
          + "<SegmentTemplate duration='2500'/></AdaptationSet></Period></MPD>"))

    #expect(facts.segmentDuration == Milliseconds(2500))
  }

  @Test func `without templates falls back to the longest segment it states`() throws {
    let facts = try #require(
      ManifestFacts.read("<d:MPD type='dynamic' maxSegmentDuration='PT3S'></d:MPD>"))

    #expect(facts.segmentDuration == Milliseconds(3000))
    #expect(ManifestFacts.read("<MPD/>")?.segmentDuration == nil)
  }

  @Test func `survives timescales and durations beyond all measure`() throws {
    let facts = try #require(
      ManifestFacts.read(
        "<MPD maxSegmentDuration='P999999999Y'><SegmentTemplate timescale='0' "
          + "duration='18446744073709551615'/><SegmentTemplate duration='9000000000000000'/></MPD>"
      ))

    #expect(facts.segmentDuration == StreamsLimits.durationMax)
  }

  @Test(arguments: [
    "", "MPD", "<html></html>", "<Patch></Patch>", "<MPD>", "</MPD>", "<MPD></MPD", "<MPD><",
    "<MPD type='dynamic></MPD>", "<MPD <Period></MPD>", "<!DOCTYPE MPD><MPD></MPD>",
    "<MPD><!-- </MPD>", "<MPD><![CDATA[ </MPD>", "<MPD minimumUpdatePeriod='2'></MPD>",
    "<MPD minimumUpdatePeriod='-PT2S'></MPD>", "<MPD><!x></MPD>", "<>",
  ])
  func `that cannot be right has no facts`(text: String) {
    #expect(ManifestFacts.read(text) == nil)
  }

  @Test(arguments: [live, timeline, "<MPD><![CDATA[ <x ]] > ]]]><?p > ?><!--->--></MPD>"])
  func `says the same however it is cut`(text: String) {
    let bytes = Array(text.utf8)
    let whole = ManifestFacts.read(bytes.span)

    #expect(whole != nil)
    for cut in 0...bytes.count {
      var reader = ManifestReader()
      reader.feed(bytes.span.extracting(0..<cut))
      reader.feed(bytes.span.extracting(cut..<bytes.count))
      #expect(reader.finish() == whole, "cut at \(cut)")
    }
  }

  @Test func `with a tag that is too long has no facts`() {
    let fits = String(repeating: "x", count: StreamsLimits.manifestTagBytesMax - 10)
    let tooLong = String(repeating: "x", count: StreamsLimits.manifestTagBytesMax)

    #expect(ManifestFacts.read("<MPD a='\(fits)'></MPD>") != nil)
    #expect(ManifestFacts.read("<MPD a='\(tooLong)'></MPD>") == nil)
  }

  @Test(
    arguments: [
      ("PT1H2M3.5S", 3_723_500), ("PT0S", 0), ("PT2S", 2000), ("PT.5S", 500),
      ("P1DT1S", 86_401_000),
      ("P1D", 86_400_000), ("P1M", 2_592_000_000), ("PT1M", 60_000), ("PT0.0019S", 1),
      ("P9Y", 2_592_000_000), ("PT999999999999999H", 2_592_000_000),
    ] as [(String, Int64)])
  func `states durations as XML does`(text: String, milliseconds: Int64) {
    #expect(XMLDuration.read(Array(text.utf8).span) == Milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "P", "PT", "2", "PT2", "PTS", "P2S", "PT2D", "PT1S1M", "PT1S1S", "P1DT", "-PT1S", "PT1.5M",
    "PT1.5.5S", "PT1e3S", "pt1s", "P1", "PT1S ", "P1TT1S", "PT99999999999999999999H",
  ])
  func `has no duration where there is none`(text: String) {
    #expect(XMLDuration.read(Array(text.utf8).span) == nil)
  }
}
