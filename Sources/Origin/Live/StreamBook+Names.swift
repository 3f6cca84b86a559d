internal import Bytes
internal import Policy

// Which presentation a path belongs to: as a rule names it, else as playlists do.
extension StreamBook {
  /// The presentation that a path belongs to.
  ///
  /// The lock is held.
  ///
  /// - Parameters:
  ///   - path: The path of a target.
  ///   - site: The site.
  /// - Returns: Its key; `nil` where none is known.
  func owner(of path: Span<UInt8>, site: Int) -> Hash128? {
    if let end = snapshot.presentationEnd(site: site, path: path) {
      let key = StreamNames.hash(path.extracting(0..<end), site: site)
      if presentations[key] != nil { return key }
    }
    return names.presentation(of: path, site: site)
  }

  /// The presentation of an HLS playlist that came, and its root if it is a new one.
  ///
  /// The lock is held.
  func place(of path: [UInt8], site: Int) -> (key: Hash128, root: [UInt8]) {
    let root = StreamBook.root(of: path, site: site, in: snapshot)
    if root.count < path.count { return (StreamNames.hash(root.span, site: site), root) }
    let known = names.presentation(of: path.span, site: site)
    return (known ?? StreamNames.hash(path.span, site: site), path)
  }

  /// The directory that a rule makes a presentation of; `path` itself where none does.
  static func root(of path: [UInt8], site: Int, in snapshot: Snapshot) -> [UInt8] {
    snapshot.presentationEnd(site: site, path: path.span).map { Array(path[..<$0]) } ?? path
  }
}
