internal import Wire

/// Walks the lines of a playlist that lies in one piece.
///
/// Tolerant in the same places as `PlaylistReader`, so that both see the same lines: blanks and CR
/// around them, a byte order mark in front, a last line without an end.
struct PlaylistLines {
  private var position = 0

  /// The next line with the blanks around it; `nil` behind the last.
  mutating func next(in body: Span<UInt8>) -> Range<Int>? {
    guard position < body.count else { return nil }
    let start = position
    let end = body.firstLineFeed(from: start)
    position = end + 1
    return start..<end
  }

  /// Passes the first line; `false` when this is no playlist that is read.
  mutating func begin(_ body: Span<UInt8>) -> Bool {
    guard body.count <= StreamsLimits.playlistBytesMax, let first = next(in: body) else {
      return false
    }
    let line = Self.front(of: body.extracting(first))
    let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
    let text = hasMark ? line.from(3) : line
    return text.starts(with: "#EXTM3U") && (text.count == 7 || isBlank(text[7]))
  }

  /// What is looked at of a line whose facts stand at its front, without blanks.
  @_lifetime(copy line)
  static func front(of line: Span<UInt8>) -> Span<UInt8> {
    line.extracting(0..<min(line.count, StreamsLimits.playlistLineBytesMax)).trimmed()
  }
}
