internal import Wire

/// The argument `_sw=<epoch>` that keeps media of different epochs apart.
///
/// - Source: Streams rules, section 3: an argument and never a path, for relative URIs inside.
enum SwitchMark {
  /// The epochs that there are.
  static let epochs = 1...999_999

  private static let name = Array("_sw=".utf8)

  /// Sets the mark on a URI, in front of its fragment and in place of one that is there.
  ///
  /// - Parameters:
  ///   - epoch: One of `epochs`.
  ///   - uri: The URI as it stands in the playlist.
  /// - Returns: `nil` for a URI that names its host or scheme: it is another's, or no name at all.
  static func set(_ epoch: Int, on uri: Span<UInt8>) -> [UInt8]? {
    guard isRelative(uri), !uri.starts(with: "//") else { return nil }
    var fragment = 0
    while fragment < uri.count, uri[fragment] != UInt8(ascii: "#") { fragment += 1 }
    var question = 0
    while question < fragment, uri[question] != UInt8(ascii: "?") { question += 1 }
    var marked = uri.extracting(0..<question).copied()
    marked.append(UInt8(ascii: "?"))
    if question < fragment {
      let others = pieces(of: uri.extracting((question + 1)..<fragment)).filter {
        !$0.starts(with: name)
      }
      marked += others.joined(separator: [UInt8(ascii: "&")])
    }
    if marked.count > question + 1 { marked.append(UInt8(ascii: "&")) }
    marked.append(text: "_sw=\(epoch)")
    marked.append(uri.from(fragment))
    return marked
  }

  /// Takes the mark out of a query; see `URIRewrite.removingMark`.
  static func removed(from query: Span<UInt8>) -> (epoch: Int, rest: [UInt8])? {
    var pieces = pieces(of: query)
    guard let index = pieces.lastIndex(where: { $0.starts(with: name) }) else { return nil }
    let digits = Array(pieces[index].dropFirst(name.count))
    guard digits.count <= 6, digits.first != UInt8(ascii: "0"), let epoch = digits.span.decimal,
      epochs.contains(Int(epoch))
    else { return nil }
    pieces.remove(at: index)
    return (Int(epoch), Array(pieces.joined(separator: [UInt8(ascii: "&")])))
  }

  /// Whether a reference begins with no scheme (RFC 3986 section 3.1).
  static func isRelative(_ uri: Span<UInt8>) -> Bool {
    for index in uri.indices {
      let byte = uri[index]
      if byte == UInt8(ascii: ":") { return index == 0 }
      let isOfScheme =
        isLetter(byte)
        || index > 0
          && (byte.isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "."))
      if !isOfScheme { return true }
    }
    return true
  }

  private static func pieces(of query: Span<UInt8>) -> [ArraySlice<UInt8>] {
    query.copied().split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
  }
}
