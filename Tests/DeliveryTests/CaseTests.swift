import CaseKit
import Glibc
import TestKit
import Testing

/// Every case of `Tests/Cases`, end to end through a node in virtual time.
@Suite struct `The case tables, end to end` {
  @Test(arguments: CaseReader.files) func `hold`(file: String) throws {
    let asked = getenv("SPILLWAY_CASE").map { String(cString: $0) }
    let runsPending = getenv("SPILLWAY_PENDING") != nil
    var count = 0
    for example in try CaseReader.read(file: file) where example.pending == nil || runsPending {
      let name = "\(example.file):\(example.line)"
      if let asked, !name.contains(asked), !example.sentence.contains(asked) { continue }
      count += 1
      var player = try CasePlayer(example, seed: UInt64(count))
      for complaint in player.play() {
        Issue.record(
          Comment(rawValue: "\(complaint.text)\n  \(example.sentence) [\(example.section)]"),
          sourceLocation: SourceLocation(
            fileID: "Tests/Cases/\(example.file)", filePath: "Tests/Cases/\(example.file)",
            line: complaint.line, column: 1))
      }
    }
    #expect(count > 0 || asked != nil)
  }
}
