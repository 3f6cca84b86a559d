internal import Bytes
internal import Glibc

/// Which of many objects the next request asks for.
public enum Popularity: Sendable, Equatable {
  /// All alike.
  case uniform
  /// The n-th most popular is asked for in proportion to 1/n^s; video catalogues have s of 0.6 to
  /// 1.1.
  case zipf(Double)
}

/// Draws numbers below `count` in constant time, by Walker's alias method.
struct KeyChoice {
  private let count: Int
  /// For each column: with this chance, in 2^-32, it is its own number, else its alias.
  private var chances: [UInt32] = []
  private var aliases: [UInt32] = []
  private var random: RandomSource

  init(count: Int, popularity: Popularity, seed: UInt64) {
    self.count = count
    random = RandomSource(seed: seed)
    guard case .zipf(let exponent) = popularity, count > 1 else { return }
    fill(weights: (1...count).map { 1 / pow(Double($0), exponent) })
  }

  /// The next number.
  mutating func next() -> Int {
    guard count > 1 else { return 0 }
    let bits = random.next()
    let column = Int(((bits >> 32) &* UInt64(count)) >> 32)
    guard !chances.isEmpty else { return column }
    return UInt32(truncatingIfNeeded: bits) < chances[column] ? column : Int(aliases[column])
  }

  private mutating func fill(weights: [Double]) {
    let total = weights.reduce(0, +)
    var scaled = weights.map { $0 * Double(count) / total }
    chances = Array(repeating: .max, count: count)
    aliases = (0..<UInt32(count)).map { $0 }
    var small = scaled.indices.filter { scaled[$0] < 1 }
    var large = scaled.indices.filter { scaled[$0] >= 1 }
    while let poor = small.popLast(), let rich = large.popLast() {
      chances[poor] = UInt32(max(0, min(4_294_967_295, scaled[poor] * 4_294_967_296)))
      aliases[poor] = UInt32(rich)
      scaled[rich] -= 1 - scaled[poor]
      if scaled[rich] < 1 { small.append(rich) } else { large.append(rich) }
    }
  }
}
