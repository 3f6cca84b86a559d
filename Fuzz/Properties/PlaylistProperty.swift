import Bytes
import Streams

/// Reads any bytes as a playlist: never traps, and the facts do not depend on the cuts.
///
/// The first byte of the input chooses the pieces; the rest is the body.
enum PlaylistProperty {
  static func check(_ bytes: [UInt8]) {
    let input = bytes.span
    guard bytes.count > 0 else { return }
    let piece = 1 + Int(input[0]) % 67
    let body = input.extracting(1..<bytes.count)

    let whole = PlaylistFacts.read(body)
    let path: [UInt8] = Array("/live/hi/media.m3u8".utf8)
    let parts = NamedPart.read(body, path: path.span)
    precondition(parts.count <= StreamsLimits.partsPerPlaylist, "too many parts were read")
    for part in parts {
      precondition(part.path.first == UInt8(ascii: "/"), "a part's path is not absolute")
    }
    var reader = PlaylistReader()
    var index = 0
    while index < body.count {
      let end = min(index + piece, body.count)
      reader.feed(body.extracting(index..<end))
      index = end
    }

    precondition(reader.finish() == whole, "the facts depend on the cuts")
    checkLifetime(whole, seed: input[0])
  }

  /// Whatever a playlist says, its lifetime stays within the policy.
  private static func checkLifetime(_ facts: PlaylistFacts?, seed: UInt8) {
    guard let facts, facts.isLive else { return }
    var basis = LifetimeBasis(kind: .mediaPlaylist, status: 200)
    basis.playlist = facts
    basis.sinceChange = Milliseconds(Int64(seed) * 100)
    let lifetime = DefaultLifetime(of: basis)
    precondition(lifetime.fresh >= Milliseconds(200), "a live playlist is asked for too often")
    precondition(
      lifetime.fresh <= max(Milliseconds(200), Milliseconds(facts.targetDuration.count / 2)),
      "a live playlist is kept for too long")
    precondition(lifetime.staleOnError >= .zero, "a negative time to serve stale")
  }
}
