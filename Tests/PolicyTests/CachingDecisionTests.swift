import Bytes
import Policy
import Streams
import Testing
import Wire

@Suite struct `A caching decision` {
  /// 2025-07-01T00:00:00Z.
  private let now = WallTime(milliseconds: 1_751_328_000_000)

  private func decide(
    _ fields: [String], status: Int = 200, kind: ObjectKind = .other,
    rule: RuleSettings = RuleSettings(match: "/**"), method: Method = .get,
    authorized: Bool = false, delay: Milliseconds = .zero, jitter: UInt64 = 0
  ) throws -> CachingDecision {
    let snapshot = try oneSite(rules: [rule])
    let facts = DecisionFacts(
      method: method, hasAuthorization: authorized,
      rule: snapshot.rule(site: 0, path: Array("/a".utf8).span), kind: kind, delay: delay,
      now: now, jitter: jitter)
    return try withResponse(status, fields) { head, bytes in
      CachingDecision.make(head, bytes: bytes, facts: facts)
    }
  }

  private func freshness(_ decision: CachingDecision) throws -> Freshness {
    guard case .store(let freshness) = decision else { throw NotKept(decision: decision) }
    return freshness
  }

  private struct NotKept: Error { let decision: CachingDecision }

  @Test(arguments: [
    (["Cache-Control: max-age=10"], 10), (["Cache-Control: max-age=10, s-maxage=20"], 20),
    (["Cache-Control: s-maxage=5", "Expires: Tue, 01 Jul 2025 01:00:00 GMT"], 5),
    (["Expires: Tue, 01 Jul 2025 01:00:00 GMT"], 3600),
    (["Expires: Tue, 01 Jul 2025 01:00:00 GMT", "Date: Tue, 01 Jul 2025 00:59:00 GMT"], 60),
    (["Cache-Control: public, max-age=99999999999999999999"], 2_147_483_648),
    (["Cache-Control: max-age=10", "Expires: 0"], 10),
  ])
  func `takes s-maxage before max-age before Expires`(fields: [String], seconds: Int) throws {
    let freshness = try freshness(decide(fields))

    #expect(freshness.lifetime == Milliseconds.seconds(Int64(seconds)))
    #expect(!freshness.isHeuristic)
  }

  @Test(arguments: [
    (["Cache-Control: no-store"], NotStored.noStore),
    (["Cache-Control: max-age=60, private"], .isPrivate),
    (["Cache-Control: max-age=60, private=\"\""], .isPrivate),
    (["Cache-Control: max-age=60", "Set-Cookie: a=b"], .setCookie),
    (["Cache-Control: max-age=60", "Vary: *"], .vary),
    (["Cache-Control: max-age=0"], .notFresh), (["Expires: 0"], .notFresh),
    (["Expires: Mon, 30 Jun 2025 00:00:00 GMT"], .notFresh), ([], .notFresh),
    (["Cache-Control: no-cache"], .notFresh),
  ])
  func `keeps nothing that is forbidden or useless`(fields: [String], reason: NotStored) throws {
    let decision = try decide(fields)

    #expect(decision == .doNotStore(reason, remember: PolicyLimits.uncacheableMemory))
  }

  @Test func `keeps what can be revalidated`() throws {
    let noCache = try freshness(decide(["Cache-Control: no-cache, max-age=60", "ETag: \"a\""]))
    let zero = try freshness(
      decide(["Cache-Control: max-age=0", "Last-Modified: Tue, 01 Jul 2025 00:00:00 GMT"]))

    #expect(noCache.alwaysRevalidate)
    #expect(noCache.state(arrival: Instant(nanoseconds: 0), now: Instant(nanoseconds: 0)) == .stale)
    #expect(zero.lifetime == .zero)
  }

