import Bytes
import Streams
import Testing

@testable import Load

@Suite struct `A timeline` {
  private func read(_ entries: String, periodUnits: UInt64? = nil) -> Timeline? {
    let text = """
      <MPD type="static"><Period><AdaptationSet contentType="video"><SegmentTemplate media="$Time$">
      <SegmentTimeline>\(entries)</SegmentTimeline></SegmentTemplate>
      <Representation id="v" bandwidth="1"/></AdaptationSet></Period></MPD>
      """
    let bytes = Array(text.utf8)
    guard let manifest = Manifest.read(bytes.span),
      let template = manifest.periods.first?.adaptationSets.first?.representations.first?.template
    else { return nil }
    return Timeline(template, periodUnits: periodUnits)
  }

  @Test func `finds segments across its entries, as far as they go`() throws {
    let timeline = try #require(read("<S t=\"100\" d=\"10\" r=\"2\"/><S d=\"5\"/>"))

    #expect(timeline.first == 100 && timeline.end == 135)
    #expect(timeline.segment(from: 0) == .init(index: 0, time: 100, duration: 10))
    #expect(timeline.segment(from: 110) == .init(index: 1, time: 110, duration: 10))
    #expect(timeline.segment(from: 113) == .init(index: 2, time: 120, duration: 10))
    #expect(timeline.segment(from: 130) == .init(index: 3, time: 130, duration: 5))
    #expect(timeline.segment(from: 135) == nil)
  }

  @Test func `takes a time that was rounded up by one`() throws {
    let timeline = try #require(read("<S t=\"99\" d=\"10\" r=\"5\"/>"))

    #expect(timeline.segment(from: 110)?.time == 109)
  }

  @Test func `goes on to the end of the period, or to the next entry, where it says so`() throws {
    let open = try #require(read("<S t=\"0\" d=\"10\" r=\"-1\"/>", periodUnits: 45))
    #expect(open.segment(from: 40)?.index == 4 && open.segment(from: 50) == nil)

    let gap = try #require(read("<S t=\"0\" d=\"10\" r=\"-1\"/><S t=\"30\" d=\"7\"/>"))
    #expect(gap.segment(from: 29)?.time == 30 && gap.end == 37)
  }

  @Test func `counts a billion segments without listing them`() throws {
    let timeline = try #require(
      read("<S t=\"0\" d=\"1000\" r=\"999999999\"/><S t=\"9223372036854775807\" d=\"1\"/>"))

    #expect(timeline.segment(from: 500_000_000_000)?.index == 500_000_000)
    #expect(timeline.segment(from: .max) == nil)
  }
}
