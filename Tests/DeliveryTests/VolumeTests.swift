import Bytes
import Cache
import Delivery
import Loop
import Policy
import Store
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `An object on a volume` {
  private let kept = "Cache-Control: max-age=3600"
  private let short = Payload.bytes("poster", count: 5000)
  private let long = Payload.bytes("film", count: 3_000_000)

  /// A node with a volume that has fetched `body`, and whose memory has lost it again.
  private func stored(
    _ body: [UInt8], _ fields: String..., memory: Int = 64 << 20, asks: [String] = [],
    check: (Lab, LabEdge, LabViewer, ScriptedOrigin, LabDisk) -> Void
  ) {
    scenario(seeds: 1...2) { lab in
      let folder = LabFolder()
      let disk = LabDisk(in: folder)
      lab.memory = memory
      lab.objectBytesMax = 1 << 30
      let origin = lab.origin()
      origin.answers("/a.bin", ScriptedAnswer.ok(body, kept, fields.first ?? "ETag: \"one\""))
      let edge = lab.edge(disk: disk.tier)
      let viewer = lab.viewer()
      viewer.asks("/a.bin", asks, method: "GET", host: "live.example.com")
      lab.untilDone([viewer])
      viewer.expect(200, body)
      edge.forgetsEverything()
      lab.wait(Milliseconds(10))
      #expect(edge.node.table.objectCount == 0)
      check(lab, edge, viewer, origin, disk)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is served again without its origin, short or long`() {
    for body in [short, long] {
      stored(body) { lab, edge, viewer, origin, _ in
        viewer.asks("/a.bin")
        lab.until("it comes from the volume") { viewer.wholeCount == 2 }

        viewer.expect(200, body)
        #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit") == true)
        #expect(origin.requests.count == 1)
        #expect(edge.counted(.diskHits) == 1)
      }
    }
  }

  @Test func `is written down at its viewer's pace, who is slower than any disk`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let folder = LabFolder()
      let disk = LabDisk(in: folder)
      lab.memory = 8 << 20
      lab.objectBytesMax = 1 << 30
      let origin = lab.origin()
      origin.answers("/a.bin", .ok(long, kept))
      let edge = lab.edge(disk: disk.tier)

      let slow = lab.viewer(over: .slow(bytesPerSecond: 500_000, bufferBytes: 8192))
      slow.asks("/a.bin")
      lab.untilDone([slow])

      slow.expect(200, long)
      #expect(edge.counted(.readersLapped) == 0)
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `answers ranges and conditions like one in memory`() {
    stored(long) { lab, _, viewer, origin, _ in
      viewer.asks("/a.bin", "Range: bytes=2000000-2000099")
      lab.until("the range comes") { viewer.wholeCount == 2 }
      viewer.expect(206, Array(long[2_000_000..<2_000_100]))

      viewer.asks("/a.bin", "If-None-Match: \"one\"")
      lab.until("the condition is answered") { viewer.wholeCount == 3 }
      viewer.expect(304)
      #expect(origin.requests.count == 1)
    }
  }

  @Test func `is asked for once by all who miss it in memory`() {
    stored(long) { lab, edge, _, origin, _ in
      let others = lab.viewers(20)
      for other in others { other.asks("/a.bin") }
      lab.untilDone(others)

      for other in others { other.expect(200, long) }
      #expect(origin.requests.count == 1)
      #expect(edge.counted(.diskHits) == 1)
    }
  }

  @Test func `has its variants, and no viewer gets another's`() {
    stored(short, "Vary: X-Kind", asks: ["X-Kind: a"]) { lab, edge, viewer, origin, _ in
      let other = Payload.bytes("other", count: 6000)
      origin.answers("/a.bin", .ok(other, kept, "Vary: X-Kind"))
      viewer.asks("/a.bin", "X-Kind: b")
      lab.until("the other variant") { viewer.wholeCount == 2 }
      viewer.expect(200, other)
      edge.forgetsEverything()
      lab.wait(Milliseconds(10))
      let seen = origin.requests.count

      viewer.asks("/a.bin", "X-Kind: a")
      lab.until("the first variant again") { viewer.wholeCount == 3 }
      viewer.expect(200, short)
      viewer.asks("/a.bin", "X-Kind: b")
      lab.until("the second variant again") { viewer.wholeCount == 4 }
      viewer.expect(200, other)
      #expect(origin.requests.count == seen)
    }
  }

  @Test func `is revalidated with its validators once it is stale`() {
    stored(short) { lab, _, viewer, origin, _ in
      origin.answer = { request in
        #expect(request.field("If-None-Match") == "\"one\"")
        return .status(304, "Cache-Control: max-age=7200", "ETag: \"one\"")
      }
      lab.wait(.seconds(3700))
      let late = lab.viewer()
      late.asks("/a.bin")
      lab.untilDone([late])

      late.expect(200, short)
      #expect(origin.requests.count == 2)
      _ = viewer
    }
  }

  @Test func `is not served again after a purge`() {
    stored(short) { lab, edge, viewer, origin, _ in
      edge.purges(.prefix(site: 0, path: Array("/".utf8)))
      viewer.asks("/a.bin")
      lab.until("it is fetched again") { viewer.wholeCount == 2 }

      viewer.expect(200, short)
      #expect(origin.requests.count == 2)
    }
  }

  @Test func `is not served again once its origin says that it is nobody's`() {
    stored(short) { lab, edge, viewer, origin, disk in
      edge.purges(.everything)
      origin.answers("/a.bin", .ok(short, "Cache-Control: private"))
      viewer.asks("/a.bin")
      lab.until("it is fetched again") { viewer.wholeCount == 2 }

      #expect(disk.store.directory.count == 0)
    }
  }

  @Test func `answers who wants nothing but what is stored`() {
    stored(short) { lab, _, viewer, origin, _ in
      viewer.asks("/a.bin", "Cache-Control: only-if-cached")
      lab.until("it is answered") { viewer.wholeCount == 2 }

      viewer.expect(200, short)
      #expect(origin.requests.count == 1)
    }
  }

  @Test func `outlives the zone that it lies in while memory alone answers for it`() {
    scenario(seeds: 1...1, isAlwaysFast: true) { lab in
      let folder = LabFolder()
      let disk = LabDisk(in: folder)
      lab.memory = 128 << 20
      lab.objectBytesMax = 1 << 30
      let origin = lab.origin()
      // Fresh by the real clock as well, which the volume's writer asks.
      let lasting = "Cache-Control: max-age=1500000000"
      origin.answers("/hot.bin", .ok(short, lasting))
      origin.answers("/cold.bin", .ok(short, lasting))
      for number in 0..<20 { origin.answers("/\(number).bin", .ok(long, kept)) }
      let edge = lab.edge(disk: disk.tier)
      let viewer = lab.viewer()
      for path in ["/cold.bin", "/hot.bin", "/hot.bin", "/hot.bin"] { viewer.asks(path) }
      for number in 0..<20 { viewer.asks("/\(number).bin") }
      lab.until("all have come") { viewer.wholeCount == 24 }
      edge.forgetsEverything()
      lab.wait(Milliseconds(10))
      let seen = origin.requests.count

      // The volume of 32 MiB has been written over twice.
      viewer.asks("/hot.bin")
      lab.until("it comes from the volume") { viewer.wholeCount == 25 }
      viewer.expect(200, short)
      #expect(origin.requests.count == seen)
      viewer.asks("/cold.bin")
      lab.until("what nobody asked for is fetched again") { viewer.wholeCount == 26 }
      #expect(origin.requests.count == seen + 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is written while it passes where memory does not keep it`() {
    stored(long, memory: 8 << 20) { lab, _, viewer, origin, disk in
      #expect(disk.store.directory.count == 1)
      viewer.asks("/a.bin")
      lab.until("it comes from the volume") { viewer.wholeCount == 2 }

      viewer.expect(200, long)
      #expect(origin.requests.count == 1)
    }
  }
}
