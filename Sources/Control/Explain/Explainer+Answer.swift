internal import Bytes
internal import Policy
internal import Streams
internal import Wire

// What would become of an answer that the origin might give.
extension Explainer {
  func explainAnswer(
    _ answer: [UInt8], to request: borrowing RequestHead, bytes requestBytes: Span<UInt8>,
    rule: Rule, in explanation: inout Explanation
  ) {
    guard !answer.isEmpty else { return }
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    do throws(HeadError) {
      guard try parser.parse(answer.span, requestMethod: .head, into: &head) != nil else { return }
    } catch {
      return
    }
    let bytes = answer.span
    let kind = kind(head, bytes: bytes, path: requestBytes.slice(request.target.path))
    let facts = DecisionFacts(
      method: request.method == .head ? .get : request.method,
      hasAuthorization: request.fields.has(.authorization), rule: rule, kind: kind, now: wall)
    explanation.add(
      "given", "an answer with status \(head.status), taken as \(kind)", because: "",
      "default policy by kind")
    switch CachingDecision.make(head, bytes: bytes, facts: facts) {
    case .doNotStore(let reason, let memory):
      explanation.add("is stored", "no", reason.ground)
      explanation.add(
        "remembered", "as uncacheable for \(text(memory))",
        because: "so that its requests do not wait for one another")
    case .store(let freshness):
      explain(freshness, of: head, bytes: bytes, rule: rule, in: &explanation)
    }
  }

  private func explain(
    _ freshness: Freshness, of head: borrowing ResponseHead, bytes: Span<UInt8>, rule: Rule,
    in explanation: inout Explanation
  ) {
    explanation.add("is stored", "yes", because: "", "RFC 9111 section 3")
    if freshness.alwaysRevalidate {
      explanation.add(
        "fresh", "never without a question", because: "no-cache", "RFC 9111 section 5.2.2.4")
    } else if freshness.awaitsBody {
      explanation.add(
        "fresh", "for as long as its body tells", because: "a playlist or manifest",
        "default policy by kind")
    } else {
      explanation.add(
        "fresh", "for \(text(freshness.lifetime)), of which \(text(freshness.initialAge)) are past",
        freshness.source.ground)
    }
    explainStale(freshness, in: &explanation)
    if case .rule(let vary) = VaryRule.read(head, bytes: bytes), !rule.ignores.contains(.vary) {
      explanation.add("varies by", vary.text, because: "", "RFC 9111 section 4.1")
    }
    if WithheldFields.of(head, bytes: bytes, rule: rule) != .none {
      explanation.add(
        "withheld", "the fields that private or no-cache lists",
        because: "they go to the viewer who caused the answer alone",
        "RFC 9111 sections 5.2.2.4 and 5.2.2.7")
    }
    explanation.add(
      "shared",
      freshness.isShared ? "with requests that have Authorization" : "not with Authorization",
      because: "", "RFC 9111 section 3.5")
  }
}
