import Bytes
import Cache
import Delivery
import Loop
import Policy
import Store
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A large file in slices` {
  private let slice = 65_536
  private let film = Payload.bytes("film", count: 1_000_000)

  /// A node that slices, with an origin that answers ranges of `film` under a strong tag.
  private func sliced(
    _ fields: String = "Cache-Control: max-age=3600", tag: String = "\"one\"",
    check: (Lab, LabEdge, LabViewer, ScriptedOrigin, LabDisk) -> Void
  ) {
    scenario(seeds: 1...2) { lab in
      let folder = LabFolder()
      let disk = LabDisk(in: folder)
      lab.memory = 64 << 20
      lab.objectBytesMax = 1 << 30
      var rule = RuleSettings(match: "/**")
      rule.sliceBytes = slice
      lab.rules = [rule]
      let origin = lab.origin()
      let answers = RangedAnswer(film, tag: tag, fields)
      origin.answer = { answers.answer(to: $0) }
      let edge = lab.edge(disk: disk.tier)
      check(lab, edge, lab.viewer(), origin, disk)
      lab.expectNothingLeft(of: edge)
    }
  }

  /// Bytes that the origin was asked for.
  private func asked(_ origin: ScriptedOrigin) -> Int {
    origin.requests.reduce(0) { sum, request in
      guard let range = request.field("Range") else { return sum + film.count }
      let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
      return sum + max(0, min(ends[1], film.count - 1) - ends[0] + 1)
    }
  }

  @Test(arguments: [(0, 99), (65_530, 65_540), (700_000, 900_000), (999_990, 999_999)])
  func `is fetched only where it is wanted`(first: Int, last: Int) {
    sliced { lab, _, viewer, origin, _ in
      viewer.asks("/film.bin", "Range: bytes=\(first)-\(last)")
      lab.untilDone([viewer])

      viewer.expect(206, Array(film[first...last]))
      #expect(viewer.last.field("Content-Range") == "bytes \(first)-\(last)/\(film.count)")
      #expect(asked(origin) <= last - first + 1 + 2 * slice)
    }
  }

  @Test func `is put together of its slices, and fetched once`() {
    sliced { lab, _, viewer, origin, _ in
      viewer.asks("/film.bin")
      lab.untilDone([viewer])
      viewer.expect(200, film)
      #expect(asked(origin) == film.count)

      let others = lab.viewers(10)
      for (index, other) in others.enumerated() {
        other.asks("/film.bin", "Range: bytes=\(index * 90_000)-\(index * 90_000 + 70_000)")
      }
      lab.untilDone(others)
      for (index, other) in others.enumerated() {
        other.expect(206, Array(film[(index * 90_000)...(index * 90_000 + 70_000)]))
        #expect(other.last.field("Cache-Status")?.hasPrefix("edge;hit") == true)
      }
      #expect(asked(origin) == film.count)
    }
  }

  @Test func `says that the origin is asked for a part of it`() {
    sliced { lab, _, viewer, _, _ in
      viewer.asks("/film.bin", "Range: bytes=0-9")
      lab.untilDone([viewer])
      #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;fwd=uri-miss") == true)

      viewer.asks("/film.bin", "Range: bytes=500000-500009")
      lab.until("a part that is not here") { viewer.wholeCount == 2 }
      #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;fwd=partial") == true)
    }
  }

  @Test func `keeps its slices on the volume`() {
    sliced { lab, edge, viewer, origin, _ in
      viewer.asks("/film.bin", "Range: bytes=200000-400000")
      lab.untilDone([viewer])
      let seen = asked(origin)
      edge.forgetsEverything()
      lab.wait(Milliseconds(10))

      viewer.asks("/film.bin", "Range: bytes=200000-400000")
      lab.until("the same again") { viewer.wholeCount == 2 }
      viewer.expect(206, Array(film[200_000...400_000]))
      #expect(asked(origin) == seen)

      viewer.asks("/film.bin", "Range: bytes=0-400000")
      lab.until("more of it") { viewer.wholeCount == 3 }
      viewer.expect(206, Array(film[0...400_000]))
      #expect(asked(origin) <= seen + 200_000 + 2 * slice)
    }
  }

  @Test func `drops all slices of a version that its origin has replaced`() {
    sliced { lab, _, viewer, origin, disk in
      viewer.asks("/film.bin", "Range: bytes=0-200000")
      lab.untilDone([viewer])
      let other = Payload.bytes("remake", count: 1_000_000)
      let answers = RangedAnswer(other, tag: "\"two\"", "Cache-Control: max-age=60")
      origin.answer = { answers.answer(to: $0) }

      viewer.asks("/film.bin", "Range: bytes=0-999999")
      lab.until("the transfer breaks") { viewer.isDone && viewer.responses.count == 2 }
      viewer.expectCut()

      let late = lab.viewer()
      late.asks("/film.bin", "Range: bytes=0-999999")
      lab.untilDone([late])
      late.expect(206, other)
      #expect(disk.store.directory.count == 1)
    }
  }

  @Test func `is asked for whole where no tag proves its slices`() {
    sliced(tag: "W/\"weak\"") { lab, _, viewer, origin, _ in
      viewer.asks("/film.bin", "Range: bytes=0-99")
      lab.untilDone([viewer])

      viewer.expect(206, Array(film[0...99]))
      #expect(origin.requests.last?.field("Range") == nil)
    }
  }

  @Test func `beyond its end there is nothing`() {
    sliced { lab, _, viewer, _, _ in
      viewer.asks("/film.bin", "Range: bytes=2000000-2000010")
      lab.untilDone([viewer])
      viewer.expect(416)
      #expect(viewer.last.field("Content-Range") == "bytes */\(film.count)")

      viewer.asks("/film.bin", "Range: bytes=-100")
      lab.until("its end") { viewer.wholeCount == 2 }
      viewer.expect(206, Array(film.suffix(100)))
    }
  }

  @Test func `is not shared where it is private`() {
    sliced("Cache-Control: private") { lab, _, viewer, _, disk in
      viewer.asks("/film.bin", "Range: bytes=0-99")
      lab.untilDone([viewer])

      viewer.expect(206, Array(film[0...99]))
      #expect(disk.store.directory.count == 0)
    }
  }
}
