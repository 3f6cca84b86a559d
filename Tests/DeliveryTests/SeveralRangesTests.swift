import Bytes
import CaseKit
import TestKit
import Testing

/// Text that can be told apart at every place, so that parts can be read as text.
private func text(_ count: Int) -> [UInt8] {
  Array((0..<(count / 8 + 1)).flatMap { Array("\($0 + 1_000_000);".utf8) }.prefix(count))
}

private func part(_ body: [UInt8], _ first: Int, _ last: Int) -> Content.Part {
  Content.Part(
    range: "bytes \(first)-\(last)/\(body.count)",
    text: String(decoding: body[first...last], as: UTF8.self))
}

@Suite(.seeded) struct `Several ranges of a stored object` {
  private let target = "/vod/film.vtt"
  private let caching = "Cache-Control: max-age=600"
  private let type = "Content-Type: text/vtt"

  private func ask(
    _ lab: Lab, _ range: String, method: String = "GET", version: String = "1.1"
  ) -> LabViewer {
    let viewer = lab.viewer()
    viewer.asks(
      target, ["Range: bytes=\(range)"], method: method, host: "live.example.com",
      version: version)
    lab.untilDone([viewer])
    return viewer
  }

  @Test func `come as parts, in the order in which they were asked`() {
    scenario { lab in
      let body = text(200_000)
      lab.origin().answers(target, .ok(body, caching, type))
      let edge = lab.edge()
      for version in ["1.1", "1.0"] {
        let viewer = ask(lab, "100000-150000,0-9,-5", version: version)

        viewer.expect(206)
        #expect(
          Multipart.parts(of: viewer.last.body) == [
            part(body, 100_000, 150_000), part(body, 0, 9), part(body, 199_995, 199_999),
          ])
        let stated = viewer.last.field("Content-Type") ?? ""
        #expect(stated.hasPrefix("multipart/byteranges; boundary="))
        #expect(viewer.last.field("Content-Range") == nil)
        #expect(viewer.last.field("Content-Length") == "\(viewer.last.body.count)")
        #expect(viewer.fault == nil)
      }
      #expect(lab.origins[0].requests.count == 1)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `become one where they touch, and the whole where they ask for too much`() {
    scenario { lab in
      let body = text(3000)
      lab.origin().answers(target, .ok(body, caching, type))
      let edge = lab.edge()

      let joint = ask(lab, "0-9,50-99")
      joint.expect(206, Array(body[0...99]))
      #expect(joint.last.field("Content-Range") == "bytes 0-99/3000")
      #expect(joint.last.field("Content-Type") == "text/vtt")
      ask(lab, "0-2000,500-2999").expect(200, body)
      ask(lab, "0-,0-,0-").expect(200, body)
      ask(lab, Array(repeating: "0-0", count: 17).joined(separator: ",")).expect(200, body)
      ask(lab, "0-9,1000-1009", method: "HEAD").expect(200, [])
      ask(lab, "4000-,5000-").expect(416, [])
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `are sent while it arrives, once its length is known`() {
    scenario { lab in
      let body = text(100_000)
      let origin = lab.origin()
      origin.answers(target, .ok(body, caching, type, pieces: 5, every: Milliseconds(100)))
      origin.answers(
        "/vod/b.vtt", .chunked(body, caching, type, pieces: 5, every: Milliseconds(100)))
      let edge = lab.edge(workers: 2)
      let viewers = lab.viewers(4)
      for (index, viewer) in viewers.enumerated() {
        viewer.asks(index < 2 ? target : "/vod/b.vtt", "Range: bytes=90000-90009,0-9")
      }
      lab.untilDone(viewers)

      for viewer in viewers {
        viewer.expect(206)
        #expect(
          Multipart.parts(of: viewer.last.body) == [part(body, 90_000, 90_009), part(body, 0, 9)])
      }
      #expect(origin.requests.count == 2)
      lab.expectNothingLeft(of: edge)
    }
  }

  @Test func `look cut where the body breaks off between them`() {
    scenario { lab in
      let body = text(100_000)
      lab.origin().answers(target, .broken(body, at: 50_000, caching, type))
      let edge = lab.edge()
      let viewer = ask(lab, "0-9,90000-90009")

      viewer.expectCut()
      lab.expectNothingLeft(of: edge)
    }
  }
}
