public import Bytes

extension ManifestText {
  /// A live manifest that players fetch again at least so often.
  ///
  /// Where another server may have to go on, players must hear of it soon: stock packagers of
  /// numbered segments state minutes.
  ///
  /// - Parameters:
  ///   - body: The manifest, unencoded UTF-8 in one piece.
  ///   - longest: The longest MPD@minimumUpdatePeriod.
  /// - Returns: The same bytes where there is nothing to do; `nil` for what is no manifest.
  public static func updating(
    _ body: Span<UInt8>, atLeastEvery longest: Milliseconds
  ) -> [UInt8]? {
    guard let manifest = Manifest.read(body), let text = ManifestText.read(body) else { return nil }
    guard manifest.isDynamic, manifest.minimumUpdatePeriod.map({ $0 > longest }) ?? true else {
      return text.bytes
    }
    var edits = ManifestEdits()
    edits.set("minimumUpdatePeriod", to: XMLDuration.text(longest), of: 0, in: text)
    return edits.applied(to: text.bytes)
  }
}
