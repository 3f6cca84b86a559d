import Bytes
import Testing

@testable import Load

/// A player that comes to the end of a period of a live manifest.
@Suite struct `A player between two periods` {
  private static let second: Int64 = 1_000_000_000

  /// One server until the eighth second, another one from there, whose segments start at odd ones.
  private static func manifest(hasFirst: Bool = true, hasSecond: Bool = true, from: Int = 7)
    -> [UInt8]
  {
    func period(_ id: String, _ start: Int, _ rest: String, _ offset: Int, _ times: String)
      -> String
    {
      """
      <Period id="\(id)" start="PT\(start)S"\(rest)><AdaptationSet contentType="video">
      <Representation id="v" bandwidth="1"><SegmentTemplate media="\(id)-$Time$.m4s"
      initialization="\(id)-i" presentationTimeOffset="\(offset)"><SegmentTimeline>\(times)
      </SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period>
      """
    }
    let first = period(
      "a", 0, hasSecond ? " duration=\"PT\(from)S\"" : "", 0, "<S t=\"2\" d=\"2\" r=\"2\"/>")
    let second = period("b", from, "", 900, "<S t=\"900\" d=\"2\" r=\"1\"/>")
    return Array(
      """
      <MPD type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" minimumUpdatePeriod="PT1S"
      suggestedPresentationDelay="PT2S">\(hasFirst ? first : "")\(hasSecond ? second : "")</MPD>
      """.utf8)
  }

  private static func presentation(_ body: [UInt8]) -> DASHPresentation? {
    DASHPresentation(
      body, at: Array("/m.mpd".utf8), authority: "h", now: 8 * second, choose: { _ in 0 })
  }

  /// The names and lengths of what it asks for, in seconds, until it has to wait.
  private static func play(_ presentation: inout DASHPresentation) -> [String] {
    var played: [String] = []
    while played.count < 9, case .ask(let request) = presentation.step(0, at: 0, isHungry: true) {
      if case .media(_, let unit) = request.purpose {
        let seconds = unit.duration / second
        played.append("\(String(decoding: request.target, as: UTF8.self)) \(seconds)")
      }
      presentation.done(request)
    }
    return played
  }

  @Test func `plays on without a gap, and shows nothing twice`() throws {
    var presentation = try #require(Self.presentation(Self.manifest(hasSecond: false)))
    let before = Self.play(&presentation)
    _ = presentation.take(Self.manifest(), asked: 0, at: 0)
    let behind = Self.play(&presentation)
    let news = presentation.examine(at: 0)

    #expect(before == ["/a-6.m4s 2"])
    #expect(behind == ["/b-900.m4s 1", "/b-902.m4s 2"])
    #expect(news.missed == 0)
  }

  @Test func `stays where it is when the period before leaves the manifest`() throws {
    var presentation = try #require(Self.presentation(Self.manifest(hasSecond: false)))
    _ = Self.play(&presentation)
    _ = presentation.take(Self.manifest(), asked: 0, at: 0)
    let played = Self.play(&presentation)
    _ = presentation.take(Self.manifest(hasFirst: false), asked: 0, at: 0)
    let again = Self.play(&presentation)

    #expect(played.count == 2)
    #expect(again == [])
  }

  @Test func `counts what is left out between them as missed`() throws {
    var presentation = try #require(Self.presentation(Self.manifest(hasSecond: false)))
    _ = Self.play(&presentation)
    _ = presentation.take(Self.manifest(from: 10), asked: 0, at: 0)
    _ = Self.play(&presentation)
    let news = presentation.examine(at: 0)

    #expect(news.missed == 1)
  }
}
