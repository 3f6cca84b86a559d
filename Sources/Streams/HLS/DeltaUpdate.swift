internal import Bytes

/// Makes the answer to `_HLS_skip` from the full playlist.
///
/// - Source: RFC 8216bis §6.2.5.1 (delta updates), §4.4.5.2 (EXT-X-SKIP), §8 (versions).
public enum DeltaUpdate {
  /// What a player asks to have left out.
  public enum Skip: Equatable, Sendable {
    /// `_HLS_skip=YES`: segments.
    case yes
    /// `_HLS_skip=v2`: segments and date ranges; these are never left out, which is allowed.
    case v2

    /// The argument that asks for it.
    public var argument: String { self == .yes ? "_HLS_skip=YES" : "_HLS_skip=v2" }
  }

  /// The playlist without the segments that are older than the skip boundary.
  ///
  /// Date ranges of those that are left out stay: a player that is not told of their removal may
  /// take them for removed.
  ///
  /// - Parameters:
  ///   - playlist: The full playlist.
  ///   - skip: What the player asked for.
  /// - Returns: `nil` where the full playlist is the answer: CAN-SKIP-UNTIL is missing, nothing is
  ///   old enough, it has ended, or it is a delta update itself.
  public static func of(_ playlist: PlaylistText, skip: Skip) -> PlaylistText? {
    guard let boundary = playlist.canSkipUntil, !playlist.hasEndlist, playlist.skippedCount == 0
    else { return nil }
    let skipped = skippable(playlist, boundary: boundary)
    guard skipped > 0 else { return nil }
    var update = playlist
    update.skippedCount = skipped
    update.segments.removeFirst(skipped)
    var ranges: [UInt8] = []
    for segment in playlist.segments[..<skipped] { ranges += dateRanges(segment.lines.span) }
    update.segments[0].lines = ranges + update.segments[0].lines
    update.header = header(playlist.header.span, version: skip == .v2 ? 10 : 9)
    return update
  }

  /// How many segments in front end further than the boundary from the end of the playlist.
  ///
  /// At least one stays: players find the place of the update by it.
  private static func skippable(_ playlist: PlaylistText, boundary: Milliseconds) -> Int {
    // Each at most 30 days, and 131 072 segments at most: far from overflow.
    var distance = tailDuration(playlist.tail.span)
    for segment in playlist.segments { distance += segment.duration.count }
    var count = 0
    for segment in playlist.segments.dropLast() {
      distance -= segment.duration.count
      guard distance > boundary.count else { break }
      count += 1
    }
    return count
  }

  /// The milliseconds of the parts behind the last segment.
  private static func tailDuration(_ tail: Span<UInt8>) -> Int64 {
    var sum: Int64 = 0
    var lines = PlaylistLines()
    while let range = lines.next(in: tail) {
      let line = tail.extracting(range)
      guard PlaylistTag(PlaylistLines.front(of: line)) == .part,
        let value = PlaylistAttributes.value(of: "DURATION", in: line),
        let duration = line.extracting(value).thousandths()
      else { continue }
      sum += min(duration, StreamsLimits.durationMax.count)
    }
    return sum
  }

  private static func dateRanges(_ lines: Span<UInt8>) -> [UInt8] {
    var ranges: [UInt8] = []
    var walk = PlaylistLines()
    while let range = walk.next(in: lines) {
      let line = lines.extracting(range)
      guard line.trimmed().starts(with: "#EXT-X-DATERANGE:") else { continue }
      ranges.append(line: line)
    }
    return ranges
  }

  /// The header with a version that has delta updates.
  private static func header(_ header: Span<UInt8>, version: UInt64) -> [UInt8] {
    var edit = PlaylistEdit()
    var isStated = false
    var lines = PlaylistLines()
    while let range = lines.next(in: header) {
      let front = PlaylistLines.front(of: header.extracting(range))
      guard front.starts(with: "#EXT-X-VERSION:") else { continue }
      isStated = true
      guard front.from(15).trimmed().wholeNumber() ?? 0 < version else { continue }
      edit.replace(range, with: Array("#EXT-X-VERSION:\(version)".utf8), in: header)
    }
    let rest = edit.finish(header)
    return isStated ? rest : Array("#EXT-X-VERSION:\(version)\n".utf8) + rest
  }
}
