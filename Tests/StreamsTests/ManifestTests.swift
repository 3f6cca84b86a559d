import Bytes
import Streams
import Testing

@Suite struct `A manifest with its segments` {
  /// As `ffmpeg -f dash -ldash 1 -streaming 1 -use_timeline 0` writes it, shortened.
  static let lowLatency = """
    <?xml version="1.0" encoding="utf-8"?>
    <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" minimumUpdatePeriod="PT500S"
    \tavailabilityStartTime="2026-11-25T23:49:13.123Z" publishTime='2026-11-25T23:49:20Z'
    \ttimeShiftBufferDepth="PT12.0S" suggestedPresentationDelay="PT2S" maxSegmentDuration="PT2.0S">
    \t<ProgramInformation><Title>a &amp; b</Title></ProgramInformation>
    \t<ServiceDescription id="0"><Latency target="3000"/></ServiceDescription>
    \t<Period id="0" start="PT0.0S">
    \t\t<AdaptationSet id="0" contentType="video" segmentAlignment="true">
    \t\t\t<Representation id="0" mimeType="video/mp4" bandwidth="500000">
    \t\t\t\t<SegmentTemplate timescale="1000000" duration="1920000" availabilityTimeOffset="1.900"
    \t\t\t\t\tavailabilityTimeComplete="false"
    \t\t\t\t\tinitialization="init-$RepresentationID$.m4s?a=1&amp;b=2"
    \t\t\t\t\tmedia="chunk-$RepresentationID$-$Number%05d$.m4s" startNumber="3"/>
    \t\t\t</Representation>
    \t\t</AdaptationSet>
    \t</Period>
    </MPD>
    """

  /// As the packagers of a recording write it: a timeline, stated once for all representations.
  static let inherited = """
    <MPD type="static" mediaPresentationDuration="PT1H0M10.5S">
    <BaseURL>http://cdn.example/a&amp;b/</BaseURL><BaseURL>http://other.example/</BaseURL>
    <Period id="p0" duration="PT30M"><BaseURL> one/
    </BaseURL>
    <SegmentTemplate timescale="90000" startNumber="7" media="$Time$.m4s"/>
    <AdaptationSet mimeType="audio/mp4"><BaseURL><![CDATA[a&b]]>/</BaseURL>
    <SegmentTemplate initialization="i.mp4" presentationTimeOffset="450"><SegmentTimeline>
    <S t="450" d="180000" r="2"/><S d="90000"></S><S t="900000" d="1" r="-1"/>
    </SegmentTimeline></SegmentTemplate>
    <Representation id="&#x6c;o" bandwidth="64000"><BaseURL>lo/</BaseURL></Representation>
    <Representation id="hi" bandwidth="128000"><SegmentTemplate media="hi-$Time$.m4s"/>
    </Representation></AdaptationSet>
    <AdaptationSet><Representation id="t" mimeType="text/vtt"><SegmentTemplate duration="5"/>
    </Representation></AdaptationSet></Period>
    <Period start="PT30M">
    <EventStream><Event><Period><AdaptationSet/></Period></Event></EventStream>
    <AdaptationSet contentType="video"><Representation id="v"/></AdaptationSet></Period></MPD>
    """

