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
    let name = elementName(of: isEnd ? tag.from(1) : tag)
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
    found.isDynamic = attribute("type", of: tag)?.equals("dynamic") ?? false
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
      enter(.period)
    } else if name.equals("AdaptationSet") {
      enter(.adaptationSet)
    } else if name.equals("Representation") {
      enter(.representation)
    } else if name.equals("SegmentTemplate") || name.equals("SegmentList") {
      if let scale = attribute("timescale", of: tag)?.wholeNumber() {
        timescales[level.rawValue] = scale
      }
      noteSegment(attribute("duration", of: tag))
    } else if name.equals("S") {
      noteSegment(attribute("d", of: tag))
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

  /// The name without its namespace prefix.
  @_lifetime(copy tag)
  private func elementName(of tag: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = 0
    while end < tag.count, !isXMLSpace(tag[end]), tag[end] != UInt8(ascii: "/") {
      if tag[end] == UInt8(ascii: ":") { start = end + 1 }
      end += 1
    }
    return tag.extracting(start..<end)
  }

  /// A duration attribute: `.some(nil)` where it is absent, `nil` where it cannot be read.
  private func duration(_ name: String, of tag: Span<UInt8>) -> Milliseconds?? {
    guard let value = attribute(name, of: tag) else { return .some(nil) }
    guard let length = XMLDuration.read(value) else { return nil }
    return .some(length)
  }

  /// The value of an attribute; `nil` where it is missing.
  @_lifetime(copy tag)
  private func attribute(_ name: String, of tag: Span<UInt8>) -> Span<UInt8>? {
    var index = 0
    while index < tag.count, !isXMLSpace(tag[index]) { index += 1 }
    while index < tag.count {
      while index < tag.count, isXMLSpace(tag[index]) { index += 1 }
      let nameStart = index
      while index < tag.count, tag[index] != UInt8(ascii: "="), !isXMLSpace(tag[index]) {
        index += 1
      }
      let nameEnd = index
      while index < tag.count, !isQuote(tag[index]) { index += 1 }
      guard index < tag.count else { return nil }
      let quote = tag[index]
      let valueStart = index + 1
      index = valueStart
      while index < tag.count, tag[index] != quote { index += 1 }
      if tag.extracting(nameStart..<nameEnd).equals(name) {
        return tag.extracting(valueStart..<index).trimmed()
      }
      index = min(index + 1, tag.count)
    }
    return nil
  }
}

@inline(__always)
private func isXMLSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == UInt8(ascii: "\n") }

@inline(__always)
private func isQuote(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
}
