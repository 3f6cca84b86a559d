public import Bytes

/// What an HLS playlist says about itself, as far as caching needs it.
///
/// - Source: RFC 8216 §4.3; draft-pantos-hls-rfc8216bis §4.4 (parts, skips).
public struct PlaylistFacts: Equatable, Sendable {
  /// It lists renditions, not segments; the facts below are then all at their defaults.
  public var isMultivariant = false
  /// EXT-X-TARGETDURATION.
  public var targetDuration = Milliseconds.zero
  /// PART-TARGET of EXT-X-PART-INF: the playlist changes this often.
  public var partTarget: Milliseconds?
  /// EXT-X-MEDIA-SEQUENCE: the number of the first segment listed or skipped.
  public var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE.
  public var discontinuitySequence: UInt64 = 0
  /// The segments listed, without the skipped ones.
  public var segmentCount = 0
  /// SKIPPED-SEGMENTS of EXT-X-SKIP: segments that a delta update leaves out.
  public var skippedCount = 0
  /// Parts after the last whole segment.
  public var trailingPartCount = 0
  /// The length of all segments listed; skipped ones count as a target duration each.
  public var window = Milliseconds.zero
  /// EXT-X-ENDLIST: nothing is added any more.
  public var hasEndlist = false
  /// EXT-X-PLAYLIST-TYPE is VOD: nothing changes any more.
  public var isVOD = false
  /// EXT-X-I-FRAMES-ONLY: a trick-play playlist, which may change rarely.
  public var isIFrameOnly = false
  /// CAN-BLOCK-RELOAD of EXT-X-SERVER-CONTROL.
  public var canBlockReload = false

  /// Facts of a playlist that says nothing.
  public init() {}

  /// The number of the last segment; `nil` while there is none.
  public var lastSequence: UInt64? {
    SegmentNumbers(first: mediaSequence, skipped: skippedCount).last(of: segmentCount)
  }

  /// Whether it is a media playlist that goes on changing.
  public var isLive: Bool { !isMultivariant && !hasEndlist && !isVOD }

  /// How often the playlist is expected to change: by parts where it has them, else by segments.
  public var changeInterval: Milliseconds { partTarget ?? targetDuration }

  /// Reads a whole playlist that lies in one piece; see `PlaylistReader`.
  public static func read(_ body: Span<UInt8>) -> PlaylistFacts? {
    var reader = PlaylistReader()
    reader.feed(body)
    return reader.finish()
  }
}
