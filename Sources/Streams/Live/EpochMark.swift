internal import Wire

/// The argument that tells URIs of one server's playlists from equal ones of another's: `_sw=3`.
///
/// It stands in the query, never in the path, so that relative references go on to work; the node
/// takes it out of what it asks an origin for.
public enum EpochMark {
  /// The epoch that a query names.
  ///
  /// - Parameter query: A request's query, without the question mark.
  /// - Returns: A number from 1 to 999 999; `nil` where there is none.
  public static func find(in query: Span<UInt8>) -> Int? { SwitchMark.removed(from: query)?.epoch }

  /// A request target without the mark.
  ///
  /// - Parameter target: Path and query.
  /// - Returns: The same where nothing is marked.
  public static func removed(from target: [UInt8]) -> [UInt8] {
    guard let question = target.firstIndex(of: UInt8(ascii: "?")),
      let (_, rest) = SwitchMark.removed(
        from: target.span.extracting((question + 1)..<target.count))
    else { return target }
    return Array(target[..<question]) + (rest.isEmpty ? [] : [UInt8(ascii: "?")] + rest)
  }

  /// A URI of a playlist with a mark; the same where it names another host.
  ///
  /// - Parameters:
  ///   - uri: The URI as it stands in the playlist.
  ///   - epoch: The epoch.
  /// - Returns: The URI as `URIRewrite` writes it.
  public static func added(to uri: [UInt8], epoch: Int) -> [UInt8] {
    SwitchMark.set(epoch, on: uri.span) ?? uri
  }

  /// Whether an argument of this name is the node's own.
  public static func isName(_ name: Span<UInt8>) -> Bool { name.equals("_sw") }
}
