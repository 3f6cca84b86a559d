import Bytes
import Cache
import Delivery
import Policy
import Telemetry
import TestKit
import Testing

private let caching = "Cache-Control: max-age=600"

@Suite(.seeded) struct `The first range of a media file` {
  private let target = "/vod/film.mp4"

  private func ask(_ lab: Lab, _ range: String) -> LabViewer {
    lab.viewer().asks(target, "Range: bytes=\(range)")
  }

  @Test(arguments: ["0-1", "100-5000"])
  func `brings all of a short one`(range: String) {
    scenario { lab in
      let film = Payload.bytes("film", count: 200_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, caching))
      let edge = lab.edge(workers: 2)
      let first = ask(lab, range)
      lab.untilDone([first])
      #expect(first.last.status == 206)
      let whole = lab.viewer().asks(target)
      lab.untilDone([whole])

      whole.expect(200, film)
      #expect(origin.asked.count <= 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: ["\"v1\"", "W/\"v1\"", nil])
  func `makes the whole of a longer one come, once for all`(tag: String?) {
    scenario { lab in
      lab.memory = 64 << 20
      let film = Payload.bytes("film", count: 3 << 20)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, tag: tag, caching))
      let edge = lab.edge(workers: 2)
      let places = [(0, 99), (2_000_000, 2_000_999), (3_000_000, 3_100_000)]
      let viewers = places.map { ask(lab, "\($0.0)-\($0.1)") }
      lab.untilDone(viewers)
      for (viewer, place) in zip(viewers, places) {
        viewer.expect(part: place.0, place.1, of: film)
      }
      let late = ask(lab, "-10")
      lab.untilDone([late])

      late.expect(part: film.count - 10, film.count - 1, of: film)
      #expect(origin.asked.count == 2)
      #expect(origin.asked.last == "-")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `costs no more of a long one than is wanted`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      lab.memory = 256 << 20
      let film = Payload.bytes("film", count: 20 << 20)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, caching))
      let edge = lab.edge(workers: 2)
      let deep = ask(lab, "15000000-15000999")
      lab.until("the origin is asked") { origin.requests.count == 1 }
      let other = ask(lab, "5000000-5000999")
      lab.untilDone([deep, other])
      let again = ask(lab, "15500000-15500999")
      let end = ask(lab, "20000000-")
      lab.untilDone([again, end])

      deep.expect(part: 15_000_000, 15_000_999, of: film)
      other.expect(part: 5_000_000, 5_000_999, of: film)
      again.expect(part: 15_500_000, 15_500_999, of: film)
      end.expect(part: 20_000_000, film.count - 1, of: film)
      #expect(origin.asked.first?.hasSuffix("-") == false)
      #expect(!origin.asked.contains("-"))
      #expect(origin.asked.count == 3)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `begins the slices of a long one that a volume keeps`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      let folder = LabFolder()
      let disk = LabDisk(in: folder, bytes: 128 << 20)
      lab.memory = 256 << 20
      lab.objectBytesMax = 1 << 30
      let film = Payload.bytes("film", count: 40 << 20)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, caching))
      let edge = lab.edge(workers: 2, disk: disk.tier)
      for _ in 0..<2 {
        for first in stride(from: 38_000_000, to: 500_000, by: -1_000_000) {
          let viewer = ask(lab, "\(first)-\(first + 99)")
          lab.untilDone([viewer])
          viewer.expect(part: first, first + 99, of: film)
          viewer.leaves()
        }
      }

      #expect(!origin.asked.contains("-"))
      #expect(origin.asked.count <= 42)
      #expect(Set(origin.asked).count == origin.asked.count)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [2 << 20, 20 << 20])
  func `is told that it lies beyond the end, and nobody else is`(count: Int) {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      lab.memory = 256 << 20
      let film = Payload.bytes("film", count: count)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, caching))
      let edge = lab.edge(workers: 2)
      let beyond = ask(lab, "99000000-")
      lab.until("the origin is asked") { origin.requests.count == 1 }
      let viewers = (0..<5).map { ask(lab, "\($0 * 1000)-\($0 * 1000 + 9)") }
      lab.untilDone(viewers + [beyond])

      beyond.expect(416)
      for (index, viewer) in viewers.enumerated() {
        viewer.expect(part: index * 1000, index * 1000 + 9, of: film)
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is the beginning of all where a viewer wants all from the start`() {
    scenario(seeds: 1...2) { lab in
      let film = Payload.bytes("film", count: 200_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, caching))
      let edge = lab.edge()
      let viewer = ask(lab, "0-")
      lab.untilDone([viewer])

      viewer.expect(part: 0, film.count - 1, of: film)
      #expect(origin.asked == ["-"])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is not asked of a private file in another one's name`() {
    scenario { lab in
      let film = Payload.bytes("film", count: 200_000)
      let origin = lab.origin()
      origin.serves(RangedAnswer(film, "Cache-Control: private"))
      let edge = lab.edge(workers: 2)
      let viewers = [ask(lab, "0-9"), ask(lab, "50-99")]
      lab.untilDone(viewers)

      viewers[0].expect(part: 0, 9, of: film)
      viewers[1].expect(part: 50, 99, of: film)
      lab.expectNothingLeft(of: edge)
    }
  }
}
