public import Bytes

/// Whether two origins' playlists of one rendition name the same moments alike.
///
/// Equal names prove nothing: two packagers that count from their start list equal names for
/// different moments. So numbers, URIs and durations of three segments have to agree, and the times
/// that both state, and neither may be far ahead: two encoders that count by the clock do.
public enum TwinAlignment {
  /// Whether the playlists are of one timeline, so that each can go on where the other ends.
  ///
  /// - Parameters:
  ///   - one: An origin's playlist, its URIs as it wrote them.
  ///   - other: The twin's, fetched about the same time.
  ///   - skew: How far apart in time both were fetched.
  /// - Returns: `false` as well where too little overlaps to tell.
  public static func isSameTimeline(
    _ one: PlaylistText, _ other: PlaylistText, skew: Milliseconds
  ) -> Bool {
    guard let last = one.lastSequence, let otherLast = other.lastSequence else { return false }
    let low = max(one.mediaSequence, other.mediaSequence)
    let high = min(last, otherLast)
    guard high >= low, high - low >= UInt64(StreamsLimits.alignedSegments - 1) else { return false }
    let target = max(1, one.targetDuration.count)
    let lag = UInt64(clamping: 1 + max(0, skew.count) / target)
    guard max(last, otherLast) - high <= lag else { return false }
    let checked = max(low, high - min(high, UInt64(StreamsLimits.alignmentChecked)))
    for number in checked...high {
      let mine = one.segments[Int(number - one.mediaSequence)]
      let theirs = other.segments[Int(number - other.mediaSequence)]
      guard agree(mine, theirs) else { return false }
    }
    return true
  }

  private static func agree(_ one: PlaylistText.Segment, _ other: PlaylistText.Segment) -> Bool {
    guard one.uri.withoutQuery == other.uri.withoutQuery,
      abs(one.duration.count - other.duration.count) <= 1, one.isGap == other.isGap
    else { return false }
    guard let time = one.programDateTime, let otherTime = other.programDateTime else { return true }
    return abs(time.count &- otherTime.count) <= one.duration.count / 2
  }
}
