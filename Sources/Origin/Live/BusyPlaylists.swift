public import Bytes

/// A playlist or manifest that its origin is asked for more often than it can change.
public struct BusyPlaylist: Equatable, Sendable {
  /// The site, as an index.
  public let site: Int
  /// Its path.
  public let path: [UInt8]
  /// Requests of one second, by the last whole span of `OriginLimits.busySpan`.
  public let perSecond: Int
}

/// How often the origin is asked for each playlist and manifest.
///
/// Stock packagers send `no-cache` or `no-store` with live playlists (nginx-rtmp#1339, #1207): then
/// every viewer's reload reaches them, and nothing but their load tells.
struct BusyPlaylists: Sendable {
  private struct Count {
    let site: Int
    let path: [UInt8]
    /// The span that is being counted, by its number since the clock began.
    var span: Int64
    var asked = 1
    /// What was counted in the span before it.
    var before = 0
  }

  private var counts: [Hash128: Count] = [:]
  /// The span in which room was made last: what rests is known once in each.
  private var tidied = Int64.min

  /// A request for it leaves for the origin.
  mutating func note(_ path: [UInt8], site: Int, at now: Instant) {
    let name = StreamNames.hash(path.span, site: site)
    let span = Self.span(of: now)
    if var count = counts[name] {
      if count.span != span {
        count.before = count.span == span - 1 ? count.asked : 0
        (count.span, count.asked) = (span, 0)
      }
      count.asked += 1
      counts[name] = count
      return
    }
    if counts.count >= OriginLimits.busyPlaylistsMax, tidied != span {
      tidied = span
      counts = counts.filter { $0.value.span >= span - 1 }
    }
    guard counts.count < OriginLimits.busyPlaylistsMax else { return }
    counts[name] = Count(site: site, path: path, span: span)
  }

  /// Those that are asked for too often, the worst first.
  func busy(at now: Instant) -> [BusyPlaylist] {
    let span = Self.span(of: now)
    let length = OriginLimits.busySpan.count
    return counts.values.compactMap { count in
      let asked = count.span == span ? count.before : count.span == span - 1 ? count.asked : 0
      let perSecond = asked * 1000 / Int(length)
      guard perSecond > OriginLimits.busyPerSecond else { return nil }
      return BusyPlaylist(site: count.site, path: count.path, perSecond: perSecond)
    }
    .sorted { ($1.perSecond, $0.path.count) < ($0.perSecond, $1.path.count) }
  }

  private static func span(of now: Instant) -> Int64 {
    now.nanoseconds / 1_000_000 / OriginLimits.busySpan.count
  }
}

extension StreamBook {
  /// A request for a playlist or manifest leaves for its origin.
  ///
  /// - Parameters:
  ///   - path: The path of its target; all arguments of it are counted together.
  ///   - site: The site.
  ///   - now: The clock.
  public func asked(_ path: [UInt8], site: Int, at now: Instant) {
    lock.lock()
    defer { lock.unlock() }
    busyPlaylists.note(path, site: site, at: now)
  }

  /// The playlists and manifests that their origins are asked for more than
  /// `OriginLimits.busyPerSecond` times a second, the worst first.
  public func busy(at now: Instant) -> [BusyPlaylist] {
    lock.lock()
    defer { lock.unlock() }
    return busyPlaylists.busy(at: now)
  }
}
