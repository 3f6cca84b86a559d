public import Bytes

/// What a DASH manifest says about itself, as far as caching needs it.
///
/// - Source: ISO/IEC 23009-1 §5.3.1.2 (MPD), §5.3.9 (segment templates).
public struct ManifestFacts: Equatable, Sendable {
  /// MPD@type is "dynamic": a live manifest.
  public var isDynamic = false
  /// MPD@minimumUpdatePeriod; `nil` where absent: then the manifest never needs a reload.
  public var minimumUpdatePeriod: Milliseconds?
  /// The longest segment that the templates or lists name, else MPD@maxSegmentDuration.
  public var segmentDuration: Milliseconds?
  /// The last period lists its segments (SegmentTimeline): a manifest that stays as it is has none
  /// to add, while one with numbers may rightly stay for minutes.
  public var isListed = false
  /// MPD@timeShiftBufferDepth: how far back a live viewer may go.
  public var timeShiftBufferDepth: Milliseconds?

  /// Facts of a manifest that says nothing.
  public init() {}

  /// Reads a whole manifest that lies in one piece; see `ManifestReader`.
  public static func read(_ body: Span<UInt8>) -> ManifestFacts? {
    var reader = ManifestReader()
    reader.feed(body)
    return reader.finish()
  }
}
