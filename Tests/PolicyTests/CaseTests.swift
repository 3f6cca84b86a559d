import Bytes
import CaseKit
import Glibc
import Policy
import Streams
import Testing
import Wire

/// Every row of `Tests/Cases` about one answer, as a question to the policy alone.
@Suite struct `The case tables, asked of the policy` {
  private static let now = WallTime(milliseconds: 1_750_000_000_000)

  @Test func `hold`() throws {
    let runsPending = getenv("SPILLWAY_PENDING") != nil
    var count = 0
    for row in try CaseReader.readAll() where row.row != nil && (row.pending == nil || runsPending)
    {
      count += 1
      for complaint in try complaints(of: row) {
        Issue.record(
          Comment(rawValue: complaint + "\n  " + row.sentence),
          sourceLocation: SourceLocation(
            fileID: "Tests/Cases/\(row.file)", filePath: "Tests/Cases/\(row.file)",
            line: row.line, column: 1))
      }
    }
    #expect(count > 0)
  }

  private func complaints(of asked: Case) throws -> [String] {
    guard let row = asked.row else { return [] }
    let snapshot = try oneSite(rules: asked.settings())
    let path = Array(row.target.prefix { $0 != "?" }.utf8)
    let fields = row.fields.map {
      RelativeDate.resolve($0, now: Self.now.seconds)
    }
    let request = row.request + row.first
    return try withResponse(row.status, fields) { head, bytes in
      var type: Span<UInt8>?
      if let field = head.fields.first(.contentType) { type = bytes.slice(field) }
      let facts = DecisionFacts(
        hasAuthorization: request.contains { $0.lowercased().hasPrefix("authorization:") },
        rule: snapshot.rule(site: 0, path: path.span),
        kind: ObjectKind.guess(contentType: type, path: path.span), now: Self.now)
      let decision = CachingDecision.make(head, bytes: bytes, facts: facts)
      return CaseVerdict(decision: decision).complaints(about: row)
    }
  }
}

/// A decision as a row speaks of it.
struct CaseVerdict {
  let decision: CachingDecision
  private let arrival = Instant(nanoseconds: 0)

  init(decision: CachingDecision) { self.decision = decision }

  /// What disagrees with the row; the policy alone knows nothing of second requests.
  func complaints(about row: Row) -> [String] {
    switch (row.verdict, decision) {
    case (.hit, _), (.miss, _), (.status, _): return []
    case (.notStored(let reason), .doNotStore(let found, _)):
      let isSame = reason == nil || reason == name(of: found)
      return isSame ? [] : ["not stored because of \(name(of: found))"]
    case (.asked, .doNotStore): return []
    case (.notStored, .store), (.fresh, .doNotStore), (.validated, .doNotStore):
      return ["decided: \(decision)"]
    case (.asked, .store(let freshness)), (.validated, .store(let freshness)):
      if case .fresh = state(freshness, .zero) { return ["fresh: \(freshness)"] }
      return []
    case (.fresh(let length, let source, let then), .store(let freshness)):
      return self.freshness(freshness, is: length, source, then)
    }
  }

  private func freshness(
    _ freshness: Freshness, is length: Milliseconds, _ source: String?, _ then: Row.Afterwards?
  ) -> [String] {
    var complaints: [String] = []
    guard case .fresh(let left) = state(freshness, .zero) else { return ["stale: \(freshness)"] }
    if left != length { complaints.append("fresh for \(left.count) ms") }
    let found = Mirror(reflecting: freshness).children.first { $0.label == "source" }
    if let source, let found, source != "\(found.value)" {
      complaints.append("the lifetime is by \(found.value), not by \(source)")
    }
    let later = state(freshness, Milliseconds(length.count + 500))
    switch (then, later) {
    case (_, .fresh): complaints.append("fresh for longer")
    case (.stale, .stale), (.error, .staleIfError), (.refreshing, .stale),
      (.refreshing, .staleIfError), (.error, .staleWhileRevalidate):
      complaints.append("afterwards: \(later)")
    default: break
    }
    return complaints
  }

  private func state(_ freshness: Freshness, _ after: Milliseconds) -> FreshnessState {
    freshness.state(arrival: arrival, now: arrival + after)
  }

  /// A reason as rows write it: `noStore` is `no-store`.
  private func name(of reason: NotStored) -> String {
    "\(reason)".reduce(into: "") { text, character in
      text += character.isUppercase ? "-" + character.lowercased() : String(character)
    }
  }
}
