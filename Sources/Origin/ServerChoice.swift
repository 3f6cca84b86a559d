/// Which server of an origin comes next: a value that one worker keeps per origin.
///
/// Four groups, the earlier preferred: sound servers, sound backups, failing servers, failing
/// backups. A failing server is never left out: a last hope beats an error.
struct ServerChoice {
  /// What the choice knows of a server.
  struct Candidate: Equatable {
    /// The share of fetches under round robin; at least 1.
    var weight: Int
    /// Used only when no other server is sound.
    var isBackup: Bool
  }

  /// How a server is chosen within a group.
  enum Rule: Equatable {
    /// Always the first, so that all workers of a node agree without talking.
    case latched
    /// By turns in proportion to the weights (smooth weighted round robin, as nginx does it).
    case roundRobin
  }

  private let rule: Rule
  private let candidates: [Candidate]
  private var credits: [Int]

  init(rule: Rule, candidates: [Candidate]) {
    self.rule = rule
    self.candidates = Array(candidates.prefix(OriginLimits.serversMax))
    credits = Array(repeating: 0, count: self.candidates.count)
  }

  /// The server to try next; `nil` when all have been tried.
  ///
  /// Bits of `tried` and `failing` stand for servers.
  mutating func next(tried: UInt64, failing: UInt64) -> Int? {
    for group in 0..<4 {
      let wantsFailing = group >= 2
      let wantsBackup = group % 2 == 1
      var members: UInt64 = 0
      for index in candidates.indices {
        let bit: UInt64 = 1 << UInt64(index)
        guard tried & bit == 0, (failing & bit != 0) == wantsFailing,
          candidates[index].isBackup == wantsBackup
        else { continue }
        members |= bit
      }
      if members != 0 { return choose(among: members) }
    }
    return nil
  }

  private mutating func choose(among members: UInt64) -> Int {
    guard rule == .roundRobin else { return members.trailingZeroBitCount }
    var best = -1
    var total = 0
    for index in candidates.indices where members & (1 << UInt64(index)) != 0 {
      let weight = max(1, candidates[index].weight)
      credits[index] += weight
      total += weight
      if best < 0 || credits[index] > credits[best] { best = index }
    }
    credits[best] -= total
    return best
  }
}