  @Test func `of low latency tells all that a player counts with`() throws {
    let manifest = try #require(Manifest.read(Self.lowLatency))
    let set = try #require(manifest.periods.first?.adaptationSets.first)
    let representation = try #require(set.representations.first)
    let template = try #require(representation.template)

    #expect(manifest.isDynamic)
    #expect(manifest.availabilityStartTime == Milliseconds(1_795_650_553_123))
    #expect(manifest.publishTime == Milliseconds(1_795_650_560_000))
    #expect(manifest.minimumUpdatePeriod == Milliseconds(500_000))
    #expect(manifest.timeShiftBufferDepth == Milliseconds(12_000))
    #expect(manifest.suggestedPresentationDelay == Milliseconds(2000))
    #expect(manifest.duration == nil && manifest.baseURL == nil)
    #expect(manifest.periods[0].start == .zero)
    #expect(set.contentType == bytes("video"))
    #expect(representation.bandwidth == 500_000)
    #expect(template.timescale == 1_000_000)
    #expect(template.duration == 1_920_000)
    #expect(template.startNumber == 3)
    #expect(template.availabilityTimeOffset == Milliseconds(1900))
    #expect(!template.isAvailabilityTimeComplete)
    #expect(template.initialization == bytes("init-$RepresentationID$.m4s?a=1&b=2"))
    let media = try #require(template.media)
    #expect(
      template.name(media, representation: representation, number: 42, time: 0)
        == bytes("chunk-0-00042.m4s"))
  }

  @Test func `hands down what the levels above say`() throws {
    let manifest = try #require(Manifest.read(Self.inherited))
    let audio = manifest.periods[0].adaptationSets[0]
    let low = try #require(audio.representations[0].template)
    let high = try #require(audio.representations[1].template)
    let captions = try #require(
      manifest.periods[0].adaptationSets[1].representations[0].template)

    #expect(
      low.timeline == [
        TimelineEntry(time: 450, duration: 180_000, repeats: 2),
        TimelineEntry(time: nil, duration: 90_000, repeats: 0),
        TimelineEntry(time: 900_000, duration: 1, repeats: -1),
      ])
    #expect(low.media == bytes("$Time$.m4s"))
    #expect(high.media == bytes("hi-$Time$.m4s"))
    #expect(high.timeline == low.timeline)
    for template in [low, high] {
      #expect(template.timescale == 90_000)
      #expect(template.startNumber == 7)
      #expect(template.presentationTimeOffset == 450)
      #expect(template.initialization == bytes("i.mp4"))
      #expect(template.duration == nil)
      #expect(template.availabilityTimeOffset == .zero && template.isAvailabilityTimeComplete)
    }
    #expect(captions.duration == 5 && captions.timeline.isEmpty && captions.timescale == 90_000)
  }

  @Test func `keeps the first base URL of each level`() throws {
    let manifest = try #require(Manifest.read(Self.inherited))
    let period = manifest.periods[0]

    #expect(manifest.baseURL == bytes("http://cdn.example/a&b/"))
    #expect(period.baseURL == bytes("one/"))
    #expect(period.adaptationSets[0].baseURL == bytes("a&b/"))
    #expect(period.adaptationSets[0].representations[0].baseURL == bytes("lo/"))
    #expect(period.adaptationSets[0].representations[1].baseURL == nil)
  }

  @Test func `of several periods keeps them apart`() throws {
    let manifest = try #require(Manifest.read(Self.inherited))

    #expect(!manifest.isDynamic)
    #expect(manifest.duration == Milliseconds(3_610_500))
    #expect(manifest.periods.map(\.id) == [bytes("p0"), nil])
    #expect(manifest.periods.map(\.start) == [nil, Milliseconds(1_800_000)])
    #expect(manifest.periods.map(\.duration) == [Milliseconds(1_800_000), nil])
    #expect(
      manifest.periods.map { $0.adaptationSets.map(\.contentType) }
        == [[bytes("audio"), bytes("text")], [bytes("video")]])
    #expect(manifest.periods[0].adaptationSets[0].representations[0].id == bytes("lo"))
    #expect(manifest.periods[1].adaptationSets[0].representations[0].template == nil)
  }

  @Test func `has a clock that may have started in 1970`() throws {
    let manifest = try #require(
      Manifest.read(
        "<d:MPD availabilityStartTime='1970-01-01T00:00:00Z' mediaPresentationDuration='P999Y'>"
          + "<d:Period start='PT498791H49M13.5S'/></d:MPD>"))

    #expect(manifest.availabilityStartTime == .zero)
    #expect(manifest.periods[0].start == Milliseconds(1_795_650_553_500))
    #expect(manifest.duration == StreamsLimits.manifestTimeMax)
  }

  @Test(
    arguments: [
      ("", "", 0, true), ("availabilityTimeOffset='INF'", "", 2_592_000_000, true),
      ("", "availabilityTimeOffset='7.5' availabilityTimeComplete='false'", 7500, false),
      ("availabilityTimeOffset='1'", "availabilityTimeOffset='2'", 3000, true),
      ("availabilityTimeOffset='INF'", "availabilityTimeOffset='INF'", 2_592_000_000, true),
      ("availabilityTimeOffset='-1'", "", 0, true),
    ] as [(String, String, Int64, Bool)])
  func `sums up how early its segments are there`(
    base: String, template: String, offset: Int64, isComplete: Bool
  ) throws {
    let manifest = try #require(
      Manifest.read(
        "<MPD><BaseURL \(base)>a</BaseURL><Period><AdaptationSet><Representation id='0'>"
          + "<SegmentTemplate \(template)/></Representation></AdaptationSet></Period></MPD>"))
    let read = try #require(
      manifest.periods[0].adaptationSets[0].representations[0].template)

    #expect(read.availabilityTimeOffset == Milliseconds(offset))
    #expect(read.isAvailabilityTimeComplete == isComplete)
  }

  @Test(arguments: [
    "", "MPD", "<html></html>", "<MPD>", "</MPD>", "<MPD></MPD", "<MPD><", "<MPD><Period></MPD>",
    "<MPD></MPD></MPD>", "<MPD/><MPD/>", "<MPD type='dynamic></MPD>", "<MPD <Period></MPD>",
    "<!DOCTYPE MPD [<!ENTITY a 'aaaa'>]><MPD id='&a;'></MPD>", "<MPD><!-- </MPD>",
    "<MPD><!x></MPD>",
    "<MPD><![CDATA[ </MPD>", "<MPD minimumUpdatePeriod='2'></MPD>", "<MPD>< a></MPD>", "<>",
    "<MPD availabilityStartTime='now'/>", "<MPD><Period start='soon'/></MPD>",
    "<MPD><Period><SegmentTemplate timescale='18446744073709551616'/></Period></MPD>",
    "<MPD><Period><SegmentTemplate><SegmentTimeline><S t='0'/></SegmentTimeline>"
      + "</SegmentTemplate></Period></MPD>",
    "<MPD><Period><SegmentTemplate><SegmentTimeline><S d='0'/></SegmentTimeline>"
      + "</SegmentTemplate></Period></MPD>",
    "<MPD><Period><SegmentTemplate><SegmentTimeline><S d='1' t='-1'/></SegmentTimeline>"
      + "</SegmentTemplate></Period></MPD>",
  ])
  func `that cannot be right is none`(text: String) {
    #expect(Manifest.read(text) == nil)
  }

  @Test func `has limits that a hostile origin meets`() {
    let nested = { (count: Int) in
      "<MPD>" + String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count)
        + "</MPD>"
    }
    let periods = { (count: Int) in
      "<MPD>" + String(repeating: "<Period/>", count: count) + "</MPD>"
    }
    let long = String(repeating: "x", count: StreamsLimits.uriLineBytesMax)

    #expect(Manifest.read(nested(StreamsLimits.manifestDepthMax - 1)) != nil)
    #expect(Manifest.read(nested(StreamsLimits.manifestDepthMax)) == nil)
    #expect(Manifest.read(nested(10_000)) == nil)
    #expect(Manifest.read(periods(StreamsLimits.manifestElementsMax)) != nil)
    #expect(Manifest.read(periods(StreamsLimits.manifestElementsMax + 1)) == nil)
    #expect(Manifest.read("<MPD><BaseURL>\(long)</BaseURL></MPD>") != nil)
    #expect(Manifest.read("<MPD><BaseURL>\(long)<a/>x</BaseURL></MPD>") == nil)
    #expect(Manifest.read("<MPD a='\(long)'/>") == nil)
  }

  @Test func `never expands a timeline`() throws {
    let entry = "<S t='18446744073709551615' d='18446744073709551615' r='99999999999'/>"
    let timeline = { (count: Int) in
      "<MPD><Period><AdaptationSet><SegmentTemplate><SegmentTimeline>"
        + String(repeating: entry, count: count) + "<S d='1' r='-9'/></SegmentTimeline>"
        + "</SegmentTemplate><Representation/></AdaptationSet></Period></MPD>"
    }
    let manifest = try #require(Manifest.read(timeline(1)))

    #expect(
      manifest.periods[0].adaptationSets[0].representations[0].template?.timeline == [
        TimelineEntry(time: .max, duration: .max, repeats: 99_999_999_999),
        TimelineEntry(time: nil, duration: 1, repeats: -1),
      ])
    #expect(Manifest.read(timeline(StreamsLimits.timelineEntriesMax)) == nil)
  }

  @Test func `tells the default key of each representation`() throws {
    let manifest = try #require(
      Manifest.read(
        """
        <MPD><Period><AdaptationSet><ContentProtection schemeIdUri="urn:a"/>
        <ContentProtection cenc:default_KID="ABCDEF01-1"/><ContentProtection default_KID="9"/>
        <Representation><ContentProtection x:default_KID=" B "/></Representation>
        <Representation/></AdaptationSet><AdaptationSet><Representation/></AdaptationSet></Period>
        </MPD>
        """))
    let sets = manifest.periods[0].adaptationSets

    #expect(sets[0].representations.map(\.defaultKeyID) == [bytes("b"), bytes("abcdef01-1")])
    #expect(sets[1].representations[0].defaultKeyID == nil)
  }

  @Test(
    arguments: [
      ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"), ("a&#38;b&#x26;c&#X26;", "a&b&c&#X26;"),
      ("&nbsp;&amp", "&nbsp;&amp"), ("&#10;&#0;&#127;&#xD;", "&#10;&#0;&#127;&#xD;"),
      ("&#xE9;&#8364;&#x1F600;", "\u{E9}\u{20AC}\u{1F600}"),
      (
        "&#xD800;&#x110000;&#99999999999999999999;&#x;&#;&;&",
        "&#xD800;&#x110000;&#99999999999999999999;&#x;&#;&;&"
      ), ("&amp;amp;", "&amp;"),
    ])
  func `decodes the entities that a URL may need, and no others`(written: String, meant: String) {
    #expect(Manifest.read("<MPD><BaseURL>\(written)</BaseURL></MPD>")?.baseURL == bytes(meant))
  }

  @Test(
    arguments: [
      ("$Number$", "7"), ("$Number%05d$", "00007"), ("$Number%00d$", "7"), ("a$$b", "a$b"),
      ("$RepresentationID$/$Bandwidth$/$Time%012d$.m4s", "v1/64000/000000090000.m4s"), ("", ""),
      ("$Time$$Number%032d$", "90000" + String(repeating: "0", count: 31) + "7"),
      ("$Number", nil), ("$number$", nil), ("$Number%5d$", nil), ("$Number%05x$", nil),
      ("$Number%0d$", nil), ("$Number%099d$", nil), ("$Number%0999999999999999999999d$", nil),
      ("$RepresentationID%05d$", nil), ("$SubNumber$", nil), ("a$$$", nil), ("$%05d$", nil),
    ] as [(String, String?)])
  func `names its segments`(template: String, name: String?) {
    let representation = Representation(id: bytes("v1"), bandwidth: 64_000)

    #expect(
      SegmentTemplate().name(
        bytes(template), representation: representation, number: 7, time: 90_000)
        == name.map(bytes))
  }

  @Test func `makes no names that nobody could ask for`() {
    let identifiers = bytes(String(repeating: "$RepresentationID$", count: 400))
    let long = Representation(id: Array(repeating: 0x78, count: 8000), bandwidth: 1)
    let control = Representation(id: bytes("a\r\nb"), bandwidth: 1)

    #expect(SegmentTemplate().name(identifiers, representation: long, number: 0, time: 0) == nil)
    #expect(SegmentTemplate().name(identifiers, representation: control, number: 0, time: 0) == nil)
  }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension Manifest {
  /// The manifest written as text.
  fileprivate static func read(_ text: String) -> Manifest? { read(Array(text.utf8).span) }
}
