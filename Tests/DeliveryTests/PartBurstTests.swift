import Bytes
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A partial segment of low-latency HLS` {
  private let playlist = Array(
    """
    #EXTM3U
    #EXT-X-TARGETDURATION:4
    #EXT-X-PART-INF:PART-TARGET=0.5
    #EXT-X-MEDIA-SEQUENCE:7
    #EXTINF:4,
    seg7.m4s
    #EXT-X-PART:DURATION=0.5,URI="seg8.0.m4s"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="seg8.1.m4s"

    """.utf8)
  private let media = Payload.bytes("part", count: 60_000)
  private let fields = "Cache-Control: max-age=60"

  /// Time from a viewer's question to the first byte of his answer, where the origin takes a second
  /// for the bytes.
  private func firstByte(
    of target: String, after playlistTarget: String?
  ) -> Milliseconds {
    var time = Milliseconds.seconds(99)
    scenario(seeds: 1...1, isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(
        "/live/media.m3u8", .ok(playlist, "Content-Type: application/vnd.apple.mpegurl"))
      origin.answers(
        target, .chunked(media, fields, pieces: 10, every: Milliseconds(100)))
      lab.edge(workers: 2)
      if let playlistTarget {
        let reader = lab.viewer().asks(playlistTarget)
        lab.untilDone([reader])
      }

      let asked = lab.now
      let viewer = lab.viewer().asks(target)
      lab.untilDone([viewer])

      viewer.expect(200, media)
      if let first = viewer.last.firstByte { time = first - asked }
    }
    return time
  }

  @Test(arguments: ["/live/seg8.0.m4s", "/live/seg8.1.m4s"])
  func `comes in one burst once its playlist has named it`(target: String) {
    let time = firstByte(of: target, after: "/live/media.m3u8")

    #expect(time >= Milliseconds(900), "all of it was there before the first byte went out")
  }

  @Test func `streams like any other object while no playlist names it`() {
    let time = firstByte(of: "/live/seg8.0.m4s", after: nil)

    #expect(time <= Milliseconds(300))
  }

  @Test func `leaves whole segments of the same playlist streaming`() {
    let time = firstByte(of: "/live/seg7.m4s", after: "/live/media.m3u8")

    #expect(time <= Milliseconds(300))
  }
}
