import Bytes
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A HEAD` {
  private let body = Payload.bytes("film", count: 20_000)

  @Test func `for media fetches the object, and the GET that follows hits`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answers("/a.ts", .ok(body, "Cache-Control: max-age=60"))
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/a.ts", method: "HEAD")
      lab.untilDone([viewer])
      viewer.expect(200, [])
      #expect(viewer.last.field("Content-Length") == "20000")
      lab.until("the Fill ends") { edge.counted(.fillsSealed) == 1 }
      viewer.asks("/a.ts")
      lab.until("a second answer") { viewer.wholeCount == 2 }

      viewer.expect(200, body)
      #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit") == true)
      #expect(origin.requests.map(\.method) == ["GET"])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `for anything else goes on as it is and fetches no body`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        request.method == "HEAD"
          ? .raw("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\nETag: \"a\"\r\n\r\n")
          : .ok(body, "Cache-Control: max-age=60", "ETag: \"a\"")
      }
      let edge = lab.edge()
      let viewers = lab.viewers(2)
      for viewer in viewers { viewer.asks("/film.bin", method: "HEAD") }
      lab.untilDone(viewers)
      for viewer in viewers {
        viewer.expect(200, [])
        #expect(viewer.last.field("Content-Length") == "20000")
        #expect(
          viewer.last.field("Cache-Status") == "edge;fwd=uri-miss;fwd-status=200")
      }
      #expect(origin.requests.map(\.method) == ["HEAD", "HEAD"])
      #expect(edge.node.table.objectCount == 0)
      lab.expectNothingLeft(of: edge)
    }
  }

  /// What the origin says to HEAD after a GET was stored for ten seconds, and to the GET after it.
  private func afterHead(_ answer: String, _ check: (LabViewer, ScriptedOrigin) -> Void) {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        if request.method == "HEAD" { return .raw("HTTP/1.1 200 OK\r\n\(answer)\r\n\r\n") }
        if request.field("If-None-Match") == "\"a\"" {
          return .status(304, "ETag: \"a\"", "Cache-Control: max-age=10")
        }
        return .ok(body, "Cache-Control: max-age=10", "ETag: \"a\"", "Colour: red")
      }
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/film.bin")
      lab.untilDone([viewer])
      lab.wait(.seconds(11))
      viewer.asks("/film.bin", method: "HEAD")
      lab.until("the HEAD is answered") { viewer.wholeCount == 2 }
      #expect(
        viewer.last.field("Cache-Status")?.hasPrefix("edge;fwd=stale;fwd-status=200") == true)
      viewer.asks("/film.bin")
      lab.until("the last is answered") { viewer.wholeCount == 3 }
      viewer.expect(200, body)
      check(viewer, origin)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `that finds the same representation updates what is stored`() {
    afterHead(
      "ETag: \"a\"\r\nContent-Length: 20000\r\nCache-Control: max-age=30\r\nColour: blue"
    ) { viewer, origin in
      #expect(origin.requests.map(\.method) == ["GET", "HEAD"])
      #expect(viewer.last.field("Colour") == "blue")
      #expect(viewer.last.field("Content-Length") == "20000")
      #expect(viewer.last.field("Cache-Status")?.hasPrefix("edge;hit;ttl=") == true)
    }
  }

  @Test(arguments: [
    "ETag: \"b\"\r\nContent-Length: 20000", "ETag: \"a\"\r\nContent-Length: 20001",
    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
  ])
  func `that finds another one makes what is stored stale`(answer: String) {
    afterHead("\(answer)\r\nCache-Control: max-age=30") { viewer, origin in
      #expect(origin.requests.map(\.method) == ["GET", "HEAD", "GET"])
      #expect(viewer.last.field("Colour") == "red")
    }
  }

  @Test func `that may have been coloured by its viewer changes nothing`() {
    scenario { lab in
      let origin = lab.origin()
      origin.answer = { request in
        request.method == "HEAD"
          ? .raw("HTTP/1.1 200 OK\r\nCache-Control: max-age=99\r\nColour: evil\r\n\r\n")
          : .ok(body, "Cache-Control: max-age=10", "Colour: red")
      }
      let edge = lab.edge()
      let viewer = lab.viewer()
      viewer.asks("/film.bin")
      lab.untilDone([viewer])
      lab.wait(.seconds(11))
      viewer.asks("/film.bin", "X-Forwarded-Host: evil.example", method: "HEAD")
      lab.until("the HEAD is answered") { viewer.wholeCount == 2 }
      viewer.asks("/film.bin")
      lab.until("the last is answered") { viewer.wholeCount == 3 }
      #expect(viewer.last.field("Colour") == "red")
      #expect(origin.requests.map(\.method) == ["GET", "HEAD", "GET"])
      lab.expectNothingLeft(of: edge)
    }
  }
}
