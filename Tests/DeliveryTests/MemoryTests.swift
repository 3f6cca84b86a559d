import Bytes
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A memory tier that is full` {
  private let fields = "Cache-Control: max-age=600"

  /// Starts so many Fills that the whole pool is promised: of the origin's slow objects.
  private func fill(_ lab: Lab, _ edge: LabEdge, _ origin: ScriptedOrigin) -> [LabViewer] {
    origin.answer = { request in
      let body = Payload.bytes(request.target, count: 1 << 20)
      return .ok(
        body, fields, pieces: request.target.hasPrefix("/slow") ? 10 : 1, every: Milliseconds(500))
    }
    let viewers = (0..<8).map { lab.viewer().asks("/slow/\($0).mp4") }
    lab.until("the pool is promised") { edge.node.arena.usedBytes == lab.memory }
    return viewers
  }

  @Test func `refuses a new Fill with 503 within a second, and running ones do not notice`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      let edge = lab.edge()
      let running = fill(lab, edge, origin)

      let asked = lab.now
      let refused = lab.viewer().asks("/fast.mp4")
      lab.untilDone([refused])

      refused.expect(503)
      #expect((lab.now - asked).count <= 1100)
      #expect(edge.counted(.fillsRefused) == 1)
      lab.untilDone(running)
      for (number, viewer) in running.enumerated() {
        viewer.expect(200, Payload.bytes("/slow/\(number).mp4", count: 1 << 20))
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `serves who waits as soon as there is room, through a window if need be`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      let edge = lab.edge()
      let running = fill(lab, edge, origin)
      lab.wait(Milliseconds(4000))

      let waiting = lab.viewer().asks("/fast.mp4")
      lab.untilDone(running + [waiting])

      waiting.expect(200, Payload.bytes("/fast.mp4", count: 1 << 20))
      for viewer in running { #expect(viewer.last.end == .whole) }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `keeps its hot set through a scan ten times its size`() {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      lab.memory = 8 << 20
      let origin = lab.origin()
      origin.answer = { .ok(Payload.bytes($0.target, count: 40_000), fields) }
      let edge = lab.edge(workers: 2)
      let hot = (0..<20).map { "/hot/\($0).ts" }
      let viewer = lab.viewer()
      for _ in 0..<3 {
        for target in hot { ask(viewer, target, lab) }
      }
      let before = hot.reduce(0) { $0 + origin.requestCount($1) }

      for number in 0..<2000 {
        ask(viewer, "/cold/\(number).ts", lab)
        if number.isMultiple(of: 20) { ask(viewer, hot[number / 20 % 20], lab) }
      }
      for target in hot { ask(viewer, target, lab) }

      let after = hot.reduce(0) { $0 + origin.requestCount($1) }
      #expect(before == 20)
      #expect(after - before <= 2, "the scan pushed hot objects out")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `stays within its bound through a churn of many objects`() {
    scenario(seeds: 1...1, isAlwaysFast: true) { lab in
      lab.memory = 2 << 20
      lab.world.link.latency = .zero
      let body = Payload.bytes("small", count: 700)
      let origin = lab.origin()
      origin.answer = { _ in .ok(body, fields) }
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(50)
      var asked = 0
      var highest = 0

      while asked < 10_000 {
        for viewer in viewers {
          for _ in 0..<10 {
            viewer.asks("/o/\(asked)")
            asked += 1
          }
        }
        let wanted = asked / viewers.count
        let outcome = lab.run { viewers.allSatisfy { $0.answerCount == wanted } }
        guard outcome == .met else {
          Issue.record("the churn stopped at \(asked)")
          return
        }
        origin.forgets()
        for viewer in viewers { viewer.forgets() }
        highest = max(highest, edge.node.arena.usedBytes + edge.node.table.overheadBytes)
      }

      #expect(highest <= lab.memory * 11 / 10)
      #expect(edge.counted(.fillsSealed) == 10_000)
      lab.expectNothingLeft(of: edge)
    }
  }

  private func ask(_ viewer: LabViewer, _ target: String, _ lab: Lab) {
    let wanted = viewer.answerCount + 1
    viewer.asks(target)
    lab.until("an answer") { viewer.answerCount == wanted || viewer.over != nil }
    viewer.forgets()
  }
}

@Suite(.seeded) struct `An object too large to be kept` {
  private let target = "/vod/large.mp4"
  private let large = Payload.bytes("large", count: 6 << 20)

  @Test func `streams through a window, and a slow reader holds its origin back`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(large, "Cache-Control: max-age=600"))
      let edge = lab.edge(workers: 2)

      let viewer = lab.viewer(over: .slow(bytesPerSecond: 1_000_000, bufferBytes: 65_536))
      viewer.asks(target)
      lab.wait(.seconds(2))
      let ahead = edge.counted(.originBytesReceived) - viewer.last.body.count
      lab.untilDone([viewer])

      #expect(ahead < 1_300_000, "more than a window and the sockets' buffers was read ahead")
      viewer.expect(200, large)
      #expect(edge.node.table.objectCount == 0)
      #expect(edge.counted(.memoryAdmissionsRefused) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `laps a reader that is slower than the fastest, and says so`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(large, "Cache-Control: max-age=600", after: Milliseconds(100)))
      let edge = lab.edge(workers: 2)

      let slow = lab.viewer(over: .slow(bytesPerSecond: 100_000, bufferBytes: 8192))
      slow.asks(target)
      let fast = lab.viewer().asks(target)
      lab.untilDone([fast])
      lab.untilDone([slow])

      fast.expect(200, large)
      slow.expectCut()
      let isPrefix = Payload.areSame(slow.last.body, Array(large[..<slow.last.body.count]))
      #expect(isPrefix)
      #expect(edge.counted(.readersLapped) == 1)
      #expect(origin.requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is taken up again by a lapped reader, where a strong validator proves it the same`() {
    scenario(isAlwaysFast: true) { lab in
      let tag = "ETag: \"one\""
      let origin = lab.origin()
      origin.answer = { [large] request in
        guard let range = request.field("Range"), request.field("If-Range") == "\"one\"",
          let first = Int(range.dropFirst(6).prefix { $0.isNumber })
        else { return .ok(large, tag, "Cache-Control: max-age=600", after: Milliseconds(100)) }
        let place = "Content-Range: bytes \(first)-\(large.count - 1)/\(large.count)"
        return .ok(Array(large[first...]), tag, place, status: 206)
      }
      let edge = lab.edge(workers: 2)

      let slow = lab.viewer(over: .slow(bytesPerSecond: 200_000, bufferBytes: 8192))
      slow.asks(target)
      let fast = lab.viewer().asks(target)
      lab.untilDone([fast, slow])

      fast.expect(200, large)
      slow.expect(200, large)
      #expect(edge.counted(.readersLapped) == 1)
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `whose rest is refused to a lapped reader costs the next viewer nothing`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .ok(large, "ETag: \"one\"", "Cache-Control: max-age=600", after: Milliseconds(100)))
      origin.answers("/small.bin", .ok([1, 2, 3], "Cache-Control: max-age=600"))
      let edge = lab.edge(workers: 1)
      let slow = lab.viewer(over: .slow(bytesPerSecond: 100_000, bufferBytes: 8192))
      slow.asks(target)
      let fast = lab.viewer().asks(target)
      lab.untilDone([fast, slow])
      slow.expectCut()

      // One of them gets the place of the viewer whose transfer was reset.
      let others = lab.viewers(2)
      for other in others { other.asks("/small.bin") }
      lab.untilDone(others)

      for other in others { other.expect(200, [1, 2, 3]) }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `and of unknown length goes on when its reader leaves and another comes`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .chunked(large, "Cache-Control: max-age=600", pieces: 60, every: Milliseconds(50)))
      let edge = lab.edge()

      let first = lab.viewer().asks(target)
      lab.wait(Milliseconds(500))
      first.leaves()
      lab.wait(.seconds(10))
      #expect(edge.counted(.fillsActive) == 0, "a Fill without a reader holds its window")
      let second = lab.viewer().asks(target)
      lab.untilDone([second])

      second.expect(200, large)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `passes while it is known to be too large`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(large, "Cache-Control: max-age=600"))
      let edge = lab.edge()
      let first = lab.viewer().asks(target)
      lab.untilDone([first])

      let viewers = lab.viewers(3)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, large) }
      #expect(edge.counted(.fillsStarted) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `An object that leaves memory` {
  private let fields = "Cache-Control: max-age=600"

  @Test func `while a viewer has stopped reading goes on to him or is cut, and is never another`() {
    scenario { lab in
      lab.memory = 2 << 20
      let origin = lab.origin()
      origin.answer = { .ok(Payload.bytes($0.target, count: 100_000), fields) }
      let edge = lab.edge(workers: 2)
      let early = lab.viewer().asks("/old.ts")
      lab.untilDone([early])

      let stopped = lab.viewer()
      stopped.asks("/old.ts")
      stopped.stopsReading()
      lab.wait(.seconds(1))
      edge.forgetsEverything()
      for round in 0..<2 {
        let others = (0..<10).map { lab.viewer().asks("/new/\(round)/\($0).ts") }
        lab.untilDone(others, limit: .seconds(1000))
      }
      stopped.readsOn()
      lab.untilDone([stopped], limit: .seconds(1000))

      let old = Payload.bytes("/old.ts", count: 100_000)
      let isOld = Payload.areSame(stopped.last.body, Array(old[..<stopped.last.body.count]))
      #expect(isOld)
      #expect(stopped.last.end == .cut || stopped.last.body.count == 100_000)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `by a purge gives its memory back when it is next asked for`() {
    scenario(isAlwaysFast: true) { lab in
      let origin = lab.origin()
      origin.answer = { .ok(Payload.bytes($0.target, count: 300_000), fields) }
      let edge = lab.edge(workers: 4)
      for worker in 0..<4 {
        let viewer = lab.viewer(onWorker: worker).asks("/a.ts")
        lab.untilDone([viewer])
      }
      let used = edge.node.arena.usedBytes

      for _ in 0..<5 {
        edge.purges(.prefix(site: 0, path: Array("/".utf8)))
        let viewer = lab.viewer(onWorker: 0).asks("/a.ts")
        lab.untilDone([viewer])
      }
      lab.wait(Milliseconds(10))

      #expect(edge.node.arena.usedBytes == used, "workers still hold what was purged")
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `by a purge costs no look at any object, however many there are`() {
    scenario(seeds: 1...1, isAlwaysFast: true) { lab in
      lab.memory = 64 << 20
      let body = Payload.bytes("small", count: 700)
      let origin = lab.origin()
      origin.answer = { _ in .ok(body, fields) }
      let edge = lab.edge()
      let viewer = lab.viewer()
      for number in 0..<1000 { viewer.asks("/o/\(number)") }
      lab.until("a thousand objects", limit: .seconds(600)) { viewer.answerCount == 1000 }
      let objects = edge.node.table.objectCount

      let turns = edge.counted(.turns)
      edge.purges(.site(0))

      // Nothing was searched and nobody was told: the objects stay until they are asked for.
      #expect(edge.node.table.objectCount == objects)
      lab.wait(.seconds(1))
      #expect(edge.counted(.messages) == 0)
      #expect(edge.counted(.turns) - turns < 200)
      #expect(edge.node.table.objectCount == objects)
      let later = lab.viewer().asks("/o/7")
      lab.untilDone([later])
      #expect(origin.requestCount("/o/7") == 2)
      lab.expectNothingLeft(of: edge)
    }
  }
}
