/// Which server of an origin comes next: a value that one worker keeps per origin.
///
/// A bad server is never left out: a last hope beats an error. A server that came up again gets its
/// share by and by where servers share; a latched one is all or nothing, for playlists and segments
/// of one presentation must come from one packager.
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
  /// Sound ones and those that may be tried come before the others, primaries before backups; where
  /// none is left, the least bad primary, then the least bad backup. Bits of `tried` stand for
  /// servers. A trial costs a fetch at worst its time-out, so only one that can go on elsewhere
  /// makes it: where `mayTry` is false, those that may be tried count as bad.
  mutating func next(tried: UInt64, _ view: HealthBoard.View, mayTry: Bool) -> Int? {
    let good = (view.sound | (mayTry ? view.open : 0)) & ~tried
    for isBackup in [false, true] {
      let members = good & mask { $0.isBackup == isBackup }
      if members != 0 { return choose(among: members, view.shares) }
    }
    for isBackup in [false, true] {
      let least = view.leastBad.first {
        tried & (1 << UInt64($0)) == 0 && candidates[$0].isBackup == isBackup
      }
      if let least { return least }
    }
    return nil
  }

  private func mask(_ isWanted: (Candidate) -> Bool) -> UInt64 {
    var mask: UInt64 = 0
    for index in candidates.indices where isWanted(candidates[index]) {
      mask |= 1 << UInt64(index)
    }
    return mask
  }

  private mutating func choose(among members: UInt64, _ shares: [Int]) -> Int {
    guard rule == .roundRobin else { return members.trailingZeroBitCount }
    var best = -1
    var total = 0
    for index in candidates.indices where members & (1 << UInt64(index)) != 0 {
      let weight = max(1, candidates[index].weight) * (shares.isEmpty ? 1000 : shares[index])
      credits[index] += weight
      total += weight
      if best < 0 || credits[index] > credits[best] { best = index }
    }
    credits[best] -= total
    return best
  }
}
