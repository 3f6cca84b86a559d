internal import Bytes

/// The elements of a manifest, tag by tag, and the facts that follow from their attributes.
struct ManifestElements: Sendable {
  /// How deep in Period, AdaptationSet and Representation a template stands.
  private enum Level: Int { case none, period, adaptationSet, representation }

  private var found = ManifestFacts()
  private var hasRoot = false
  private var isClosed = false
  private var level = Level.none
  /// Timescale stated at each level: a template inherits what it does not say itself.
  private var timescales: InlineArray<4, UInt64> = .init(repeating: 0)
  private var longestTemplate = Milliseconds.zero
  private var maxSegmentDuration: Milliseconds?

  /// The facts, once the root has ended.
  var facts: ManifestFacts? {
    guard isClosed else { return nil }
    var facts = found
    facts.segmentDuration = longestTemplate > .zero ? longestTemplate : maxSegmentDuration
    return facts
  }

  /// Takes what stands between `<` and `>`; `false` when this is no manifest.
  mutating func take(_ tag: Span<UInt8>) -> Bool {
    let isEnd = !tag.isEmpty && tag[0] == UInt8(ascii: "/")
    let isEmptyElement = !tag.isEmpty && tag[tag.count - 1] == UInt8(ascii: "/")
    let name = (isEnd ? tag.from(1) : tag).elementName
    if !hasRoot {
      hasRoot = true
      isClosed = isEmptyElement
      return !isEnd && name.equals("MPD") && readRoot(tag)
    }
    if isEnd {
      end(name)
    } else if !isEmptyElement || name.equals("S") || name.equals("SegmentTemplate")
      || name.equals("SegmentList")
    {
      begin(name, tag)
    }
    return true
  }

  private mutating func readRoot(_ tag: Span<UInt8>) -> Bool {
    found.isDynamic = tag.attribute("type")?.equals("dynamic") ?? false
    guard let period = duration("minimumUpdatePeriod", of: tag),
      let longest = duration("maxSegmentDuration", of: tag),
      let depth = duration("timeShiftBufferDepth", of: tag)
    else { return false }
    found.minimumUpdatePeriod = period
    found.timeShiftBufferDepth = depth
    maxSegmentDuration = longest
    return true
  }

  private mutating func begin(_ name: Span<UInt8>, _ tag: Span<UInt8>) {
    if name.equals("Period") {
      found.isListed = false
      enter(.period)
    } else if name.equals("AdaptationSet") {
      enter(.adaptationSet)
    } else if name.equals("Representation") {
      enter(.representation)
    } else if name.equals("SegmentTemplate") || name.equals("SegmentList") {
      if let scale = tag.attribute("timescale")?.wholeNumber() {
        timescales[level.rawValue] = scale
      }
      noteSegment(tag.attribute("duration"))
    } else if name.equals("S") {
      found.isListed = true
      noteSegment(tag.attribute("d"))
    }
  }

  private mutating func end(_ name: Span<UInt8>) {
    if name.equals("MPD") {
      isClosed = true
    } else if name.equals("Period") {
      leave(.period)
    } else if name.equals("AdaptationSet") {
      leave(.adaptationSet)
    } else if name.equals("Representation") {
      leave(.representation)
    }
  }

  private mutating func enter(_ next: Level) {
    level = next
    for deeper in next.rawValue..<timescales.count { timescales[deeper] = 0 }
  }

  private mutating func leave(_ ended: Level) {
    for deeper in ended.rawValue..<timescales.count { timescales[deeper] = 0 }
    level = Level(rawValue: ended.rawValue - 1) ?? .none
  }

  /// Notes a segment of so many units of the timescale that holds here (1 where none is stated).
  private mutating func noteSegment(_ value: Span<UInt8>?) {
    guard let units = value?.wholeNumber() else { return }
    var scale: UInt64 = 1
    for index in 0...level.rawValue where timescales[index] > 0 { scale = timescales[index] }
    let (thousandths, overflowed) = units.multipliedReportingOverflow(by: 1000)
    guard !overflowed, let length = Int64(exactly: thousandths / scale) else { return }
    longestTemplate = max(longestTemplate, min(Milliseconds(length), StreamsLimits.durationMax))
  }

  /// A duration attribute: `.some(nil)` where it is absent, `nil` where it cannot be read.
  private func duration(_ name: StaticString, of tag: Span<UInt8>) -> Milliseconds?? {
    guard let value = tag.attribute(name) else { return .some(nil) }
    guard let length = XMLDuration.read(value) else { return nil }
    return .some(length)
  }
}
