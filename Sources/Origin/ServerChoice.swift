internal import Bytes
internal import Glibc
internal import Policy

/// Which server of an origin comes next: a value that one worker keeps per origin.
///
/// A bad server is never left out for good: a last hope beats an error. Where all are down, the
/// least bad primary is asked, then the least bad backup: the one with the fewest failures, then
/// the one whose trial is due first; so an outage of all is tried out one server after the other.
///
/// A server that came up again gets its share by and by where servers share; a latched one is all
/// or nothing, for playlists and segments of one presentation must come from one packager.
struct ServerChoice {
  /// What the choice knows of a server.
  struct Candidate: Equatable {
    /// The share of fetches where servers share; at least 1.
    var weight: Int
    /// Used only when no other server is sound.
    var isBackup: Bool
    /// What tells it from others wherever it stands in the file: a hash of its host and port.
    var name: UInt64 = 0
  }

  private let policy: OriginSettings.Policy
  private let candidates: [Candidate]
  private var credits: [Int]
  private var random: RandomSource

  init(policy: OriginSettings.Policy, candidates: [Candidate], seed: UInt64 = 0) {
    self.policy = policy
    self.candidates = Array(candidates.prefix(OriginLimits.serversMax))
    credits = Array(repeating: 0, count: self.candidates.count)
    random = RandomSource(seed: seed)
  }

  /// The server to try next; `nil` when all have been tried.
  ///
  /// Sound ones and those that may be tried come before the others, primaries before backups; where
  /// none is left, the least bad primary, then the least bad backup. A trial costs a fetch at worst
  /// its time-out, so only one that can go on elsewhere makes it: where `mayTry` is false, those
  /// that may be tried count as bad. What is of a session stays where its key leads it.
  mutating func next(
    tried: ServerSet, _ view: HealthBoard.View, mayTry: Bool, keyHash: UInt64 = 0,
    isSession: Bool = false
  ) -> Int? {
    let good = mayTry ? view.sound.union(view.open) : view.sound
    for isBackup in [false, true] {
      let group = ServerSet(candidates.indices) { candidates[$0].isBackup == isBackup }
      var members = good.intersection(group)
      if mayTry, !isBackup, policy != .latched { bound(&members, of: group, view) }
      members.subtract(tried)
      if !members.isEmpty { return choose(among: members, view, keyHash, isSession) }
    }
    for isBackup in [false, true] {
      let least = view.leastBad.first {
        !tried.contains($0) && candidates[$0].isBackup == isBackup
      }
      if let least { return least }
    }
    return nil
  }

  /// Keeps the least bad of the group in where more than may be would be left out.
  ///
  /// With most servers gone, the rest would get all of the load and go as well. It holds while at
  /// least one is good: with none, backups come, or the least bad alone.
  private func bound(_ members: inout ServerSet, of group: ServerSet, _ view: HealthBoard.View) {
    guard !members.isEmpty else { return }
    let leftOutMax = group.count * OriginLimits.leftOutPercent / 100
    var leftOut = group.subtracting(members).count
    for index in view.leastBad where leftOut > leftOutMax {
      guard group.contains(index), !members.contains(index), !view.drained.contains(index)
      else { continue }
      members.insert(index)
      leftOut -= 1
    }
  }

  private mutating func choose(
    among members: ServerSet, _ view: HealthBoard.View, _ keyHash: UInt64, _ isSession: Bool
  ) -> Int? {
    switch isSession && policy != .latched ? .hash : policy {
    case .latched: return members.first
    case .roundRobin: return nextInTurn(among: members, view.shares)
    case .leastLatency:
      let ready = ServerSet(members.places) { random.next() % 1000 < view.share(of: $0) }
      return fasterOfTwo(among: ready.isEmpty ? members : ready, view)
    case .hash:
      // Which keys one that came up again gets depends on the key, so that none moves to and fro.
      let ready = ServerSet(members.places) {
        mix(~keyHash, candidates[$0].name) % 1000 < view.share(of: $0)
      }
      return owner(
        of: keyHash, among: ready.isEmpty ? members : ready, view, isBounded: !isSession)
    }
  }

  /// Smooth weighted round robin, as nginx does it.
  private mutating func nextInTurn(among members: ServerSet, _ shares: [Int]) -> Int {
    var best = -1
    var total = 0
    for index in members.places {
      let weight = candidates[index].weight * (shares.isEmpty ? 1000 : shares[index])
      credits[index] += weight
      total += weight
      if best < 0 || credits[index] > credits[best] { best = index }
    }
    credits[best] -= total
    return best
  }

  /// The faster of two that are drawn by lot: the fastest of all would get everybody at once, and
  /// a slow one would never be seen to have become fast (Mitzenmacher, The Power of Two Choices).
  private mutating func fasterOfTwo(among members: ServerSet, _ view: HealthBoard.View) -> Int {
    let places = members.places
    let first = Int(random.next() % UInt64(places.count))
    guard places.count > 1 else { return places[first] }
    var second = Int(random.next() % UInt64(places.count - 1))
    if second >= first { second += 1 }
    let pair = (places[first], places[second])
    return cost(of: pair.1, view) < cost(of: pair.0, view) ? pair.1 : pair.0
  }

  /// How long a fetch has to expect to wait there, relative to the weight: each one that runs adds
  /// its time.
  private func cost(of index: Int, _ view: HealthBoard.View) -> Double {
    let latency = Double(max(view.latency(of: index), OriginLimits.latencyFloorMicroseconds))
    return latency * Double(view.running(of: index) + 1) / Double(candidates[index].weight)
  }

  /// The owner of a key among the servers that have room: weighted rendezvous hashing.
  ///
  /// When a server goes, its keys alone move, each to its next one; when it comes back, they come
  /// back. What would load one with more than its share (`OriginLimits.hashLoadPercent`) goes to
  /// the key's next one too (Mirrokni and others, Consistent Hashing with Bounded Loads).
  private func owner(
    of keyHash: UInt64, among members: ServerSet, _ view: HealthBoard.View, isBounded: Bool
  ) -> Int {
    var running = 1
    var weights = 0
    for index in members.places {
      running += view.running(of: index)
      weights += candidates[index].weight
    }
    var best = (index: members.places[0], score: -Double.infinity)
    for index in members.places {
      let weight = candidates[index].weight
      let room = OriginLimits.hashLoadPercent * running * weight
      if isBounded, view.running(of: index) * 100 * weights >= room { continue }
      let lot = Double(mix(keyHash, candidates[index].name) >> 11) + 0.5
      let score = -Double(weight) / log(lot / 9_007_199_254_740_992)
      if score > best.score { best = (index, score) }
    }
    return best.index
  }

  private func mix(_ key: UInt64, _ name: UInt64) -> UInt64 {
    var source = RandomSource(seed: key ^ name)
    return source.next()
  }
}
