public import Bytes

/// A DASH manifest with what is needed to ask for its segments.
///
/// Only segments of a SegmentTemplate are told, numbered or with a SegmentTimeline. The proxy's
/// fill path needs less and reads `ManifestFacts` instead. URLs are as written, with the
/// predefined and the numeric entities decoded: neither resolved nor checked.
///
/// - Source: ISO/IEC 23009-1 §5.3.1.2 (MPD).
public struct Manifest: Equatable, Sendable {
  /// MPD@type is "dynamic": a live manifest.
  public var isDynamic = false
  /// MPD@availabilityStartTime, Unix time.
  public var availabilityStartTime: Milliseconds?
  /// MPD@publishTime, Unix time.
  public var publishTime: Milliseconds?
  /// MPD@minimumUpdatePeriod; `nil` where absent: then the manifest never needs a reload.
  public var minimumUpdatePeriod: Milliseconds?
  /// MPD@mediaPresentationDuration, at most `StreamsLimits.manifestTimeMax`.
  public var duration: Milliseconds?
  /// MPD@timeShiftBufferDepth: how far back a live viewer may go.
  public var timeShiftBufferDepth: Milliseconds?
  /// MPD@suggestedPresentationDelay.
  public var suggestedPresentationDelay: Milliseconds?
  /// Where players learn the time: the URLs of UTCTiming elements of the schemes http-head,
  /// http-xsdate and http-iso, at most `StreamsLimits.timingURLsMax` (§5.8.4.11).
  public var timingURLs: [[UInt8]] = []
  /// The first BaseURL of the manifest.
  public var baseURL: [UInt8]?
  /// The periods in their order.
  public var periods: [Period] = []

  /// A manifest that says nothing.
  public init() {}

  /// Reads a whole manifest.
  ///
  /// Unknown elements and what is in them are passed over. No entity of a document type is
  /// expanded and no reference to another document followed.
  ///
  /// - Parameter body: The manifest, unencoded UTF-8 in one piece.
  /// - Returns: `nil` for what is no manifest: another root than `MPD`, elements that do not end, a
  ///   document type declaration, durations, dates and numbers that are none, a timeline entry
  ///   without duration, or more of anything than `StreamsLimits` allows.
  public static func read(_ body: Span<UInt8>) -> Manifest? {
    ManifestBuilder.read(body)
  }
}

/// A period of a presentation.
///
/// - Source: ISO/IEC 23009-1 §5.3.2.
public struct Period: Equatable, Sendable {
  /// Period@id.
  public var id: [UInt8]?
  /// Period@start from the start of the presentation, at most `StreamsLimits.manifestTimeMax`.
  public var start: Milliseconds?
  /// Period@duration, at most `StreamsLimits.manifestTimeMax`.
  public var duration: Milliseconds?
  /// The first BaseURL of the period.
  public var baseURL: [UInt8]?
  /// The adaptation sets in their order.
  public var adaptationSets: [AdaptationSet] = []

  /// A period that says nothing.
  public init() {}
}

/// Representations of the same content that a viewer may switch between.
///
/// - Source: ISO/IEC 23009-1 §5.3.3.
public struct AdaptationSet: Equatable, Sendable {
  /// `video`, `audio` or `text`; empty where nothing says so.
  ///
  /// @contentType, else the front of @mimeType, else that of its first representation.
  public var contentType: [UInt8] = []
  /// The first BaseURL of the set.
  public var baseURL: [UInt8]?
  /// The representations in their order.
  public var representations: [Representation] = []

  /// A set that says nothing.
  public init() {}
}

/// One encoding of the content.
///
/// - Source: ISO/IEC 23009-1 §5.3.5.
public struct Representation: Equatable, Sendable {
  /// Representation@id.
  public var id: [UInt8]
  /// Representation@bandwidth in bits a second; zero where it cannot be read.
  public var bandwidth: UInt64
  /// The first BaseURL of the representation.
  public var baseURL: [UInt8]?
  /// How its segments are named, with all that Period and AdaptationSet state (§5.3.9.1).
  ///
  /// `nil` where there is no SegmentTemplate at any level.
  public var template: SegmentTemplate?
  /// The key that it is encrypted with, in lower case: `default_KID` of a ContentProtection in it,
  /// else in its set.
  ///
  /// - Source: ISO/IEC 23001-7 §11.2 (cenc:default_KID).
  public var defaultKeyID: [UInt8]?

  /// A representation that says nothing but its name and rate.
  public init(id: [UInt8], bandwidth: UInt64) {
    self.id = id
    self.bandwidth = bandwidth
  }
}

/// How the segments of a representation are named and timed.
///
/// - Source: ISO/IEC 23009-1 §5.3.9.2 and §5.3.9.4.
public struct SegmentTemplate: Equatable, Sendable {
  /// Units a second, of `duration`, the offset and the timeline; never zero.
  public var timescale: UInt64 = 1
  /// The duration of every segment in units of the timescale; never zero.
  ///
  /// `nil` where a timeline, stated at the same level or further in, says it instead.
  public var duration: UInt64?
  /// The number of the first segment of the period.
  public var startNumber: UInt64 = 1
  /// The media time at the start of the period, in units of the timescale.
  public var presentationTimeOffset: UInt64 = 0
  /// The template of the initialization segment's name.
  public var initialization: [UInt8]?
  /// The template of the segments' names.
  public var media: [UInt8]?
  /// How long before its end a segment may be asked for.
  ///
  /// Stated here and in the BaseURL elements that lead here, summed up, at most
  /// `StreamsLimits.durationMax`, which "INF" counts as (§5.3.9.5).
  public var availabilityTimeOffset = Milliseconds.zero
  /// `false` where a segment that may be asked for need not be whole yet.
  public var isAvailabilityTimeComplete = true
  /// The entries of SegmentTimeline; none where there is no timeline.
  public var timeline: [TimelineEntry] = []

  /// A template that says nothing.
  public init() {}
}

/// A run of segments of the same duration; it is not expanded, for it may stand for billions.
///
/// - Source: ISO/IEC 23009-1 §5.3.9.6 (S).
public struct TimelineEntry: Equatable, Sendable {
  /// S@t: when the first one starts, in units of the timescale; `nil` where the one before ends.
  public var time: UInt64?
  /// S@d: the duration of each, in units of the timescale; never zero in what was read.
  public var duration: UInt64
  /// S@r: how many more follow the first; -1 for as many as fit before the next entry or the end.
  public var repeats: Int

  /// A run of segments.
  public init(time: UInt64?, duration: UInt64, repeats: Int) {
    self.time = time
    self.duration = duration
    self.repeats = repeats
  }
}
