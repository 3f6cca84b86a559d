import Streams

/// Reads any bytes as a query: never traps, and what is asked of the origin says the same.
///
/// Behind the first line feed stands the playlist that the query is judged by.
enum BlockingReloadProperty {
  static func check(_ bytes: [UInt8]) {
    let split = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let query = Array(bytes[..<split])
    let playlist = Array(bytes[split...].dropFirst())
    guard let reload = try? BlockingReload.read(query.span) else { return }
    checkCanonical(reload, of: query)
    precondition(reload.shifted(by: 3)?.shifted(by: -3) ?? reload == reload, "shifted elsewhere")
    guard let text = PlaylistText.read(playlist.span) else { return }
    checkVerdict(reload, for: text)
  }

  private static func checkCanonical(_ reload: BlockingReload, of query: [UInt8]) {
    let canonical = reload.canonical(query.span)
    guard let again = try? BlockingReload.read(canonical.span) else {
      // Numbers without leading zeros and separators are never longer than those that were there.
      preconditionFailure("a key that cannot be read")
    }
    precondition(again.msn == reload.msn && again.part == reload.part, "another request")
    precondition(again.skip == nil, "a delta update of the origin")
    precondition(again.canonical(canonical.span) == canonical, "a key of the key")
  }

  private static func checkVerdict(_ reload: BlockingReload, for text: PlaylistText) {
    let verdict = reload.verdict(for: text)
    if let msn = reload.msn, let last = text.lastSequence, last >= msn, reload.part == nil {
      precondition(verdict == .answer || verdict == .ignore, "held although it is there")
    }
    precondition(
      reload.normalized(for: text).verdict(for: text) == verdict, "judged by how it is written")
  }
}
