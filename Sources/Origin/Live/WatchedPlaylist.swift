internal import Bytes
internal import Streams

/// A playlist or manifest that probes look at, whether viewers watch it or not.
struct WatchedPlaylist: Sendable {
  /// What one server's was when it was looked at last.
  struct Sight: Sendable {
    /// A number that grows with it: the newest segment's, or when that ends.
    var last: UInt64
    /// When it was first seen like this.
    var at: Instant
    /// It has moved on since it was seen before.
    var hasMoved: Bool
    var hasEnded: Bool
  }

  let path: [UInt8]
  /// The site that shows it.
  let site: Int
  var sights: [Int: Sight] = [:]
  var target = Milliseconds.zero

  /// Takes note of what a server said.
  mutating func note(
    server: Int, last: UInt64, target: Milliseconds, hasEnded: Bool, at now: Instant
  ) {
    self.target = target
    var sight = Sight(last: last, at: now, hasMoved: false, hasEnded: hasEnded)
    if let before = sights[server] {
      sight.hasMoved = before.hasMoved || last > before.last
      if last == before.last { sight.at = before.at }
    }
    sights[server] = sight
  }

  /// Whether a server's stands still for longer than players bear, or is over.
  func isLate(_ server: Int, at now: Instant) -> Bool {
    guard let sight = sights[server] else { return false }
    return sight.hasEnded || (now - sight.at).count * 2 > target.count * 3
  }

  /// The first of some servers that goes on, where one of them does not; `nil` where that tells
  /// nothing.
  func leader(of servers: [Int], at now: Instant) -> Int? {
    guard servers.contains(where: { isLate($0, at: now) }) else { return nil }
    return servers.first { sights[$0]?.hasMoved ?? false && !isLate($0, at: now) }
  }

  /// The row of a presentation that nobody watches.
  func row(origin: Int, at now: Instant) -> StreamRow {
    let servers = sights.keys.sorted()
    let server = leader(of: servers, at: now) ?? servers.first ?? 0
    let standings = servers.compactMap { server in
      sights[server].map { StreamRow.Standing(server: server, last: $0.last, age: now - $0.at) }
    }
    let hasEnded = sights.values.allSatisfy(\.hasEnded)
    let playlist = StreamRow.Playlist(
      path: path, last: sights[server]?.last, age: sights[server].map { now - $0.at } ?? .zero,
      target: target,
      verdict: hasEnded ? .ended : isLate(server, at: now) ? .stale : .advancing,
      standings: standings)
    return StreamRow(
      site: site, root: path, origin: origin, server: server, firstServer: server, epoch: 0,
      twins: .independent, pinned: nil, passesEnds: false, playlists: [playlist], timeline: [])
  }
}
