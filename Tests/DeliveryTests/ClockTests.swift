import Loop
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `The clock that a live manifest names` {
  private static func manifest(_ clock: String) -> ScriptedAnswer {
    let text = """
      <MPD type="dynamic" availabilityStartTime="2025-01-01T00:00:00Z">\
      <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="\(clock)"/></MPD>
      """
    return .ok(Array(text.utf8), "Content-Type: application/dash+xml")
  }

  private func get(_ lab: Lab, _ target: String) -> ViewerResponse {
    let viewer = lab.viewer()
    viewer.asks(target)
    lab.untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }

  @Test(arguments: ["../time?iso", "http://live.example.com/time", "https://live.example.com/time"])
  func `is asked of its origin each time`(clock: String) {
    scenario(seeds: 1...2) { lab in
      let origin = lab.origin()
      origin.answers("/live/main.mpd", Self.manifest(clock))
      for target in ["/time", "/time?iso"] {
        origin.answers(target, .ok(Array("now".utf8), "Cache-Control: max-age=60"))
      }
      let edge = lab.edge()
      let target = clock.hasSuffix("?iso") ? "/time?iso" : "/time"
      for _ in 0..<2 { #expect(get(lab, target).status == 200) }
      let before = origin.requestCount(target)
      #expect(get(lab, "/live/main.mpd").status == 200)
      for _ in 0..<3 { #expect(get(lab, target).status == 200) }

      #expect(before == 1)
      #expect(origin.requestCount(target) == 4)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is nobody's business where it is another host's`() {
    scenario(seeds: 1...1) { lab in
      let origin = lab.origin()
      origin.answers("/live/main.mpd", Self.manifest("https://time.example.org/time"))
      origin.answers("/time", .ok(Array("now".utf8), "Cache-Control: max-age=60"))
      let edge = lab.edge()
      #expect(get(lab, "/live/main.mpd").status == 200)
      for _ in 0..<3 { #expect(get(lab, "/time").status == 200) }

      #expect(origin.requestCount("/time") == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}