  @Test func `stores answers to Authorization only where the origin says that they are shared`()
    throws
  {
    let kept = ["public, max-age=9", "s-maxage=9", "must-revalidate, max-age=9"]

    for control in kept {
      _ = try freshness(decide(["Cache-Control: \(control)"], authorized: true))
    }
    #expect(
      try decide(["Cache-Control: max-age=9"], authorized: true)
        == .doNotStore(.authorization, remember: PolicyLimits.uncacheableMemory))
  }

  @Test func `never keeps answers to other methods, of bypassed paths or partial ones`() throws {
    let good = ["Cache-Control: max-age=9"]
    let memory = PolicyLimits.uncacheableMemory

    #expect(try decide(good, method: .post) == .doNotStore(.method, remember: memory))
    #expect(
      try decide(good, rule: RuleSettings(match: "/**", bypass: true))
        == .doNotStore(.rule, remember: memory))
    #expect(
      try decide(good, rule: RuleSettings(match: "/**", session: true))
        == .doNotStore(.rule, remember: memory))
    #expect(
      try decide(good + ["Content-Range: bytes 0-1/9"], status: 206)
        == .doNotStore(.status, remember: memory))
    #expect(try decide(good, status: 304) == .doNotStore(.status, remember: memory))
  }

  @Test func `lets a rule's ttl replace the origin's word, but not its prohibitions`() throws {
    let rule = RuleSettings(match: "/**", ttl: Milliseconds(4000), stale: Milliseconds(9000))

    let freshness = try freshness(
      decide(["Cache-Control: max-age=1, must-revalidate, no-cache"], rule: rule))

    #expect(freshness.lifetime == Milliseconds(4000))
    #expect(freshness.staleWhileRevalidate == Milliseconds(9000))
    #expect(!freshness.mustRevalidate && !freshness.alwaysRevalidate)
    for fields in [["Cache-Control: no-store"], ["Cache-Control: private"], ["Set-Cookie: a"]] {
      guard case .doNotStore = try decide(fields, rule: rule) else {
        Issue.record("kept \(fields)")
        continue
      }
    }
  }

  @Test func `applies the default policy where a stream's origin is silent`() throws {
    let segment = try freshness(decide([], kind: .segment))
    let playlist = try freshness(decide([], kind: .playlist))
    let manifest = try freshness(decide([], kind: .dashManifest))
    let stated = try freshness(decide(["Cache-Control: max-age=3"], kind: .playlist))

    #expect(segment.lifetime == Milliseconds.seconds(600))
    #expect(segment.isHeuristic && !segment.awaitsBody)
    #expect(playlist.awaitsBody && manifest.awaitsBody)
    #expect(playlist.lifetime == Milliseconds(200))
    #expect(!stated.awaitsBody && stated.lifetime == Milliseconds(3000))
  }

  @Test func `lets a live rule overrule no-cache and no-store, never private or Set-Cookie`() throws
  {
    let rule = RuleSettings(match: "/**", live: true)

    let kept = try freshness(
      decide(["Cache-Control: no-cache, no-store"], kind: .playlist, rule: rule))

    #expect(kept.awaitsBody && !kept.alwaysRevalidate && !kept.mustRevalidate)
    #expect(
      try decide(["Cache-Control: no-store, private"], kind: .playlist, rule: rule)
        == .doNotStore(.isPrivate, remember: PolicyLimits.uncacheableMemory))
    #expect(
      try decide(["Cache-Control: no-store", "Set-Cookie: a"], kind: .playlist, rule: rule)
        == .doNotStore(.setCookie, remember: PolicyLimits.uncacheableMemory))
    #expect(
      try decide(["Cache-Control: no-store"], kind: .segment, rule: rule)
        == .doNotStore(.noStore, remember: PolicyLimits.uncacheableMemory))
  }

  @Test func `stores no answer that nothing permits to store`() throws {
    let memory = PolicyLimits.uncacheableMemory

    #expect(
      try decide(["ETag: \"a\""], status: 307, kind: .key)
        == .doNotStore(.notFresh, remember: memory))
    #expect(try freshness(decide(["ETag: \"a\""], status: 301, kind: .key)).lifetime == .zero)
  }

  @Test func `asks for errors that say no-cache, whatever the rule says about successes`() throws {
    let rule = RuleSettings(match: "/**", ttl: Milliseconds(4000))

    guard
      case .doNotStore = try decide(
        ["Cache-Control: max-age=60, no-cache"], status: 403, rule: rule)
    else {
      Issue.record("kept")
      return
    }
  }

  @Test func `stores an answer whose cookie is withheld by the origin's word`() throws {
    let fields = ["Cache-Control: max-age=60, private=\"Set-Cookie\"", "Set-Cookie: a=b"]

    #expect(try freshness(decide(fields)).lifetime == Milliseconds.seconds(60))
  }

  @Test func `serves a segment for a day when its origin is dead`() throws {
    #expect(try freshness(decide([], kind: .segment)).staleIfError == Milliseconds.seconds(86_400))
  }

  /// An error's answer and how long it is remembered; -1: it is not kept.
  private struct ErrorCase: Sendable {
    let status: Int
    let kind: ObjectKind
    let control: String?
    let milliseconds: Int64

    init(_ status: Int, _ kind: ObjectKind, _ control: String?, _ milliseconds: Int64) {
      self.status = status
      self.kind = kind
      self.control = control
      self.milliseconds = milliseconds
    }
  }

  private static let errorCases: [ErrorCase] = [
    ErrorCase(404, .segment, nil, 250), ErrorCase(404, .segment, "max-age=60", 250),
    ErrorCase(404, .segment, "max-age=0", -1), ErrorCase(404, .initSegment, nil, 1000),
    ErrorCase(410, .playlist, nil, 250), ErrorCase(404, .other, nil, -1),
    ErrorCase(404, .other, "max-age=60", 60_000), ErrorCase(503, .segment, nil, 250),
    ErrorCase(503, .other, nil, -1),
    ErrorCase(500, .other, "max-age=60", 60_000), ErrorCase(503, .other, "no-store", -1),
    ErrorCase(403, .segment, "max-age=60", -1),
  ]

  @Test(arguments: errorCases)
  private func `remembers errors for moments`(error: ErrorCase) throws {
    let fields = error.control.map { ["Cache-Control: \($0)"] } ?? []

    let decision = try decide(fields, status: error.status, kind: error.kind)

    if error.milliseconds >= 0 {
      #expect(try freshness(decision).lifetime == Milliseconds(error.milliseconds))
    } else {
      guard case .doNotStore(_, let remember) = decision else { throw NotKept(decision: decision) }
      #expect(remember == PolicyLimits.uncacheableErrorMemory)
    }
  }

  @Test func `spreads the memory of server errors`() throws {
    #expect(
      try freshness(decide([], status: 502, kind: .segment, jitter: 750)).lifetime
        == Milliseconds(1000))
  }

  @Test(arguments: [
    ([String](), 0), (["Age: 7"], 7), (["Age: 7", "Age: 9"], 7), (["Age: 7, 9"], 7),
    (["Age: x"], 0), (["Age: -1"], 0), (["Age: 1.5"], 0), (["Age: "], 0),
    (["Age: 99999999999999999999999"], 2_147_483_648), (["Age: 2147483649"], 2_147_483_648),
    (["Date: Mon, 30 Jun 2025 00:00:00 GMT"], 0),
  ])
  func `counts the age that an answer came with`(fields: [String], seconds: Int) throws {
    let freshness = try freshness(
      decide(fields + ["Cache-Control: max-age=60"], delay: Milliseconds(250)))

    #expect(freshness.initialAge == Milliseconds(Int64(seconds) * 1000 + 250))
  }

  @Test func `allows staleness as far as the origin does`() throws {
    let open = try freshness(
      decide(["Cache-Control: max-age=1, stale-while-revalidate=5, stale-if-error=9"]))
    let shared = try freshness(decide(["Cache-Control: s-maxage=1"]))
    let stated = try freshness(decide(["Cache-Control: s-maxage=1, stale-while-revalidate=5"]))
    let strict = try freshness(
      decide(["Cache-Control: max-age=1, stale-while-revalidate=5, proxy-revalidate"]))

    #expect(open.staleWhileRevalidate == Milliseconds(5000))
    #expect(open.staleIfError == Milliseconds(9000) && !open.mustRevalidate)
    #expect(shared.mustRevalidate)
    #expect(!stated.mustRevalidate)
    #expect(strict.mustRevalidate)
  }

  @Test func `never serves a playlist stale while it is refreshed by a rule`() throws {
    let rule = RuleSettings(match: "/**", stale: Milliseconds(9000))

    let freshness = try freshness(decide([], kind: .playlist, rule: rule))

    #expect(freshness.staleWhileRevalidate == .zero)
    #expect(freshness.staleIfError == Milliseconds(9000))
  }

  @Test func `keeps lifetimes over a silent 304 and takes those of a talking one`() throws {
    let rule = try oneSite().rule(site: 0, path: Array("/a".utf8).span)
    let facts = DecisionFacts(rule: rule, kind: .playlist, now: now)
    let previous = Freshness(
      lifetime: Milliseconds(3000), initialAge: Milliseconds(2000), source: .kindDefault)

    let silent = try withResponse(304, ["Age: 1"]) {
      CachingDecision.refresh($0, bytes: $1, previous: previous, facts: facts)
    }
    let talking = try withResponse(304, ["Cache-Control: max-age=9"]) {
      CachingDecision.refresh($0, bytes: $1, previous: previous, facts: facts)
    }
    let forbidding = try withResponse(304, ["Cache-Control: private"]) {
      CachingDecision.refresh($0, bytes: $1, previous: previous, facts: facts)
    }

    #expect(try freshness(silent).lifetime == Milliseconds(3000))
    #expect(try freshness(silent).initialAge == Milliseconds(1000))
    #expect(try freshness(silent).awaitsBody)
    #expect(try freshness(talking).lifetime == Milliseconds(9000))
    #expect(forbidding == .doNotStore(.isPrivate, remember: PolicyLimits.uncacheableMemory))
  }
}
