import Bytes
import Cache
import Delivery
import Loop
import Origin
import Policy
import Telemetry
import TestKit
import Testing

private let playlist = Array(
  "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:4,\nseg7.ts\n".utf8)
private let nextPlaylist = Array(
  "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:8\n#EXTINF:4,\nseg8.ts\n".utf8)
private let hls = "Content-Type: application/vnd.apple.mpegurl"

@Suite(.seeded) struct `A live playlist that has expired` {
  private let target = "/live/main.m3u8"

  @Test func `is refreshed once, and everybody waits for the new one`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(playlist, hls, "Cache-Control: max-age=2"))
      let edge = lab.edge(workers: 2)
      let first = lab.viewer()
      first.asks(target)
      lab.untilDone([first])
      first.expect(200, playlist)

      lab.wait(.seconds(3))
      origin.answers(
        target, .ok(nextPlaylist, hls, "Cache-Control: max-age=2", after: Milliseconds(300)))
      let viewers = lab.viewers(30)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, nextPlaylist) }
      #expect(origin.requestCount(target) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [false, true])
  func `is named to operators where every reload reaches the origin`(isKept: Bool) {
    scenario(seeds: 1...2, isAlwaysFast: true) { lab in
      var rule = RuleSettings(match: "/live/**")
      rule.live = isKept
      lab.rules = [rule]
      let origin = lab.origin()
      origin.answers(target, .ok(playlist, hls, "Cache-Control: no-store"))
      let edge = lab.edge()
      for _ in 0..<200 {
        let viewer = lab.viewer()
        viewer.asks(target)
        lab.untilDone([viewer])
        viewer.leaves()
        lab.wait(Milliseconds(100))
      }
      let busy = edge.node.streams.busy(at: lab.now)

      #expect(busy.map(\.path) == (isKept ? [] : [Array(target.utf8)]))
      #expect(busy.allSatisfy { $0.perSecond > OriginLimits.busyPerSecond })
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is good again after a 304, on the same origin connection`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        request.field("If-None-Match") == "\"v7\""
          ? .status(304, "ETag: \"v7\"", "Cache-Control: max-age=2")
          : .ok(playlist, hls, "ETag: \"v7\"", "Cache-Control: max-age=2")
      }
      let edge = lab.edge()
      let first = lab.viewer()
      first.asks(target)
      lab.untilDone([first])

      for _ in 0..<3 {
        lab.wait(.seconds(3))
        let viewers = lab.viewers(5)
        for viewer in viewers { viewer.asks(target) }
        lab.untilDone(viewers)
        for viewer in viewers { viewer.expect(200, playlist) }
      }

      #expect(origin.requests.count == 4)
      #expect(origin.connectionCount == 1)
      #expect(edge.counted(.fillsRevalidated) == 3)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is served from before while its origin is down`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(playlist, hls, "Cache-Control: max-age=2, stale-if-error=30"))
      let edge = lab.edge(workers: 2)
      let first = lab.viewer()
      first.asks(target)
      lab.untilDone([first])

      lab.wait(.seconds(3))
      origin.stopsListening()
      origin.resetsConnections()
      let viewers = lab.viewers(10)
      for viewer in viewers { viewer.asks(target) }
      lab.untilDone(viewers)

      for viewer in viewers {
        viewer.expect(200, playlist)
        #expect(viewer.last.field("Cache-Status")?.contains("detail=stale-if-error") == true)
      }
      #expect(edge.counted(.originConnectRefused) <= 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is served from before while its origin answers 503`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(playlist, hls, "Cache-Control: max-age=2, stale-if-error=30"))
      lab.edge()
      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      lab.wait(.seconds(3))
      origin.answers(target, .status(503))
      viewer.asks(target)
      lab.until("a second answer") { viewer.wholeCount == 2 }

      viewer.expect(200, playlist)
    }
  }

  @Test func `of three megabytes in chunks is passed on without being held`() {
    scenario(seeds: 1...1) { lab in
      let origin = lab.origin()
      let long = Payload.bytes("long", count: 3 << 20)
      origin.answers(target, .chunked(long, hls, pieces: 100, every: Milliseconds(10)))
      let edge = lab.edge()

      let viewer = lab.viewer()
      viewer.asks(target)
      lab.untilDone([viewer])

      viewer.expect(200, long)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `An object that is stale` {
  private let target = "/vod/poster.jpg"
  private let old = Payload.bytes("poster", count: 50_000)
  private let new = Payload.bytes("poster", count: 51_000, version: 2)

  @Test func `is served while one refresh runs`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(old, "Cache-Control: max-age=2, stale-while-revalidate=60"))
      let edge = lab.edge(workers: 2)
      let first = lab.viewer()
      first.asks(target)
      lab.untilDone([first])

      lab.wait(.seconds(5))
      origin.answers(
        target, .ok(new, "Cache-Control: max-age=60", after: Milliseconds(900)))
      let during = lab.viewers(10)
      for viewer in during { viewer.asks(target) }
      lab.until("all see the old one") { during.allSatisfy { $0.last.headTime != nil } }
      lab.untilDone(during)
      lab.until("the refresh ends") { edge.counted(.fillsSealed) == 2 }
      let after = lab.viewers(10)
      for viewer in after { viewer.asks(target) }
      lab.untilDone(after)

      for viewer in during { viewer.expect(200, old) }
      for viewer in after { viewer.expect(200, new) }
      #expect(origin.requestCount(target) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is gone at once when it is purged`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(target, .ok(old, "Cache-Control: max-age=600", "Surrogate-Key: a posters"))
      let edge = lab.edge(workers: 2)
      let first = lab.viewers(4)
      for viewer in first { viewer.asks(target) }
      lab.untilDone(first)

      origin.answers(target, .ok(new, "Cache-Control: max-age=600", "Surrogate-Key: posters"))
      edge.purges(.tag(Array("posters".utf8)))
      let second = lab.viewers(4)
      for viewer in second { viewer.asks(target) }
      lab.untilDone(second)

      for viewer in second { viewer.expect(200, new) }
      #expect(origin.requestCount(target) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `and purged during its Fill reaches who waited and nobody later`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target, .ok(old, "Cache-Control: max-age=600", pieces: 5, every: Milliseconds(100)))
      let edge = lab.edge(workers: 2)
      let early = lab.viewers(5)
      for viewer in early { viewer.asks(target) }
      lab.until("the Fill runs") { edge.counted(.fillsActive) == 1 }
      lab.wait(Milliseconds(150))

      edge.purges(.prefix(site: 0, path: Array("/vod/".utf8)))
      origin.answers(target, .ok(new, "Cache-Control: max-age=600"))
      let late = lab.viewers(5)
      for viewer in late { viewer.asks(target) }
      lab.untilDone(early + late)
      let last = lab.viewer()
      last.asks(target)
      lab.untilDone([last])

      for viewer in early { viewer.expect(200, old) }
      for viewer in late + [last] { viewer.expect(200, new) }
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `An answer that may not be shared` {
  private let target = "/api/me"
  private let mine = Payload.bytes("me", count: 20_000)

  @Test func `releases all who wait at once, and the key passes for a while`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers(
        target,
        .ok(mine, "Cache-Control: private", after: Milliseconds(100), pieces: 4, every: .seconds(1))
      )
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(10)
      for viewer in viewers { viewer.asks(target) }
      lab.until("the first asks") { origin.requests.count == 1 }
      lab.until("all ask", limit: Milliseconds(1500)) { origin.requests.count == 10 }
      lab.untilDone(viewers)

      for viewer in viewers { viewer.expect(200, mine) }
      #expect(edge.node.table.objectCount == 0)
      #expect(edge.counted(.fillsStarted) == 1)
      #expect(edge.counted(.fillWaitersReleased) == 9)

      origin.answers(target, .ok(mine, "Cache-Control: private"))
      let later = lab.viewer()
      later.asks(target)
      lab.untilDone([later])
      later.expect(200, mine)
      #expect(edge.counted(.fillsStarted) == 1)

      lab.wait(.seconds(61))
      let fresh = lab.viewer()
      fresh.asks(target)
      lab.untilDone([fresh])
      #expect(edge.counted(.fillsStarted) == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `is never the answer of another viewer`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        let cookie = request.field("Cookie") ?? "none"
        return .ok(
          Payload.bytes(cookie, count: 9000), "Set-Cookie: id=\(cookie)", after: Milliseconds(50))
      }
      let edge = lab.edge(workers: 2)

      let viewers = lab.viewers(20)
      for (number, viewer) in viewers.enumerated() { viewer.asks(target, "Cookie: \(number)") }
      lab.untilDone(viewers)

      for (number, viewer) in viewers.enumerated() {
        viewer.expect(200, Payload.bytes("\(number)", count: 9000))
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `by its Vary goes to those alone whom it fits`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        let language = request.field("Accept-Language") ?? "none"
        return .ok(
          Payload.bytes(language, count: 9000), "Vary: Accept-Language",
          "Cache-Control: max-age=60", after: Milliseconds(50))
      }
      let edge = lab.edge(workers: 2)
      let languages = ["it", "en", "de"]

      for _ in 0..<2 {
        let viewers = lab.viewers(12)
        for (number, viewer) in viewers.enumerated() {
          viewer.asks(target, "Accept-Language: \(languages[number % 3])")
        }
        lab.untilDone(viewers)
        for (number, viewer) in viewers.enumerated() {
          viewer.expect(200, Payload.bytes(languages[number % 3], count: 9000))
        }
      }

      // The first Fill asks in its viewer's language, and tells that it matters.
      #expect(origin.requests.count == 3)
      lab.expectNothingLeft(of: edge)
    }
  }
}
