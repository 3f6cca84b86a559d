import Bytes
import Glibc
import Policy
import SimpleCache
import Streams
import Testing
import Wire

/// How many random cases a test tries: few in a hurry, as many as wanted by hand.
enum Effort {
  /// `SPILLWAY_CASES`, or 20 000.
  static var cases: Int { number("SPILLWAY_CASES") ?? 20_000 }
  /// `SPILLWAY_SEED`, or always the same.
  static var seed: UInt64 { UInt64(number("SPILLWAY_SEED") ?? 1) }

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}

@Suite struct `Two implementations of the caching decision` {
  /// Shards run side by side.
  @Test(arguments: 0..<4)
  func `agree about random answers`(shard: Int) throws {
    var seen: Set<String> = []
    var agreement = Agreement()
    for offset in stride(from: shard, to: Effort.cases, by: 4) {
      let seed = Effort.seed &+ UInt64(offset)
      var heads = SimpleHeads(seed: seed)
      let question = heads.next()
      guard let difference = try agreement.difference(question, seed: seed) else { continue }
      // One of each sort is enough to read.
      let sort = String(difference.prefix { $0 != ":" })
      guard seen.insert(sort).inserted else { continue }
      let least = question.shrunk {
        ((try? agreement.difference($0, seed: seed)) ?? nil)?.hasPrefix(sort + ":") == true
      }
      let told = try agreement.difference(least, seed: seed) ?? difference
      Issue.record("seed \(seed), \(told)\n\(least)")
    }
  }
}

/// Asks both implementations the same.
struct Agreement {
  private var rules: [SimpleRule: Rule] = [:]

  /// What they answer differently, `sort: words`; `nil` where they agree.
  mutating func difference(_ question: SimpleQuestion, seed: UInt64) throws -> String? {
    let simple = SimpleCache.answer(question)
    return try ask(question) { decision, kept in
      switch (simple, decision) {
      case (.notStored(let reasons), .doNotStore(let reason, _)):
        let isAgreed =
          reasons.contains(reason.simple)
          || reason == .notFresh && reasons.contains(.notPermitted)
        return isAgreed ? nil : "reason: \(reasons), really \(reason)"
      case (.notStored(let reasons), .store(let freshness)):
        return "stored against \(reasons.map { "\($0)" }.sorted()): \(freshness)"
      case (.stored(let terms), .doNotStore(let reason, _)):
        return "not stored as \(reason): \(terms)"
      case (.stored(let terms), .store(let freshness)):
        if let difference = Agreement.difference(terms, freshness, seed: seed) { return difference }
        return terms.stored == kept
          ? nil : "fields: \(terms.stored.sorted()), really \(kept.sorted())"
      }
    }
  }

  private static func difference(
    _ terms: SimpleTerms, _ freshness: Freshness, seed: UInt64
  ) -> String? {
    // Made only where it is needed: most cases agree.
    var words: String { "\(terms), really \(freshness)" }
    if terms.lifetime != Int(freshness.lifetime.count) {
      return "lifetime of \(terms.source): \(words)"
    }
    if terms.source != freshness.source.simple { return "source \(terms.source): \(words)" }
    if terms.initialAge != Int(freshness.initialAge.count) { return "age: \(words)" }
    if terms.isShared != freshness.isShared { return "shared: \(words)" }
    if terms.awaitsBody != freshness.awaitsBody { return "awaits body: \(words)" }
    if terms.staleAwaitsBody != freshness.staleAwaitsBody { return "stale awaits body: \(words)" }
    if terms.awaitsBody || terms.staleAwaitsBody { return nil }
    var heads = SimpleHeads(seed: seed)
    for moment in heads.moments(around: terms) {
      let start = Instant(nanoseconds: 0)
      let state = freshness.state(arrival: start, now: start + Milliseconds(Int64(moment)))
      if terms.state(after: moment) != state.simple {
        return "\(terms.state(after: moment)) is \(state.simple): after \(moment) \(words)"
      }
    }
    return nil
  }

  /// The real decision, and the names of the fields that are kept.
  private mutating func ask<Result>(
    _ question: SimpleQuestion, _ body: (CachingDecision, Set<String>) throws -> Result
  ) throws -> Result {
    let rule = try compiled(question.rule)
    let facts = DecisionFacts(
      method: question.method == "GET" ? .get : .head,
      hasAuthorization: question.hasAuthorization, rule: rule, kind: question.kind,
      delay: Milliseconds(Int64(question.delay)),
      now: WallTime(milliseconds: Int64(question.now)), jitter: question.jitter)
    let lines = question.lines.map { "\($0.name): \($0.value)" }
    return try withResponse(question.status, lines) { head, bytes in
      let decision = CachingDecision.make(head, bytes: bytes, facts: facts)
      var kept: Set<String> = []
      let withheld = WithheldFields.of(head, bytes: bytes, rule: rule)
      for index in 0..<head.fields.count {
        let field = head.fields[index]
        guard StoredField.isKept(field),
          !withheld.contains(bytes.slice(field.name), of: head, bytes: bytes)
        else { continue }
        kept.insert(Agreement.text(bytes.slice(field.name)).lowercased())
      }
      return try body(decision, kept)
    }
  }

  private mutating func compiled(_ rule: SimpleRule) throws -> Rule {
    if let known = rules[rule] { return known }
    let site = try oneSite(rules: [rule.settings])
    let compiled = site.rule(site: 0, path: Array("/a".utf8).span)
    rules[rule] = compiled
    return compiled
  }

  private static func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension SimpleRule {
  /// The same rule as a configuration says it.
  var settings: RuleSettings {
    func time(_ count: Int?) -> Milliseconds? { count.map { Milliseconds(Int64($0)) } }
    var settings = RuleSettings(
      match: "/**", ttl: time(ttl), stale: time(stale), bypass: bypass, live: live,
      session: session)
    settings.errorTTL = time(errorTTL)
    settings.heuristic = heuristic
    for (word, value) in IgnoredDirectives.words where ignores.contains(word) {
      settings.ignores.insert(value)
    }
    return settings
  }
}

extension NotStored {
  var simple: SimpleReason {
    switch self {
    case .method: .method
    case .rule: .rule
    case .noStore: .noStore
    case .isPrivate: .isPrivate
    case .setCookie: .setCookie
    case .authorization: .authorization
    case .vary: .vary
    case .status: .status
    case .notUnderstood: .mustUnderstand
    case .notFresh: .useless
    }
  }
}

extension LifetimeSource {
  var simple: String {
    switch self {
    case .none: "none"
    case .rule: "rule"
    case .live: "live"
    case .targeted: "targeted"
    case .sMaxAge: "sMaxAge"
    case .maxAge: "maxAge"
    case .expires: "expires"
    case .heuristic: "heuristic"
    case .kindDefault: "kindDefault"
    }
  }
}

extension FreshnessState {
  var simple: SimpleState {
    switch self {
    case .fresh: .fresh
    case .staleWhileRevalidate: .staleWhileRevalidate
    case .staleIfError: .staleIfError
    case .stale: .mustAsk
    }
  }
}
