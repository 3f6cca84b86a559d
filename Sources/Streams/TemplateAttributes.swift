internal import Bytes

/// What one SegmentTemplate element states itself; the rest comes from the levels above it.
///
/// - Source: ISO/IEC 23009-1 §5.3.9.1 (inheritance), §5.3.9.2.
struct TemplateAttributes {
  private(set) var timescale: UInt64?
  private(set) var duration: UInt64?
  private(set) var startNumber: UInt64?
  private(set) var presentationTimeOffset: UInt64?
  private(set) var initialization: [UInt8]?
  private(set) var media: [UInt8]?
  var availabilityTimeOffset: Milliseconds?
  var isAvailabilityTimeComplete: Bool?
  var timeline: [TimelineEntry]?

  /// What states nothing.
  init() {}

  /// Reads the attributes of a tag; `nil` where a number is none.
  init?(of tag: Span<UInt8>) {
    var isSound = true
    var attributes = XMLAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      let name = tag.extracting(attribute.name)
      let value = tag.extracting(attribute.value).trimmed()
      if name.equals("media") {
        media = XMLText.decoded(value)
      } else if name.equals("initialization") {
        initialization = XMLText.decoded(value)
      } else if name.equals("timescale") {
        isSound = Self.read(value, into: &timescale) && isSound
      } else if name.equals("duration") {
        isSound = Self.read(value, into: &duration) && isSound
      } else if name.equals("startNumber") {
        isSound = Self.read(value, into: &startNumber) && isSound
      } else if name.equals("presentationTimeOffset") {
        isSound = Self.read(value, into: &presentationTimeOffset) && isSound
      } else if name.equals("availabilityTimeOffset") {
        availabilityTimeOffset = Self.offset(value)
      } else if name.equals("availabilityTimeComplete") {
        isAvailabilityTimeComplete = !value.equals("false")
      }
    }
    guard isSound else { return nil }
    // Zero as either is stated by nobody who means it, and would be divided by.
    if timescale == 0 { timescale = nil }
    if duration == 0 { duration = nil }
  }

  /// Seconds with decimals, or `INF`; one that cannot be read counts as none: later is safe.
  static func offset(_ text: Span<UInt8>) -> Milliseconds {
    if text.equals(anyCaseOf: "inf") { return StreamsLimits.durationMax }
    return min(Milliseconds(text.thousandths() ?? 0), StreamsLimits.durationMax)
  }

  /// With what the level above states where this one is silent.
  func inheriting(from above: TemplateAttributes?) -> TemplateAttributes {
    guard let above else { return self }
    var whole = self
    whole.timescale = timescale ?? above.timescale
    whole.startNumber = startNumber ?? above.startNumber
    whole.presentationTimeOffset = presentationTimeOffset ?? above.presentationTimeOffset
    whole.initialization = initialization ?? above.initialization
    whole.media = media ?? above.media
    whole.availabilityTimeOffset = availabilityTimeOffset ?? above.availabilityTimeOffset
    whole.isAvailabilityTimeComplete =
      isAvailabilityTimeComplete ?? above.isAvailabilityTimeComplete
    // Duration and timeline say the same in two ways: the level that has one of them decides.
    if duration == nil, timeline == nil {
      whole.duration = above.duration
      whole.timeline = above.timeline
    }
    return whole
  }

  /// The template, with what holds where no level says anything.
  var template: SegmentTemplate {
    var template = SegmentTemplate()
    template.timescale = timescale ?? 1
    template.duration = duration
    template.startNumber = startNumber ?? 1
    template.presentationTimeOffset = presentationTimeOffset ?? 0
    template.initialization = initialization
    template.media = media
    template.availabilityTimeOffset = availabilityTimeOffset ?? .zero
    template.isAvailabilityTimeComplete = isAvailabilityTimeComplete ?? true
    template.timeline = timeline ?? []
    return template
  }

  private static func read(_ text: Span<UInt8>, into value: inout UInt64?) -> Bool {
    value = text.wholeNumber()
    return value != nil
  }
}

extension TimelineEntry {
  /// Reads an S tag; `nil` for one without duration, which would never end, and for no numbers.
  init?(of tag: Span<UInt8>) {
    var entry = TimelineEntry(time: nil, duration: 0, repeats: 0)
    var attributes = XMLAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      let name = tag.extracting(attribute.name)
      let value = tag.extracting(attribute.value).trimmed()
      if name.equals("d") {
        entry.duration = value.wholeNumber() ?? 0
      } else if name.equals("t") {
        guard let time = value.wholeNumber() else { return nil }
        entry.time = time
      } else if name.equals("r") {
        guard let repeats = Self.repeats(value) else { return nil }
        entry.repeats = repeats
      }
    }
    guard entry.duration > 0 else { return nil }
    self = entry
  }

  /// Reads S@r; any negative number repeats until the next entry, as -1 does.
  private static func repeats(_ text: Span<UInt8>) -> Int? {
    let isNegative = text.starts(with: "-")
    guard let count = (isNegative ? text.from(1) : text).wholeNumber() else { return nil }
    return isNegative && count > 0 ? -1 : Int(clamping: count)
  }
}
