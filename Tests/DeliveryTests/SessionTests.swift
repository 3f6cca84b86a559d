import Bytes
import Delivery
import Origin
import Policy
import Telemetry
import TestKit
import Testing

private let hls = "Content-Type: application/vnd.apple.mpegurl"

/// A media playlist whose first segment has a number.
private func playlist(_ number: Int) -> [UInt8] {
  Array(
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:\(number)\n#EXTINF:2,\n\(number).ts\n"
      .utf8)
}

extension Lab {
  /// What a viewer of its own gets for a target.
  fileprivate func get(_ target: String, _ fields: String...) -> ViewerResponse {
    let viewer = viewer()
    viewer.asks(target, fields, method: "GET", host: "live.example.com")
    untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }

  /// The servers that were asked for a target that begins so.
  fileprivate func servers(asked target: String) -> [Int] {
    origins.indices.filter { index in
      origins[index].requests.contains { $0.target.hasPrefix(target) }
    }
  }
}

@Suite(.seeded) struct `A session of ad insertion` {
  private static let rule = RuleSettings(match: "/ads/**", session: true)

  @Test func `is asked for with all that its viewer sent, each time`() {
    scenario { lab in
      lab.rules = [Self.rule]
      let origin = lab.origin()
      origin.answers("/ads/a.m3u8?s=1&x=2", .ok(playlist(7), hls, "Cache-Control: max-age=60"))
      let edge = lab.edge(workers: 2)

      for _ in 0..<3 {
        let answer = lab.get("/ads/a.m3u8?s=1&x=2", "User-Agent: TV", "Cookie: c=1")
        #expect(answer.body == playlist(7))
      }
      #expect(origin.requestCount("/ads/a.m3u8?s=1&x=2") == 3)
      #expect(origin.requests.allSatisfy { $0.field("User-Agent") == "TV" })
      #expect(origin.requests.allSatisfy { $0.field("Cookie") == "c=1" })
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `shares its segments with all others`() {
    scenario { lab in
      lab.rules = [Self.rule]
      let origin = lab.origin()
      let segment = Payload.bytes("seg", count: 5000)
      origin.answers("/ads/7.ts", .ok(segment, "Cache-Control: max-age=60"))
      let edge = lab.edge(workers: 2)

      for _ in 0..<3 { #expect(lab.get("/ads/7.ts").body == segment) }
      #expect(origin.requestCount("/ads/7.ts") == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test(arguments: [true, false])
  func `stays on one server while that serves, by rule or by what its answers say`(isRule: Bool) {
    scenario { lab in
      if isRule { lab.rules = [Self.rule] }
      lab.policy = .roundRobin
      for _ in 0..<3 {
        lab.origin().answer = { request in
          .ok(playlist(request.target.count), hls, "Cache-Control: private")
        }
      }
      let edge = lab.edge(workers: 2)
      // The first answer tells that it is private, where no rule does.
      for session in 0..<8 { _ = lab.get("/ads/\(session).m3u8?s=1&CMCD=bl%3D0") }
      for origin in lab.origins { origin.forgets() }
      for poll in 1..<5 {
        for session in 0..<8 {
          let query = "s=1&CMCD=bl%3D\(poll)" + (isRule ? "&_HLS_msn=\(poll)" : "")
          #expect(lab.get("/ads/\(session).m3u8?\(query)").status == 200)
        }
      }
      let places = (0..<8).map { lab.servers(asked: "/ads/\($0).m3u8") }
      #expect(places.allSatisfy { $0.count == 1 })
      #expect(Set(places.flatMap { $0 }).count > 1)

      let lost = places[0][0]
      lab.origins[lost].stopsListening()
      lab.origins[lost].resetsConnections()
      for origin in lab.origins { origin.forgets() }
      for session in 0..<8 { #expect(lab.get("/ads/\(session).m3u8?s=1").status == 200) }
      for session in 0..<8 where places[session] != [lost] {
        #expect(lab.servers(asked: "/ads/\(session).m3u8") == places[session])
      }
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `gets what its server says, whatever was said before`() {
    scenario(seeds: 1...2) { lab in
      lab.rules = [Self.rule]
      let origin = lab.origin()
      let edge = lab.edge()

      for number in [7, 8, 3, 9] {
        origin.answers("/ads/a.m3u8", .ok(playlist(number), hls))
        #expect(lab.get("/ads/a.m3u8").body == playlist(number))
      }
      #expect(edge.counted(.streamRegressionsWithheld) == 0)
      #expect(edge.node.streams.rows(at: lab.now).isEmpty)
      lab.expectNothingLeft(of: edge)
    }
  }
}

@Suite(.seeded) struct `Playlists that a rule makes one presentation` {
  @Test func `go to another server together`() {
    scenario { lab in
      lab.rules = [RuleSettings(match: "/live/**.m3u8")]
      lab.rules[0].presentation = "/live/*/**"
      lab.twins = .auto
      let encoders = [
        ModelEncoder(firstNumber: 1256, prefix: "a"),
        ModelEncoder(firstNumber: 1056, begun: 700, prefix: "b"),
      ]
      let began = lab.now
      for encoder in encoders {
        lab.origin().answer = { request in
          guard request.target.hasSuffix(".m3u8") else {
            return .ok(Payload.bytes(request.target, count: 900))
          }
          let text = encoder.playlist(at: 20_000 + Int((lab.now - began).count)) ?? ""
          return .ok(Array(text.utf8), hls)
        }
      }
      let edge = lab.edge(workers: 2)
      var viewers = [StrictViewer(), StrictViewer()]
      var roots: Set<[UInt8]> = []
      for second in 0..<40 {
        if second == 15 {
          lab.origins[0].stopsListening()
          lab.origins[0].resetsConnections()
        }
        for (index, name) in ["low", "high"].enumerated() {
          let answer = lab.get("/live/one/\(name).m3u8")
          #expect(answer.status == 200)
          viewers[index].see(answer.body, at: 20_000 + Int((lab.now - began).count))
        }
        for row in edge.node.streams.rows(at: lab.now) { roots.insert(row.root) }
        lab.wait(Milliseconds(1000))
      }

      #expect(viewers.flatMap(\.complaints) == [])
      #expect(roots == [Array("/live/one/".utf8)])
      #expect(edge.counted(.streamSwitches) == 1)
      lab.expectNothingLeft(of: edge)
    }
  }
}
