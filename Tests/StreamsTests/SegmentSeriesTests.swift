import Bytes
import Streams
import Testing

@Suite struct `The segments that a live manifest makes by a template` {
  /// 2026-01-01T00:00:00Z.
  private static let start: Int64 = 1_767_225_600_000

  private func series(
    _ template: String, around: (String, String) = ("", ""), path: String = "/live/main.mpd",
    at age: Int64 = 9500
  ) throws -> [SegmentSeries] {
    let text = """
      <MPD type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z">\(around.0)\
      <Period id="0" start="PT0S"><AdaptationSet contentType="video">\(around.1)\
      <Representation id="v0" bandwidth="500">\(template)</Representation>\
      </AdaptationSet></Period></MPD>
      """
    let read = Manifest.read(Array(text.utf8).span)
    let manifest = try #require(read)
    return manifest.segmentSeries(
      path: Array(path.utf8), now: Milliseconds(Self.start + age))
  }

  private func value(_ series: SegmentSeries, _ path: String) -> UInt64? {
    series.path.value(in: Array(path.utf8).span)
  }

  @Test func `are told by their paths`() throws {
    let one = try #require(
      try series(
        "<SegmentTemplate duration=\"2\" media=\"s-$RepresentationID$-$Number%05d$.m4s?_sw=3\"/>"
      ).first)

    #expect(one.path.path(of: 42) == Array("/live/s-v0-00042.m4s".utf8))
    #expect(one.epoch == 3)
    #expect(value(one, "/live/s-v0-00042.m4s") == 42)
    #expect(value(one, "/live/s-v0-123456.m4s") == 123_456)
    #expect(value(one, "/live/s-v0-0123456.m4s") == nil)
    #expect(value(one, "/live/s-v0-42.m4s") == nil)
    #expect(value(one, "/live/s-v1-00042.m4s") == nil)
    #expect(value(one, "/live/s-v0-00042.m4sx") == nil)
    #expect(value(one, "/live/s-v0-99999999999999999999999.m4s") == nil)
    #expect(value(one, "/live/s-v0-.m4s") == nil)
  }

  @Test func `lie where the base URLs lead`() throws {
    let base = ("<BaseURL>http://origin/a/</BaseURL>", "<BaseURL>b/</BaseURL>")
    let template = "<SegmentTemplate duration=\"2\" media=\"../$Time$/$Bandwidth$.m4s\"/>"
    let one = try #require(try series(template, around: base).first)

    #expect(one.path.path(of: 7) == Array("/a/7/500.m4s".utf8))
    #expect(one.path.isTime)
  }

  @Test(arguments: [
    "same.m4s", "$Number$-$Time$.m4s", "$Number$-$Number$.m4s", "$Number$0.m4s", "s?n=$Number$",
    "$Other$.m4s", "&#0;$Number$",
  ])
  func `are not followed where no single number tells them`(media: String) throws {
    let all = try series("<SegmentTemplate duration=\"2\" media=\"\(media)\"/>")

    #expect(all.isEmpty)
  }

  @Test(arguments: [("Number", 10, 13, 14), ("Time", 0, 6000, 8000)])
  func `are due by the clock where they are numbered`(
    name: String, before: UInt64, newest: UInt64, next: UInt64
  ) throws {
    let one = try #require(
      try series(
        """
        <SegmentTemplate timescale="1000" duration="2000" startNumber="10" media="$\(name)$.m4s"/>
        """
      ).first)

    let now = Milliseconds(Self.start + 9500)
    #expect(one.newest(at: now) == newest)
    #expect(one.next(at: now) == next)
    #expect(one.newest(at: Milliseconds(Self.start + 1999)) == nil)
    #expect(one.next(at: Milliseconds(Self.start - 99_999)) == before)
    #expect(one.duration == Milliseconds(2000))
    #expect(one.isOverdue(newest, by: Milliseconds(1500), at: now))
    #expect(!one.isOverdue(newest, by: Milliseconds(1501), at: now))
    #expect(!one.isOverdue(next, by: .zero, at: now))
    #expect(one.next(after: newest) == next && one.next(after: .max) == nil)
    #expect(one.newest(at: Milliseconds(.max)) != nil)
    #expect(one.newest(at: Milliseconds(.min)) == nil)
    #expect(!one.isOverdue(newest, by: Milliseconds(.max), at: Milliseconds(.min)))
  }

  @Test func `are due as early as their availability says`() throws {
    let one = try #require(
      try series(
        "<SegmentTemplate duration=\"2\" availabilityTimeOffset=\"1\" media=\"$Number$.m4s\"/>"
      ).first)

    #expect(one.newest(at: Milliseconds(Self.start + 999)) == nil)
    #expect(one.newest(at: Milliseconds(Self.start + 1000)) == 1)
  }

  @Test(arguments: [("Number", 18, 19), ("Time", 1300, 1400)])
  func `are those that a timeline lists`(name: String, newest: UInt64, next: UInt64) throws {
    let one = try #require(
      try series(
        """
        <SegmentTemplate timescale="100" startNumber="7" media="$\(name)$.m4s"><SegmentTimeline>\
        <S t="0" d="200" r="1"/><S d="100" r="9"/></SegmentTimeline></SegmentTemplate>
        """
      ).first)

    #expect(one.newest(at: .zero) == newest)
    #expect(one.next(at: .zero) == next)
    #expect(one.duration == Milliseconds(1000))
    #expect(!one.isOverdue(newest, by: .zero, at: Milliseconds(.max)))
  }

  @Test func `are none of a manifest that has ended`() throws {
    let text = """
      <MPD type="static"><Period><AdaptationSet><Representation id="v" bandwidth="1">\
      <SegmentTemplate duration="2" media="$Number$.m4s"/></Representation></AdaptationSet>\
      </Period></MPD>
      """
    let read = Manifest.read(Array(text.utf8).span)
    let manifest = try #require(read)

    #expect(manifest.segmentSeries(path: Array("/a.mpd".utf8), now: .zero).isEmpty)
  }
}
