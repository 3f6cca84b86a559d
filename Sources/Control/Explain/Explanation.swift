internal import Policy

/// What would happen to a request, and why: one finding per decision, in the order in which they
/// are made.
public struct Explanation: Sendable {
  /// One decision.
  struct Finding: Sendable, Equatable {
    /// What is decided: `key`, `stored`, `fresh`.
    let question: String
    /// The outcome.
    let answer: String
    /// Why, in a sentence without a full stop; empty where the answer says it all.
    let reason: String
    /// The section that says so; empty where it is none's.
    let section: String
  }

  private(set) var findings: [Finding] = []

  mutating func add(
    _ question: String, _ answer: String, because reason: String = "", _ section: String = ""
  ) {
    findings.append(
      Finding(question: question, answer: answer, reason: reason, section: section))
  }

  mutating func add(_ question: String, _ answer: String, _ ground: Ground) {
    add(question, answer, because: "\(ground.sentence)", "\(ground.section)")
  }

  /// For people: a line per finding, its reason below it.
  public var text: String {
    var text = ""
    for finding in findings {
      text += Self.padded(finding.question) + finding.answer + "\n"
      let reason =
        finding.section.isEmpty
        ? finding.reason
        : finding.reason.isEmpty ? finding.section : "\(finding.reason) (\(finding.section))"
      if !reason.isEmpty { text += Self.padded("") + "  " + reason + "\n" }
    }
    return text
  }

  /// The same for programs.
  public var json: String {
    var writer = JSONWriter()
    writer.object { object in
      object.array("findings") { list in
        for finding in findings {
          list.object { entry in
            entry.member("question", finding.question)
            entry.member("answer", finding.answer)
            entry.member("reason", finding.reason)
            entry.member("section", finding.section)
          }
        }
      }
    }
    return writer.finish()
  }

  private static func padded(_ word: String) -> String {
    word + String(repeating: " ", count: max(1, 12 - word.count))
  }
}
