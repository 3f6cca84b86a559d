import Policy
import SimpleCache
import Testing
import Wire

@Suite struct `Two implementations of conditions and ranges` {
  @Test(arguments: 0..<4)
  func `agree about random requests`(shard: Int) throws {
    var told = 0
    for offset in stride(from: shard, to: Effort.cases, by: 4) where told < 5 {
      let seed = Effort.seed &+ UInt64(offset)
      var requests = SimpleRequests(seed: seed)
      let stored = requests.stored()
      let isGet = requests.isGet()
      var lines = requests.lines()
      guard try difference(isGet: isGet, lines, stored) != nil else { continue }
      // The least request that shows it.
      var index = 0
      while index < lines.count {
        var fewer = lines
        fewer.remove(at: index)
        if try difference(isGet: isGet, fewer, stored) == nil { index += 1 } else { lines = fewer }
      }
      let words = try difference(isGet: isGet, lines, stored) ?? ""
      let text = lines.map { "  \($0.name): \($0.value)" }.joined(separator: "\n")
      Issue.record("seed \(seed), \(words)\n  \(isGet ? "GET" : "HEAD") of \(stored)\n\(text)")
      told += 1
    }
  }

  private func difference(
    isGet: Bool, _ lines: [SimpleLine], _ stored: SimpleStored
  ) throws -> String? {
    let simple = SimpleCondition.verdict(
      isGet: isGet, lines, stored: stored, now: SimpleRequests.now)
    let real = try verdict(isGet: isGet, lines, stored)
    return simple == real ? nil : "\(simple), really \(real)"
  }

  private func verdict(
    isGet: Bool, _ lines: [SimpleLine], _ stored: SimpleStored
  ) throws -> SimpleVerdict {
    let tag = Array(stored.tag.utf8)
    let now = Int64(SimpleRequests.now)
    let line = (isGet ? "GET" : "HEAD") + " /a HTTP/1.1"
    return try withRequest(line, lines.map { "\($0.name): \($0.value)" }) { head, bytes in
      let facts = StoredFacts(
        status: UInt16(stored.status), entityTag: tag.span,
        lastModified: stored.modified.map { HTTPDate(seconds: Int64($0)) },
        date: stored.date.map { HTTPDate(seconds: Int64($0)) },
        length: stored.length.map { UInt64($0) })
      switch Condition.evaluate(head, bytes: bytes, stored: facts, now: now) {
      case .full: return .full
      case .notModified: return .notModified
      case .preconditionFailed: return .failed
      case .unsatisfiable: return .unsatisfiable
      case .partialOnceLengthIsKnown: return .later
      case .partialOpenEnded(let first): return .openEnded(Int(first))
      case .partial(let range): return .partial([Int(range.first)...Int(range.last)])
      case .several:
        guard let field = head.fields.first(.range), let length = facts.length,
          let request = RangeRequest(bytes.slice(field)),
          case .several(let ranges) = request.resolve(length: length)
        else { return .full }
        return .partial(
          (0..<ranges.count).map { Int(ranges[$0].first)...Int(ranges[$0].last) })
      }
    }
  }
}
