/// How a player picks a rendition.
public enum RenditionPolicy: String, Sendable, CaseIterable {
  /// By the throughput that it measures, the first listed at first.
  case auto
  /// Always the one with the fewest bits.
  case lowest
  /// Always the one with the most bits.
  case highest
  /// Each player another one, for as long as it stays.
  case spread
}

/// Picks renditions: a mean of the measured throughput, and the richest that four fifths of it
/// carry (a usual margin: hls.js has 0.7 to go up and 0.95 to stay, dash.js 0.9).
struct RenditionChoice {
  private let policy: RenditionPolicy
  private let bandwidths: [UInt64]
  /// Bits a second; `nil` until something was measured.
  private(set) var throughput: Double?
  private(set) var rendition: Int

  /// - Parameters:
  ///   - policy: how.
  ///   - bandwidths: bits a second of the renditions in the order of the presentation.
  ///   - player: the player's number.
  init(_ policy: RenditionPolicy, bandwidths: [UInt64], player: Int) {
    self.policy = policy
    self.bandwidths = bandwidths
    let ranked = bandwidths.indices.sorted { bandwidths[$0] < bandwidths[$1] }
    switch policy {
    case .auto: rendition = 0
    case .lowest: rendition = ranked.first ?? 0
    case .highest: rendition = ranked.last ?? 0
    case .spread: rendition = bandwidths.isEmpty ? 0 : player % bandwidths.count
    }
  }

  /// Notes how fast media came; little of it measures the way, not its width.
  mutating func measure(bytes: UInt64, nanoseconds: Int64) {
    guard bytes >= 16_384, nanoseconds > 0 else { return }
    let now = Double(bytes) * 8e9 / Double(nanoseconds)
    throughput = throughput.map { 0.7 * $0 + 0.3 * now } ?? now
  }

  /// The rendition for what is asked for next.
  mutating func next() -> Int {
    guard policy == .auto, let throughput else { return rendition }
    let budget = UInt64(throughput * 0.8)
    let fitting = bandwidths.indices.filter { bandwidths[$0] <= budget }
    let candidates = fitting.isEmpty ? Array(bandwidths.indices) : fitting
    let order: (Int, Int) -> Bool = { bandwidths[$0] < bandwidths[$1] }
    rendition =
      (fitting.isEmpty ? candidates.min(by: order) : candidates.max(by: order)) ?? rendition
    return rendition
  }
}
