import Benchmark
import Bytes
import Policy
import Samples
import Streams
import Wire

/// What a Fill pays once per answer, and a hit per request: `make micro` prints nanoseconds.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock], timeUnits: .nanoseconds, scalingFactor: .kilo,
    maxDuration: .seconds(2), maxIterations: 2000)

  decision("Decision: live segment, max-age", Heads.segment, .segment)
  decision("Decision: playlist, no-cache", Heads.playlist, .playlist)
  decision("Decision: film, Expires and validators", Heads.film, .segment)
  decision("Decision: targeted field", Heads.targeted, .segment)
  decision("Decision: page, Last-Modified alone", Heads.page, .other)

  condition("Condition: none", [])
  condition("Condition: If-None-Match of two tags", ["If-None-Match: W/\"v0\", \"v1\""])
  condition("Condition: If-Modified-Since", ["If-Modified-Since: Sun, 01 Jun 2025 08:30:00 GMT"])
  condition("Condition: Range and If-Range", ["Range: bytes=1000-1999", "If-Range: \"v1\""])

  varyKey()
}

/// The whole decision about one answer: the aim is 300 ns.
private func decision(_ name: String, _ fields: [String], _ kind: ObjectKind) {
  Benchmark(name) { benchmark in
    let facts = DecisionFacts(rule: .none, kind: kind, delay: Milliseconds(40), now: Heads.now)
    Heads.withResponse(fields) { head, bytes in
      for _ in benchmark.scaledIterations {
        blackHole(CachingDecision.make(head, bytes: bytes, facts: facts))
      }
    }
  }
}

/// The conditions and the range of one request against a stored answer.
private func condition(_ name: String, _ fields: [String]) {
  Benchmark(name) { benchmark in
    let tag = Array("\"v1\"".utf8)
    let now = Heads.now.milliseconds / 1000
    let modified = HTTPDate(seconds: now - 2_590_200)
    Heads.withRequest(fields) { head, bytes in
      for _ in benchmark.scaledIterations {
        let stored = StoredFacts(
          status: 200, entityTag: tag.span, lastModified: modified,
          date: HTTPDate(seconds: now), length: 402_311)
        blackHole(Condition.evaluate(head, bytes: bytes, stored: stored, now: now))
      }
    }
  }
}

/// The key of the variant that answers one request.
private func varyKey() {
  Benchmark("Vary key: Accept-Encoding and Accept-Language") { benchmark in
    let key = Hash128(low: 1, high: 2)
    var scratch: [UInt8] = []
    Heads.withResponse(["Vary: Accept-Encoding, Accept-Language"]) { head, bytes in
      guard case .rule(let rule) = VaryRule.read(head, bytes: bytes) else { return }
      let fields = [
        "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: it-IT,it;q=0.9,en;q=0.8",
      ]
      Heads.withRequest(fields) { request, requestBytes in
        for _ in benchmark.scaledIterations {
          blackHole(
            rule.variantKey(
              of: key, head: request, bytes: requestBytes, isIdentityOnly: false,
              scratch: &scratch))
        }
      }
    }
  }
}
