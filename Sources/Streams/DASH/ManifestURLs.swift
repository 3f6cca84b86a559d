internal import Wire

/// What becomes of the URLs of a manifest; all of them as they are written, with entities.
struct ManifestURLs {
  /// Whose absolute URLs become paths.
  var servers: [ManifestServer]
  /// What paths without a host have in front of those that viewers see; may be empty.
  var pathPrefix: [UInt8] = []
  /// The number of the mark on what names media.
  var epoch: UInt64?

  /// A URL rewritten; `nil` where it stays as it is.
  func rewriting(_ url: Span<UInt8>, isMedia: Bool) -> [UInt8]? {
    guard !url.isEmpty else { return nil }
    let path = path(of: url)
    guard isMedia, let epoch else { return path }
    let unmarked = path ?? url.copied()
    let marked = Self.marked(unmarked.span, epoch)
    return marked ?? path
  }

  /// The path, with query and fragment, of a URL of one of the servers.
  private func path(of url: Span<UInt8>) -> [UInt8]? {
    guard !servers.isEmpty else { return nil }
    let isPlain = url.starts(anyCaseOf: "http://")
    guard isPlain || url.starts(anyCaseOf: "https://") else {
      return withoutPrefix(url, pathPrefix.span).flatMap(rooted)
    }
    let start = isPlain ? 7 : 8
    var end = start
    while end < url.count, !isPathStart(url[end]) { end += 1 }
    let authority = url.extracting(start..<end)
    let rest = url.from(end)
    var path: [UInt8]?
    for server in servers where isSame(authority, server.authority.span, isPlain: isPlain) {
      if let cut = withoutPrefix(rest, server.pathPrefix.span) {
        path = cut
        break
      }
      // Outside of the prefix nothing can be asked for through the proxy.
      if path == nil, server.pathPrefix.isEmpty { path = rest.copied() }
    }
    return path.flatMap(rooted)
  }

  /// The path with a slash in front; `nil` for what would name a host.
  private func rooted(_ path: [UInt8]) -> [UInt8]? {
    var path = path
    if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
    // Two slashes in front would make a host of the first segment (RFC 3986 §4.2).
    return path.span.starts(with: "//") ? nil : path
  }

  private func withoutPrefix(_ path: Span<UInt8>, _ prefix: Span<UInt8>) -> [UInt8]? {
    var length = prefix.count
    while length > 0, prefix[length - 1] == UInt8(ascii: "/") { length -= 1 }
    guard length > 0, path.count >= length,
      path.extracting(0..<length).equals(prefix.extracting(0..<length)),
      path.count == length || isPathStart(path[length])
    else { return nil }
    return path.from(length).copied()
  }

  private func isPathStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }

  /// Whether two authorities are one, hosts in any case and the default port spelled out or not.
  private func isSame(_ left: Span<UInt8>, _ right: Span<UInt8>, isPlain: Bool) -> Bool {
    let leftEnd = hostEnd(left)
    let rightEnd = hostEnd(right)
    return left.extracting(0..<leftEnd).equalsIgnoringCase(right.extracting(0..<rightEnd))
      && port(left.from(leftEnd), isPlain: isPlain) == port(right.from(rightEnd), isPlain: isPlain)
  }

  private func hostEnd(_ authority: Span<UInt8>) -> Int {
    var end = authority.count
    while end > 0, authority[end - 1].isDigit { end -= 1 }
    return end > 0 && authority[end - 1] == UInt8(ascii: ":") ? end - 1 : authority.count
  }

  private func port(_ text: Span<UInt8>, isPlain: Bool) -> UInt64 {
    (text.count > 1 ? text.from(1).wholeNumber() : nil) ?? (isPlain ? 80 : 443)
  }

  /// A URL with the mark in its query; `nil` where it bears it, and where it is not fetched.
  private static func marked(_ url: Span<UInt8>, _ epoch: UInt64) -> [UInt8]? {
    guard isFetched(url) else { return nil }
    let mark = Array("_sw=\(epoch)".utf8)
    let end = fragmentStart(url)
    var query = 0
    while query < end, url[query] != UInt8(ascii: "?") { query += 1 }
    if let old = oldMark(url.extracting(0..<end), query: query) {
      guard !url.extracting(old).equals(mark.span) else { return nil }
      return url.extracting(0..<old.lowerBound).copied() + mark + url.from(old.upperBound).copied()
    }
    let joint = query == end ? "?" : query + 1 == end ? "" : "&amp;"
    return url.extracting(0..<end).copied() + Array(joint.utf8) + mark + url.from(end).copied()
  }

  /// Whether a URL is relative, or one of http: `data:` and others have no query.
  private static func isFetched(_ url: Span<UInt8>) -> Bool {
    guard let end = schemeEnd(url) else { return true }
    let scheme = url.extracting(0..<end)
    return scheme.equals(anyCaseOf: "http") || scheme.equals(anyCaseOf: "https")
  }

  /// Where the colon behind the scheme stands; `nil` for a relative reference.
  static func schemeEnd(_ url: Span<UInt8>) -> Int? {
    for index in url.indices {
      if url[index] == UInt8(ascii: ":") { return index > 0 ? index : nil }
      guard isLetter(url[index]) || index > 0 && isInScheme(url[index]) else { return nil }
    }
    return nil
  }

  private static func isInScheme(_ byte: UInt8) -> Bool {
    byte.isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".")
  }

  /// Where the fragment begins; a `#` behind an ampersand is a reference to a character.
  private static func fragmentStart(_ url: Span<UInt8>) -> Int {
    var index = 0
    while index < url.count {
      if url[index] == UInt8(ascii: "#"), index == 0 || url[index - 1] != UInt8(ascii: "&") {
        return index
      }
      index += 1
    }
    return url.count
  }

  /// The place of a mark that is there, without what stands in front of it.
  private static func oldMark(_ url: Span<UInt8>, query: Int) -> Range<Int>? {
    var start = query
    while start < url.count {
      let rest = url.from(start)
      var joint = 0
      if start == query {
        joint = 1
      } else if rest.starts(with: "&amp;") || rest.starts(with: "&#38;") {
        joint = 5
      }
      if joint > 0, rest.from(joint).starts(with: "_sw=") {
        var end = start + joint + 4
        while end < url.count, url[end] != UInt8(ascii: "&") { end += 1 }
        return (start + joint)..<end
      }
      start += 1
    }
    return nil
  }
}
