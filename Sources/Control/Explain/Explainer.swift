internal import Bytes
internal import Cache
internal import Delivery
internal import Origin
internal import Policy
internal import Streams
internal import Wire

/// Explains requests by the very functions that decide about them.
struct Explainer {
  let snapshot: Snapshot
  /// The node's table; `nil` where only a configuration is at hand.
  let table: CacheTable?
  /// The node's volumes; `nil` where it has none, or where no node is at hand.
  let tier: VolumeTier?
  /// The node's live presentations; `nil` where no node is at hand.
  var streams: StreamBook?
  let now: Instant
  let wall: WallTime

  /// What would happen to a request.
  func explain(_ request: ExplainRequest) -> Explanation {
    var explanation = Explanation()
    var parser = RequestHeadParser()
    var head = RequestHead()
    do throws(HeadError) {
      guard try parser.parse(request.request.span, into: &head) != nil else { return explanation }
    } catch {
      return explanation
    }
    let bytes = request.request.span
    guard let site = snapshot.site(forHost: bytes.slice(head.target.host)) else {
      explanation.add(
        "site", "none: 421", because: "no site of this node has that host",
        "RFC 9110 section 15.5.20")
      return explanation
    }
    explanation.add("site", snapshot.siteName(site))
    let path = bytes.slice(head.target.path)
    let rule = snapshot.rule(site: site, path: path)
    if let match = snapshot.ruleMatch(site: site, path: path) {
      explanation.add("rule", match, because: "the first rule of the site that matches decides")
    } else {
      explanation.add("rule", "none", because: "the origin decides")
    }
    if let terms = explainPlan(head, bytes: bytes, rule: rule, in: &explanation) {
      explainStored(
        head, bytes: bytes, site: site, rule: rule, terms: terms, in: &explanation)
    }
    explainStream(head, bytes: bytes, site: site, in: &explanation)
    explainAnswer(request.response, to: head, bytes: bytes, rule: rule, in: &explanation)
    return explanation
  }

  /// What the cache may do for the request; its terms where it is looked up.
  private func explainPlan(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, rule: Rule,
    in explanation: inout Explanation
  ) -> ReuseTerms? {
    switch RequestPlan.make(head, bytes: bytes, rule: rule, snapshot: snapshot) {
    case .lookUp(let terms):
      explanation.add("request", "looked up", because: "", "RFC 9111 section 4")
      explainTerms(terms, head, rule: rule, in: &explanation)
      return terms
    case .pass(let reason, let invalidates):
      explanation.add("request", "passes to the origin", reason.ground)
      if invalidates {
        explanation.add(
          "invalidates", "what is stored for the URL, Location and Content-Location",
          because: "an unsafe method that succeeds", "RFC 9111 section 4.4")
      }
      return nil
    case .refuse(let status):
      let isLoop = status == 508
      explanation.add(
        "request", "refused: \(status)",
        because: isLoop ? "CDN-Loop names this node" : "the method is not served",
        isLoop ? "RFC 8586 section 2" : "RFC 9110 section 9.3")
      return nil
    }
  }

  private func explainTerms(
    _ terms: ReuseTerms, _ head: borrowing RequestHead, rule: Rule,
    in explanation: inout Explanation
  ) {
    if terms.hasAuthorization {
      explanation.add(
        "needs", "an answer that says public, must-revalidate or s-maxage",
        because: "the request has Authorization", "RFC 9111 section 3.5")
    }
    if terms.onlyIfCached {
      explanation.add(
        "needs", "what is stored, or 504", because: "only-if-cached", "RFC 9111 section 5.2.1.7")
    }
    guard head.fields.has(.cacheControl) || head.fields.has(.pragma) else { return }
    explanation.add(
      "directives", rule.obeysRequests ? "obeyed" : "not heeded",
      because: rule.obeysRequests
        ? "the rule says request_directives = \"obey\""
        : "the node answers in the publisher's name; a rule can obey them",
      "RFC 9111 section 5.2.1")
  }

  /// The object kind that a path and a Content-Type tell.
  func kind(_ head: borrowing ResponseHead, bytes: Span<UInt8>, path: Span<UInt8>) -> ObjectKind {
    guard let type = head.fields.first(.contentType) else {
      return ObjectKind.guess(contentType: nil, path: path)
    }
    return ObjectKind.guess(contentType: bytes.slice(type), path: path)
  }

  /// Seconds, or milliseconds where there are less than two seconds.
  func text(_ length: Milliseconds) -> String {
    length.count.magnitude < 2000 ? "\(length.count) ms" : "\(length.count / 1000) s"
  }

  /// A moment of the monotonic clock as an HTTP date.
  func date(_ instant: Instant) -> String {
    let seconds = wall.seconds + (instant - now).count / 1000
    var scratch = [UInt8](repeating: 0, count: 32)
    let count = unsafe scratch.withUnsafeMutableBytes { buffer in
      var writer = unsafe HeadWriter(buffer)
      writer.append(date: HTTPDate(seconds: seconds))
      return writer.count
    }
    return String(decoding: scratch[..<count], as: UTF8.self)
  }
}
