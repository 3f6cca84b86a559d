internal import Wire

extension URIRewrite {
  /// The edge's path for a URI of the origin.
  ///
  /// - Parameters:
  ///   - uri: The URI as it stands in the playlist.
  ///   - isWhole: Whether it is a whole URI; if not, an empty path stays empty.
  /// - Returns: `nil` for a URI that stays as it is.
  func path(of uri: Span<UInt8>, isWhole: Bool) -> [UInt8]? {
    guard let start = authorityEnd(of: uri) else { return nil }
    let rest = uri.from(start)
    // A path of the origin, or `/path` of it: only those are under the prefix of the server.
    if start == 0, pathPrefix.isEmpty || rest.isEmpty || rest[0] != UInt8(ascii: "/") { return nil }
    guard rest.hasPathPrefix(pathPrefix) else { return nil }
    var path = rest.from(pathPrefix.count).copied()
    if isWhole, path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
    return path.isPlain ? path : nil
  }

  /// Where the path begins behind an authority of the origin; zero for a URI without authority.
  ///
  /// - Returns: `nil` for a URI of another host or scheme.
  private func authorityEnd(of uri: Span<UInt8>) -> Int? {
    var start = 0
    var port = ""
    if uri.starts(anyCaseOf: "http://") {
      start = 7
      port = ":80"
    } else if uri.starts(anyCaseOf: "https://") {
      start = 8
      port = ":443"
    } else if uri.starts(with: "//") {
      start = 2
    } else {
      return SwitchMark.isRelative(uri) ? 0 : nil
    }
    var end = start
    while end < uri.count, !uri[end].endsAuthority { end += 1 }
    let authority = uri.extracting(start..<end)
    for known in authorities where authority.isAuthority(known, port: port) { return end }
    return nil
  }
}

extension UInt8 {
  /// Whether an authority ends in front of this byte (RFC 3986 section 3.2); browsers take a
  /// backslash for a slash.
  fileprivate var endsAuthority: Bool {
    self == UInt8(ascii: "/") || self == UInt8(ascii: "?") || self == UInt8(ascii: "#")
      || self == UInt8(ascii: "\\")
  }
}

extension [UInt8] {
  /// Whether players take this path for no more than that: `//name` would be another host, browsers
  /// take `/\` for it, and pass over controls in between.
  fileprivate var isPlain: Bool {
    guard allSatisfy({ $0 >= 0x20 }) else { return false }
    return count < 2 || self[0] != UInt8(ascii: "/")
      || self[1] != UInt8(ascii: "/") && self[1] != UInt8(ascii: "\\")
  }
}

extension Span where Element == UInt8 {
  /// Whether this is the authority `known`, in any case and with or without the scheme's own port.
  fileprivate func isAuthority(_ known: [UInt8], port: String) -> Bool {
    equals(anyCaseOf: known) || equals(anyCaseOf: known + port.utf8)
      || known == copied().map(lowered) + port.utf8
  }

  private func equals(anyCaseOf lowerCase: [UInt8]) -> Bool {
    guard count == lowerCase.count else { return false }
    for index in 0..<count where lowered(self[index]) != lowerCase[index] { return false }
    return true
  }

  /// Whether this path is `prefix` or below it.
  fileprivate func hasPathPrefix(_ prefix: [UInt8]) -> Bool {
    guard count >= prefix.count else { return false }
    for index in prefix.indices where self[index] != prefix[index] { return false }
    return count == prefix.count || prefix.isEmpty || self[prefix.count].endsAuthority
  }
}
