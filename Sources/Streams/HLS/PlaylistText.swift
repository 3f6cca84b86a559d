public import Bytes

/// An HLS media playlist as text that can be changed without touching what is not understood.
///
/// What is written again: the numbers of the playlist, and in front of each segment its
/// discontinuity, map and keys. All other facts are read from the lines beside them and follow no
/// change: who changes a duration changes the line that states it. Offsets of byte ranges that
/// follow the segment before are stated, so that any segment can become the first.
///
/// - Source: RFC 8216bis §4.4.1 to §4.4.5; streams rules, section 3.
public struct PlaylistText: Equatable, Sendable {
  /// The lines about the whole playlist, wherever they stood, and what stood in front of the first
  /// tag of a segment, each with its line end.
  ///
  /// Without EXTM3U, EXT-X-MEDIA-SEQUENCE, EXT-X-DISCONTINUITY-SEQUENCE, EXT-X-SKIP and
  /// EXT-X-ENDLIST.
  public var header: [UInt8] = []
  /// EXT-X-TARGETDURATION, as stated in `header`.
  public var targetDuration = Milliseconds.zero
  /// PART-TARGET of EXT-X-PART-INF, as stated in `header`.
  public var partTarget: Milliseconds?
  /// CAN-BLOCK-RELOAD of EXT-X-SERVER-CONTROL, as stated in `header`.
  public var canBlockReload = false
  /// CAN-SKIP-UNTIL of EXT-X-SERVER-CONTROL, as stated in `header`.
  public var canSkipUntil: Milliseconds?
  /// EXT-X-MEDIA-SEQUENCE: the number of the first segment listed or skipped.
  public var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE.
  public var discontinuitySequence: UInt64 = 0
  /// SKIPPED-SEGMENTS of EXT-X-SKIP: segments in front that a delta update leaves out.
  ///
  /// The other attribute, RECENTLY-REMOVED-DATERANGES, is not kept.
  public var skippedCount = 0
  /// The segments listed, without the skipped ones.
  public var segments: [Segment] = []
  /// The lines behind the last segment's URI, each with its line end, without EXT-X-ENDLIST: parts
  /// of the segment to come with its tags, preload hints, rendition reports.
  public var tail: [UInt8] = []
  /// The EXT-X-PART lines of `tail`.
  public var tailPartCount = 0
  /// EXT-X-ENDLIST: nothing is added any more.
  public var hasEndlist = false
  /// EXT-X-PLAYLIST-TYPE is VOD, as stated in `header`: nothing changes any more.
  public var isVOD = false
  /// EXT-X-PLAYLIST-TYPE is EVENT, as stated in `header`: nothing is removed in front.
  public var isEvent = false
  /// EXT-X-I-FRAMES-ONLY, as stated in `header`: a trick-play playlist, which may change rarely.
  public var isIFrameOnly = false

  /// A playlist that says nothing.
  public init() {}

  /// The number of the last whole segment; `nil` while there is none.
  public var lastSequence: UInt64? {
    SegmentNumbers(first: mediaSequence, skipped: skippedCount).last(of: segments.count)
  }

  /// The number of `segments[index]`, the skipped ones in front of it counted.
  ///
  /// - Parameter index: A place in `segments`, or one behind them for a segment to come.
  /// - Returns: Its media sequence number; the highest there is where that would overflow.
  public func sequence(at index: Int) -> UInt64 {
    SegmentNumbers(first: mediaSequence, skipped: skippedCount).number(at: index)
  }

  /// Reads a whole playlist.
  ///
  /// - Parameter body: The playlist, unencoded and in one piece.
  /// - Returns: `nil` where `MediaPlaylist.read` is `nil`, and nowhere else.
  public static func read(_ body: Span<UInt8>) -> PlaylistText? {
    PlaylistTextReader.read(body)
  }

  /// The playlist as text again.
  ///
  /// `MediaPlaylist.read` finds the same in it as in the body that was read. It may be longer than
  /// that by what `StreamsLimits.repeatedBytesMax` says, and so, of a body that was all but too
  /// long, be too long itself: who writes for others reads it back.
  ///
  /// - Returns: The lines, each with its line end.
  public func write() -> [UInt8] {
    PlaylistTextWriter.write(self)
  }

  /// One segment with the lines that belong to it.
  ///
  /// - Source: RFC 8216bis §4.4.4.
  public struct Segment: Equatable, Sendable {
    /// Its own lines, in their order, each with its line end, that of the URI last.
    ///
    /// EXTINF, byte range, date, gap, parts, date ranges, comments and unknown tags; without
    /// EXT-X-DISCONTINUITY, EXT-X-MAP and EXT-X-KEY, which the fields below state.
    public var lines: [UInt8]
    /// The URI as it stands in `lines`, without blanks around it.
    public var uri: [UInt8]
    /// The duration of EXTINF as it stands in `lines`, at most `StreamsLimits.durationMax`.
    public var duration: Milliseconds
    /// EXT-X-DISCONTINUITY stands in front of it.
    public var isDiscontinuity = false
    /// EXT-X-GAP stands in `lines`: it is missing and must not be asked for.
    public var isGap = false
    /// The EXT-X-PART lines in `lines`.
    public var partCount = 0
    /// When the segment begins, in Unix time, as `MediaSegment.programDateTime` has it.
    public var programDateTime: Milliseconds?
    /// The EXT-X-MAP line in force with its line end; `nil` without.
    public var map: [UInt8]?
    /// The EXT-X-KEY lines that encrypt the whole resource of `map`: those in force where it stood.
    ///
    /// Empty for a map in the clear and for SAMPLE-AES, which leaves initialization sections alone.
    public var mapKeys: [UInt8] = []
    /// The EXT-X-KEY lines in force, each with its line end; empty without.
    ///
    /// Empty as well where the lines of the playlist are beyond `StreamsLimits.keyLinesMax`: they
    /// then stay in `lines`.
    public var keys: [UInt8] = []

    /// A segment of which nothing but its lines, URI and duration is said.
    public init(lines: [UInt8], uri: [UInt8], duration: Milliseconds) {
      self.lines = lines
      self.uri = uri
      self.duration = duration
    }
  }
}
