public import Bytes

/// An HLS media playlist with its segments: what a player needs to ask for them.
///
/// The proxy's fill path needs less and reads `PlaylistFacts` instead. URIs are the bytes that
/// stand in the playlist, without quotes: neither resolved nor checked, variables not replaced.
///
/// - Source: RFC 8216bis §4.4.1 to §4.4.5.
public struct MediaPlaylist: Equatable, Sendable {
  /// EXT-X-TARGETDURATION.
  public var targetDuration = Milliseconds.zero
  /// PART-TARGET of EXT-X-PART-INF.
  public var partTarget: Milliseconds?
  /// EXT-X-MEDIA-SEQUENCE: the number of the first segment listed or skipped.
  public var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE.
  public var discontinuitySequence: UInt64 = 0
  /// SKIPPED-SEGMENTS of EXT-X-SKIP: segments in front that a delta update leaves out.
  ///
  /// Their tags are left out too: a reader of delta updates carries the map and the time over.
  public var skippedCount = 0
  /// The segments listed, without the skipped ones.
  public var segments: [MediaSegment] = []
  /// EXT-X-PART after the last whole segment.
  public var parts: [MediaPart] = []
  /// EXT-X-PRELOAD-HINT of type PART; its duration is not known and zero.
  public var preloadHint: MediaPart?
  /// CAN-BLOCK-RELOAD of EXT-X-SERVER-CONTROL.
  public var canBlockReload = false
  /// HOLD-BACK of EXT-X-SERVER-CONTROL.
  public var holdBack: Milliseconds?
  /// PART-HOLD-BACK of EXT-X-SERVER-CONTROL.
  public var partHoldBack: Milliseconds?
  /// CAN-SKIP-UNTIL of EXT-X-SERVER-CONTROL.
  public var canSkipUntil: Milliseconds?
  /// EXT-X-ENDLIST: nothing is added any more.
  public var hasEndlist = false
  /// EXT-X-PLAYLIST-TYPE is VOD: nothing changes any more.
  public var isVOD = false

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
  /// Tolerant: unknown tags, missing line ends, CR LF and a byte order mark are taken, an EXTINF
  /// whose duration cannot be read counts as zero, a URI without EXTINF is passed over.
  ///
  /// - Parameter body: The playlist, unencoded and in one piece.
  /// - Returns: `nil` for what is no media playlist: no `#EXTM3U` in front, tags of a multivariant
  ///   playlist, no target duration, numbers or byte ranges that are none, or more of anything than
  ///   `StreamsLimits` allows.
  public static func read(_ body: Span<UInt8>) -> MediaPlaylist? {
    MediaPlaylistReader.read(body)
  }
}

/// One segment of a media playlist.
///
/// - Source: RFC 8216bis §4.4.4.
public struct MediaSegment: Equatable, Sendable {
  /// The URI as written.
  public var uri: [UInt8]
  /// The duration of EXTINF, at most `StreamsLimits.durationMax`.
  public var duration: Milliseconds
  /// EXT-X-BYTERANGE; `nil` for the whole resource.
  ///
  /// An offset that is left out follows the range of the segment before, where that is one of the
  /// same URI, and is zero otherwise.
  public var byteRange: MediaRange?
  /// The EXT-X-MAP in force.
  public var map: MediaMap?
  /// When the segment begins, in Unix time: as EXT-X-PROGRAM-DATE-TIME states it, or else the time
  /// of the segment before plus its duration; never counted over a discontinuity.
  public var programDateTime: Milliseconds?
  /// EXT-X-DISCONTINUITY stands in front of it.
  public var isDiscontinuity = false
  /// EXT-X-GAP: it is missing and must not be asked for.
  public var isGap = false
  /// The EXT-X-PARTs that it is made of.
  public var parts: [MediaPart] = []

  /// A segment of which nothing but URI and duration is said.
  public init(uri: [UInt8], duration: Milliseconds) {
    self.uri = uri
    self.duration = duration
  }
}

/// A partial segment.
///
/// - Source: RFC 8216bis §4.4.4.9 (EXT-X-PART), §4.4.5.3 (EXT-X-PRELOAD-HINT).
public struct MediaPart: Equatable, Sendable {
  /// The URI as written.
  public var uri: [UInt8]
  /// DURATION, at most `StreamsLimits.durationMax`; zero in a preload hint.
  public var duration: Milliseconds
  /// BYTERANGE, or BYTERANGE-START and BYTERANGE-LENGTH of a hint; `nil` for the whole resource.
  public var byteRange: MediaRange?
  /// INDEPENDENT: it begins with a frame that needs no other.
  public var isIndependent = false
  /// GAP: it is missing and must not be asked for.
  public var isGap = false

  /// A part of which nothing but URI and duration is said.
  public init(uri: [UInt8], duration: Milliseconds) {
    self.uri = uri
    self.duration = duration
  }
}

/// The initialization section that segments need.
///
/// - Source: RFC 8216bis §4.4.4.5 (EXT-X-MAP).
public struct MediaMap: Equatable, Sendable {
  /// The URI as written.
  public var uri: [UInt8]
  /// BYTERANGE; `nil` for the whole resource.
  public var byteRange: MediaRange?

  /// An initialization section.
  public init(uri: [UInt8], byteRange: MediaRange? = nil) {
    self.uri = uri
    self.byteRange = byteRange
  }
}

/// A piece of a resource; `start` plus `length` never overflows in what was read.
///
/// - Source: RFC 8216bis §4.4.4.2 (EXT-X-BYTERANGE).
public struct MediaRange: Equatable, Sendable {
  /// The offset of the first byte.
  public var start: UInt64
  /// The number of bytes; `nil` to the end, in a preload hint.
  public var length: UInt64?

  /// A range of so many bytes from an offset.
  public init(start: UInt64, length: UInt64?) {
    self.start = start
    self.length = length
  }
}
