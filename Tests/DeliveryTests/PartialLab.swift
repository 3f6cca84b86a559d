import Bytes
import TestKit
import Testing

/// What the scenarios of partial content have in common.
enum PartialLab {
  static let caching = "Cache-Control: max-age=600"
  /// A file that is no stream by its name: its ranges are forwarded.
  static let target = "/files/film.bin"
}

extension Lab {
  /// A viewer asks for a range of the film and waits for its end.
  func ask(_ range: String?, _ fields: String...) -> LabViewer {
    let viewer = viewer()
    let lines = (range.map { ["Range: bytes=\($0)"] } ?? []) + fields
    viewer.asks(PartialLab.target, lines, method: "GET", host: "live.example.com")
    untilDone([viewer])
    return viewer
  }
}

extension LabViewer {
  var status: String { last.field("Cache-Status") ?? "" }

  /// The last answer is this part of `body`.
  func expect(
    part first: Int, _ last: Int, of body: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expect(206, Array(body[first...last]), sourceLocation: sourceLocation)
    #expect(
      self.last.field("Content-Range") == "bytes \(first)-\(last)/\(body.count)",
      sourceLocation: sourceLocation)
  }
}

extension ScriptedOrigin {
  /// The ranges that were asked for, `-` for a whole.
  var asked: [String] {
    requests.map { $0.field("Range").map { String($0.dropFirst(6)) } ?? "-" }
  }

  func serves(_ ranged: RangedAnswer) { answer = { ranged.answer(to: $0) } }
}
