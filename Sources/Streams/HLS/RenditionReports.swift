/// The EXT-X-RENDITION-REPORT lines of a playlist.
///
/// - Source: RFC 8216bis §4.4.5.4.
public enum RenditionReports {
  /// The lines with every report's LAST-MSN in the numbers of another origin.
  ///
  /// - Parameters:
  ///   - lines: A playlist, or `PlaylistText.tail`.
  ///   - offset: What is added to the numbers.
  /// - Returns: All else byte for byte; a number that is none, or would be none, stays.
  public static func shifted(_ lines: Span<UInt8>, by offset: Int64) -> [UInt8] {
    var edit = PlaylistEdit()
    var walk = PlaylistLines()
    while let range = walk.next(in: lines) {
      let line = lines.extracting(range)
      guard PlaylistLines.front(of: line).starts(with: "#EXT-X-RENDITION-REPORT:"),
        let value = PlaylistAttributes.value(of: "LAST-MSN", in: line),
        let msn = line.extracting(value).wholeNumber(),
        let number = SegmentNumbers.shift(msn, by: offset), number != msn
      else { continue }
      let start = range.lowerBound
      edit.replace(
        (start + value.lowerBound)..<(start + value.upperBound), with: Array("\(number)".utf8),
        in: lines)
    }
    return edit.finish(lines)
  }
}
