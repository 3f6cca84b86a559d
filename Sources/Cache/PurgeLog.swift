public import Bytes
internal import Synchronization

/// What a purge names.
public enum PurgeScope: Hashable, Sendable {
  /// One URL with all its variants, by the hash of its cache key; `site` is where it belongs.
  case url(Hash128, site: Int)
  /// Every object of the site whose path begins with this prefix; it ends in `/`.
  case prefix(site: Int, path: [UInt8])
  /// Every object that carries this tag (`Surrogate-Key`, `Cache-Tag`).
  case tag([UInt8])
  /// Every object of a site.
  case site(Int)
  /// Every object.
  case everything
}

/// The purge sequence of the node: a purge writes down (scope, next number) and is done.
///
/// Nothing is searched: an object carries the number that was current when its origin request was
/// sent, and is asked about once after each purge, when it is next looked up. So a purge costs the
/// same whatever the number of objects. Any thread.
public final class PurgeLog: @unchecked Sendable {
  // Exception: unchecked, because the lock guards all but the atomic counter.
  let currentCell = Atomic<UInt64>(1)
  let lock = Lock()
  var urls = BoundedScopes<Hash128>(limit: CacheLimits.purgeURLs)
  var urlSites: [Hash128: Int] = [:]
  var prefixes: [(site: Int, path: [UInt8], sequence: UInt64)] = []
  var tags = BoundedScopes<[UInt8]>(limit: CacheLimits.purgeTags)
  var sites: [Int: UInt64] = [:]
  var everything: UInt64 = 0
  /// Purges of sites that the configuration does not name at the moment, kept for its next change.
  var absentSites: [String: UInt64] = [:]

  /// Makes a log without purges.
  public init() {}

  /// The number of the last purge: one atomic load, compared with an object's on every hit.
  @inline(__always)
  public var current: UInt64 { currentCell.load(ordering: .acquiring) }

  /// Purges `scope`.
  ///
  /// - Returns: the number of this purge.
  public func purge(_ scope: PurgeScope) -> UInt64 {
    lock.withLock {
      let sequence = currentCell.load(ordering: .relaxed) + 1
      note(scope, sequence)
      currentCell.store(sequence, ordering: .releasing)
      return sequence
    }
  }

  /// Whether an object whose origin request was sent at `filled` has been purged since.
  public func isPurged(
    primary: Hash128, site: Int, key: [UInt8], targetStart: Int, tags objectTags: [[UInt8]],
    filled: UInt64
  ) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if everything > filled || sites[site, default: 0] > filled { return true }
    if urls.sequence(of: primary) > filled { return true }
    for prefix in prefixes where prefix.sequence > filled && prefix.site == site {
      if key[targetStart...].starts(with: prefix.path) { return true }
    }
    return objectTags.contains { tags.sequence(of: $0) > filled }
  }

  private func note(_ scope: PurgeScope, _ sequence: UInt64) {
    switch scope {
    case .url(let hash, let site):
      urlSites[hash] = site
      if let (oldest, old) = urls.note(hash, sequence), let site = urlSites[oldest] {
        urlSites[oldest] = nil
        sites[site] = max(sites[site, default: 0], old)
      }
    case .prefix(let site, let path):
      prefixes.removeAll { $0.site == site && $0.path == path }
      prefixes.append((site, path, sequence))
      if prefixes.count > CacheLimits.purgePrefixes {
        let oldest = prefixes.removeFirst()
        sites[oldest.site] = max(sites[oldest.site, default: 0], oldest.sequence)
      }
    case .tag(let tag):
      if let (_, old) = tags.note(tag, sequence) { everything = max(everything, old) }
    case .site(let site):
      sites[site] = sequence
    case .everything:
      everything = sequence
    }
  }
}

/// A bounded map from scope to purge number; the oldest falls out when it is full.
struct BoundedScopes<Scope: Hashable> {
  private let limit: Int
  private var sequences: [Scope: UInt64] = [:]
  private var order: [Scope] = []

  init(limit: Int) { self.limit = limit }

  /// All of them, the oldest first.
  var all: [(scope: Scope, sequence: UInt64)] { order.map { ($0, sequence(of: $0)) } }

  func sequence(of scope: Scope) -> UInt64 { sequences[scope, default: 0] }

  /// Notes a purge; returns what fell out, with its number.
  mutating func note(_ scope: Scope, _ sequence: UInt64) -> (Scope, UInt64)? {
    if sequences.updateValue(sequence, forKey: scope) != nil {
      order.removeAll { $0 == scope }
      order.append(scope)
      return nil
    }
    order.append(scope)
    guard order.count > limit else { return nil }
    let oldest = order.removeFirst()
    guard let old = sequences.removeValue(forKey: oldest) else { return nil }
    return (oldest, old)
  }
}
