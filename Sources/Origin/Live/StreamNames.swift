internal import Bytes

/// Which presentation an object belongs to, by its path: what playlists have named.
///
/// Bounded: the oldest name is forgotten first. Where no playlist named a path, the directory of
/// the presentation tells (segments of a DASH template cannot be listed), unless several
/// presentations share it.
struct StreamNames {
  private var known: [Hash128: Hash128] = [:]
  private var ring: [Hash128] = []
  private var cursor = 0
  /// Directories; `nil` for those of several presentations.
  private var directories: [Hash128: Hash128?] = [:]

  /// The path `path` belongs to `presentation`.
  mutating func note(_ path: Span<UInt8>, site: Int, presentation: Hash128) {
    let name = StreamNames.hash(path, site: site)
    if known.updateValue(presentation, forKey: name) != nil { return }
    if ring.count < OriginLimits.streamNamesMax {
      ring.append(name)
    } else {
      known[ring[cursor]] = nil
      ring[cursor] = name
      cursor = (cursor + 1) % ring.count
    }
  }

  /// All that lies in the directory of `path` may belong to `presentation`.
  mutating func noteDirectory(of path: Span<UInt8>, site: Int, presentation: Hash128) {
    let directory = StreamNames.directory(of: path)
    // The root of a site holds all sorts of things.
    guard directory.count > 1 else { return }
    let name = StreamNames.hash(directory, site: site)
    if directories.count >= OriginLimits.streamNamesMax { directories.removeAll() }
    if let owner = directories[name], owner != presentation {
      directories[name] = .some(nil)
    } else {
      directories[name] = presentation
    }
  }

  /// The same where the directory is nobody's yet.
  mutating func claimDirectory(of path: Span<UInt8>, site: Int, presentation: Hash128) {
    if self.presentation(of: path, site: site) == nil {
      noteDirectory(of: path, site: site, presentation: presentation)
    }
  }

  /// Whether a playlist named the path itself.
  func isNamed(_ path: Span<UInt8>, site: Int) -> Bool {
    known[StreamNames.hash(path, site: site)] != nil
  }

  /// The presentation of a path.
  func presentation(of path: Span<UInt8>, site: Int) -> Hash128? {
    if let named = known[StreamNames.hash(path, site: site)] { return named }
    var directory = StreamNames.directory(of: path)
    while !directory.isEmpty {
      if let owner = directories[StreamNames.hash(directory, site: site)] { return owner }
      directory = StreamNames.directory(of: directory.extracting(droppingLast: 1))
    }
    return nil
  }

  /// What leads up to the last slash, with it.
  @_lifetime(copy path)
  private static func directory(of path: Span<UInt8>) -> Span<UInt8> {
    var end = path.count
    while end > 0, path[end - 1] != UInt8(ascii: "/") { end -= 1 }
    return path.extracting(0..<end)
  }

  static func hash(_ path: Span<UInt8>, site: Int) -> Hash128 {
    Hash128(of: path, seed: UInt64(truncatingIfNeeded: site))
  }
}
