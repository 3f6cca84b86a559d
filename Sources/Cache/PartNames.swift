internal import Bytes
public import Streams

/// What playlists have named as partial segments: answered in one burst while their Fill runs.
///
/// Bounded: the oldest is forgotten first, and is then streamed as any other object. Asked only
/// when a request has to wait for a Fill, never on a hit.
public final class PartNames: @unchecked Sendable {
  // Exception: unchecked, because the lock guards everything.
  private let lock = Lock()
  private var known: Set<Hash128> = []
  private var ring: [Hash128] = []
  private var cursor = 0

  /// Makes an empty set.
  public init() {}

  /// Remembers the parts that a playlist of `site` names.
  public func note(_ parts: [NamedPart], site: Int) {
    lock.withLock {
      for part in parts {
        let name = PartNames.name(site: site, path: part.path.span, start: part.start)
        guard known.insert(name).inserted else { continue }
        if ring.count < CacheLimits.partNames {
          ring.append(name)
        } else {
          known.remove(ring[cursor])
          ring[cursor] = name
          cursor = (cursor + 1) % ring.count
        }
      }
    }
  }

  /// Whether a request for `path` from byte `start` on asks for a part.
  public func contains(site: Int, path: Span<UInt8>, start: UInt64) -> Bool {
    let name = PartNames.name(site: site, path: path, start: start)
    return lock.withLock { known.contains(name) }
  }

  private static func name(site: Int, path: Span<UInt8>, start: UInt64) -> Hash128 {
    Hash128(of: path, seed: UInt64(site) &* 0x9E37_79B9_7F4A_7C15 &+ start)
  }
}
