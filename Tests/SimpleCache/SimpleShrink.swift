internal import Streams

// A disagreement is told by the least head that still shows it.
extension SimpleQuestion {
  /// The smallest question, by steps, of which `isWanted` still holds.
  package func shrunk(_ isWanted: (SimpleQuestion) -> Bool) -> SimpleQuestion {
    var best = self
    while let next = best.smaller.first(where: isWanted) { best = next }
    return best
  }

  /// The question, each time with one thing less.
  private var smaller: [SimpleQuestion] {
    var result: [SimpleQuestion] = []
    func with(_ change: (inout SimpleQuestion) -> Void) {
      var copy = self
      change(&copy)
      if copy.description != description { result.append(copy) }
    }
    for index in lines.indices {
      with { $0.lines.remove(at: index) }
      let parts = lines[index].value.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count > 1 else { continue }
      for part in parts.indices {
        var kept = parts
        kept.remove(at: part)
        with { $0.lines[index].value = kept.joined(separator: ",") }
      }
    }
    with { $0.rule = SimpleRule() }
    for word in rule.ignores { with { $0.rule.ignores.remove(word) } }
    with { $0.status = 200 }
    with { $0.kind = .other }
    with { $0.hasAuthorization = false }
    with { $0.method = "GET" }
    with { $0.delay = 0 }
    with { $0.jitter = 0 }
    with { $0.now = $0.now / 86_400_000 * 86_400_000 }
    return result
  }
}

extension SimpleQuestion: CustomStringConvertible {
  package var description: String {
    var text = "\(method) \(status) \(kind) now=\(now) delay=\(delay) jitter=\(jitter)"
    if hasAuthorization { text += " with Authorization" }
    if rule != SimpleRule() { text += "\n  \(rule)" }
    for line in lines { text += "\n  \(line.name): \(line.value)" }
    return text
  }
}
