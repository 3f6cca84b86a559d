internal import Bytes
internal import Cache
internal import Delivery
internal import Policy
internal import Store
internal import Streams
internal import Wire

// What is stored for a request, and what it would be answered with.
extension Explainer {
  func explainStored(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, site: Int, rule: Rule, terms: ReuseTerms,
    in explanation: inout Explanation
  ) {
    var key: [UInt8] = []
    let made: CacheKey
    do throws(CacheKeyError) {
      made = try CacheKey.make(
        snapshot: snapshot, site: site, rule: rule, host: bytes.slice(head.target.host),
        path: bytes.slice(head.target.path), query: bytes.slice(head.target.query),
        hasQuery: head.target.hasQuery, into: &key)
    } catch {
      explanation.add("key", "none: the request passes", PassReason.key.ground)
      return
    }
    explanation.add(
      "key", String(decoding: key, as: UTF8.self), because: "site, path and query",
      "RFC 9111 section 2")
    guard let table else {
      explanation.add("stored", "unknown", because: "no node was asked")
      return
    }
    let objects = table.stored(of: made.hash).filter {
      $0.keyText == key && !$0.isPurged(by: table.purges)
    }
    guard !objects.isEmpty else {
      explainMiss(of: made.hash, in: &explanation)
      return
    }
    for object in objects { explain(object, in: &explanation) }
    explainChoice(among: objects, head, bytes: bytes, terms: terms, in: &explanation)
  }

  /// Memory has nothing: perhaps a volume has.
  private func explainMiss(of hash: Hash128, in explanation: inout Explanation) {
    explanation.add("stored", "no", because: tier == nil ? "" : "memory has nothing")
    if explainVolume(hash, in: &explanation) {
      explanation.add(
        "answer", "a volume is asked; if it has nothing that may be used, the origin is",
        because: "", "RFC 9111 section 4")
    } else {
      explanation.add("answer", "miss: the origin is asked", because: "", "RFC 9111 section 4")
    }
  }

  /// What the directory of the volumes says of a variant; whether that is "maybe".
  @discardableResult
  private func explainVolume(_ variant: Hash128, in explanation: inout Explanation) -> Bool {
    guard let tier else { return false }
    guard tier.mayHold(variant) else {
      explanation.add("volume", "no", because: "the directory in memory knows of none")
      return false
    }
    explanation.add(
      "volume", "maybe",
      because: "the directory in memory says so, or is being filled; the index knows")
    return true
  }

  /// One stored answer: how long it may be used, and how.
  private func explain(_ object: CachedObject, in explanation: inout Explanation) {
    let freshness = object.freshness
    let age = freshness.age(arrival: object.arrival, now: now)
    let length = object.knownLength.map { "\($0) bytes" } ?? "of unknown length"
    explanation.add(
      "stored", "\(object.status), \(length), \(text(age)) old",
      because: "Age on arrival \(text(freshness.initialAge)), the rest spent here",
      "RFC 9111 section 4.2.3")
    if let tier {
      let volume = tier.volume(ofBody: object)
      explanation.add(
        "body", volume.map { "in a file: \($0.path)" } ?? "in memory",
        because: volume == nil ? "" : "memory has its head; bytes are sent from the volume")
      explainVolume(object.variant, in: &explanation)
    }
    if let vary = object.vary {
      explanation.add("varies by", vary.text, because: "", "RFC 9111 section 4.1")
    }
    let left = freshness.left(arrival: object.arrival, now: now)
    let end = date(now + left)
    let lifetime = text(freshness.lifetime)
    if freshness.alwaysRevalidate {
      explanation.add(
        "fresh", "never without a question", because: "no-cache", "RFC 9111 section 5.2.2.4")
    } else {
      explanation.add(
        "fresh", left > .zero ? "until \(end) (\(text(left)) of \(lifetime))" : "ended \(end)",
        freshness.source.ground)
    }
    explainStale(freshness, in: &explanation)
    let validators = object.validators
    let texts = [validators.entityTag, validators.lastModified].filter { !$0.isEmpty }
      .map { String(decoding: $0, as: UTF8.self) }
    explanation.add(
      "validators", texts.isEmpty ? "none" : texts.joined(separator: ", "),
      because: validators.isStrong ? "the tag is strong" : "", "RFC 9110 section 8.8")
  }

  func explainStale(_ freshness: Freshness, in explanation: inout Explanation) {
    if freshness.mustRevalidate || freshness.alwaysRevalidate {
      explanation.add(
        "stale", "never served", because: "a directive forbids it", "RFC 9111 section 4.2.4")
      return
    }
    if freshness.staleWhileRevalidate > .zero {
      explanation.add(
        "stale", "for \(text(freshness.staleWhileRevalidate)) more while it is refreshed",
        because: "stale-while-revalidate or the rule", "RFC 5861 section 3")
    }
    if freshness.staleAwaitsBody {
      explanation.add(
        "stale", "if the origin fails: known once the playlist is read", because: "",
        "default policy by kind")
    } else if freshness.staleIfError > .zero {
      explanation.add(
        "stale", "for \(text(freshness.staleIfError)) more if the origin fails",
        because: freshness.statesStaleIfError
          ? "stale-if-error" : "the default, or the rule", "RFC 5861 section 4")
    }
  }

  private func explainChoice(
    among objects: [CachedObject], _ head: borrowing RequestHead, bytes: Span<UInt8>,
    terms: ReuseTerms, in explanation: inout Explanation
  ) {
    var scratch: [UInt8] = []
    var choice: CachedObject?
    for object in objects {
      guard object.matches(head: head, bytes: bytes, scratch: &scratch) else { continue }
      if let best = choice, best.arrival >= object.arrival { continue }
      choice = object
    }
    guard let object = choice else {
      explanation.add(
        "answer", "miss: the origin is asked", because: "no stored variant is for this request",
        "RFC 9111 section 4.1")
      return
    }
    if terms.hasAuthorization, !object.freshness.isShared {
      explanation.add(
        "answer", "passes to the origin", because: "nothing in what is stored permits to share it",
        "RFC 9111 section 3.5")
      return
    }
    switch object.freshness.state(arrival: object.arrival, now: now, terms: terms) {
    case .fresh:
      explanation.add(
        "answer", "hit, \(outcome(of: object, head, bytes: bytes))", because: "",
        "RFC 9111 section 4")
    case .staleWhileRevalidate:
      explanation.add(
        "answer", "stale, \(outcome(of: object, head, bytes: bytes)), while it is refreshed",
        because: "", "RFC 5861 section 3")
    case .staleIfError, .stale:
      explanation.add(
        "answer",
        object.validators.isEmpty ? "the origin is asked" : "the origin is asked under conditions",
        because: "what is stored is not fresh for this request", "RFC 9111 section 4.3")
    }
  }

  private func outcome(
    of object: CachedObject, _ head: borrowing RequestHead, bytes: Span<UInt8>
  ) -> String {
    let condition = object.condition(
      head, bytes: bytes, length: object.knownLength, now: wall.seconds)
    return condition.statusText(stored: object.status)
  }
}

extension Condition {
  /// The status that this verdict becomes.
  fileprivate func statusText(stored: UInt16) -> String {
    switch self {
    case .full: "\(stored)"
    case .notModified: "304"
    case .unsatisfiable: "416"
    case .preconditionFailed: "412"
    default: "206"
    }
  }
}
