internal import Bytes

/// Where players learn the time, as manifests say (UTCTiming): what stands there is never stored,
/// for a time that was kept is wrong.
///
/// Bounded: all are forgotten when there are too many, and learnt again with the next manifests.
/// Asked when an answer would be stored, never on a hit.
final class ClockPaths: @unchecked Sendable {
  // Exception: unchecked, because the lock guards everything.
  private let lock = Lock()
  private var known: Set<Hash128> = []

  /// Remembers a path of a site; whether it is new.
  func note(_ path: Span<UInt8>, site: Int) -> Bool {
    let name = ClockPaths.name(path, site: site)
    return lock.withLock {
      if known.count >= DeliveryLimits.clockPathsMax { known.removeAll() }
      return known.insert(name).inserted
    }
  }

  /// Whether players learn the time from a path.
  func contains(_ path: Span<UInt8>, site: Int) -> Bool {
    let name = ClockPaths.name(path, site: site)
    return lock.withLock { known.contains(name) }
  }

  private static func name(_ path: Span<UInt8>, site: Int) -> Hash128 {
    Hash128(of: path, seed: UInt64(truncatingIfNeeded: site))
  }
}
