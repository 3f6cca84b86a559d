internal import Bytes
internal import Wire

/// Builds a `Manifest` from the tags of its XML, one by one.
///
/// Elements are known by their name and their parent: what stands in an event or a descriptor is
/// passed over whatever it is called. Nothing is recursive; the open elements are a short list.
struct ManifestBuilder {
  private enum Element {
    case root, period, adaptationSet, representation, template, timeline, entry, baseURL,
      protection, timing, other
  }

  private var open = XMLOpenElements<Element>()
  private var hasRoot = false
  private var failed = false
  private var elementCount = 0
  private var entryCount = 0

  private var manifest = Manifest()
  private var period = Period()
  private var set = AdaptationSet()
  private var representation = Representation(id: [], bandwidth: 0)
  /// The key of the open set: what its representations have that name none.
  private var setKeyID: [UInt8]?

  /// The open template, and those that were read at each level.
  private var template = TemplateAttributes()
  private var periodTemplate: TemplateAttributes?
  private var setTemplate: TemplateAttributes?
  private var representationTemplate: TemplateAttributes?

  /// The open BaseURL, and what the first one of each level says: MPD, Period, set, representation.
  private var text: [UInt8] = []
  private var base = BaseAttributes()
  private var bases = InlineArray<4, BaseAttributes>(repeating: BaseAttributes())

  static func read(_ body: Span<UInt8>) -> Manifest? {
    guard body.count <= StreamsLimits.manifestBytesMax else { return nil }
    var builder = ManifestBuilder()
    var pieces = XMLPieces()
    while !builder.failed, let piece = pieces.next(in: body) {
      switch piece {
      case .tag(let range): builder.take(range, in: body)
      case .text(let range): builder.note(body.extracting(range), isData: false)
      case .data(let range): builder.note(body.extracting(range), isData: true)
      case .broken: return nil
      }
    }
    guard !builder.failed, builder.hasRoot, builder.open.isEmpty else { return nil }
    return builder.manifest
  }

  private mutating func take(_ range: Range<Int>, in body: Span<UInt8>) {
    let tag = body.extracting(range)
    if tag.starts(with: "/") {
      guard let ended = open.end(tag, in: body) else {
        failed = true
        return
      }
      leave(ended)
      return
    }
    let place = tag.elementNameRange
    let name = tag.extracting(place)
    guard !name.isEmpty, let element = element(name, in: open.last) else {
      failed = true
      return
    }
    enter(element, tag)
    if tag[tag.count - 1] == UInt8(ascii: "/") {
      leave(element)
    } else if !open.begin(element, name: place.moved(by: range.lowerBound)) {
      failed = true
    }
  }

  /// What an element is where it stands; `nil` for a root that is no manifest, or a second one.
  private func element(_ name: Span<UInt8>, in parent: Element?) -> Element? {
    switch parent {
    case nil:
      !hasRoot && name.equals("MPD") ? .root : nil
    case .root where name.equals("Period"): .period
    case .root where name.equals("UTCTiming"): .timing
    case .period where name.equals("AdaptationSet"): .adaptationSet
    case .adaptationSet where name.equals("Representation"): .representation
    case .root where name.equals("BaseURL"), .period where name.equals("BaseURL"),
      .adaptationSet where name.equals("BaseURL"), .representation where name.equals("BaseURL"):
      .baseURL
    case .period where name.equals("SegmentTemplate"),
      .adaptationSet where name.equals("SegmentTemplate"),
      .representation where name.equals("SegmentTemplate"):
      .template
    case .adaptationSet where name.equals("ContentProtection"),
      .representation where name.equals("ContentProtection"):
      .protection
    case .template where name.equals("SegmentTimeline"): .timeline
    case .timeline where name.equals("S"): .entry
    case .root, .period, .adaptationSet, .representation, .template, .timeline, .entry, .baseURL,
      .protection, .timing, .other:
      .other
    }
  }

  private mutating func enter(_ element: Element, _ tag: Span<UInt8>) {
    switch element {
    case .root:
      hasRoot = true
      readRoot(tag)
    case .period: readPeriod(tag)
    case .adaptationSet: readSet(tag)
    case .representation: readRepresentation(tag)
    case .template:
      guard let read = TemplateAttributes(of: tag) else {
        failed = true
        return
      }
      template = read
    case .timeline: template.timeline = []
    case .entry: readEntry(tag)
    case .protection: readProtection(tag)
    case .timing: readTiming(tag)
    case .baseURL:
      text = []
      base = BaseAttributes(of: tag)
    case .other: break
    }
  }

  private mutating func leave(_ element: Element) {
    switch element {
    case .period: manifest.periods.append(period)
    case .adaptationSet: period.adaptationSets.append(set)
    case .representation: endRepresentation()
    case .template: endTemplate()
    case .baseURL: endBaseURL()
    case .root, .timeline, .entry, .protection, .timing, .other: break
    }
  }

  private mutating func readRoot(_ tag: Span<UInt8>) {
    manifest.isDynamic = tag.attribute("type")?.equals("dynamic") ?? false
    manifest.availabilityStartTime = date("availabilityStartTime", of: tag)
    manifest.publishTime = date("publishTime", of: tag)
    let longest = StreamsLimits.durationMax
    manifest.minimumUpdatePeriod = duration("minimumUpdatePeriod", of: tag, atMost: longest)
    manifest.timeShiftBufferDepth = duration("timeShiftBufferDepth", of: tag, atMost: longest)
    manifest.suggestedPresentationDelay = duration(
      "suggestedPresentationDelay", of: tag, atMost: longest)
    manifest.duration = duration("mediaPresentationDuration", of: tag)
  }

  private mutating func readPeriod(_ tag: Span<UInt8>) {
    count()
    period = Period()
    periodTemplate = nil
    bases[1] = BaseAttributes()
    if let id = tag.attribute("id") { period.id = XMLText.decoded(id) }
    period.start = duration("start", of: tag)
    period.duration = duration("duration", of: tag)
  }

  private mutating func readSet(_ tag: Span<UInt8>) {
    count()
    set = AdaptationSet()
    setTemplate = nil
    setKeyID = nil
    bases[2] = BaseAttributes()
    if let type = tag.attribute("contentType"), !type.isEmpty {
      set.contentType = type.copied()
    } else {
      set.contentType = mediaType(of: tag)
    }
  }

  private mutating func readRepresentation(_ tag: Span<UInt8>) {
    count()
    representation = Representation(id: [], bandwidth: 0)
    representationTemplate = nil
    bases[3] = BaseAttributes()
    if let id = tag.attribute("id") { representation.id = XMLText.decoded(id) }
    representation.bandwidth = tag.attribute("bandwidth")?.wholeNumber() ?? 0
    if set.contentType.isEmpty, set.representations.isEmpty { set.contentType = mediaType(of: tag) }
  }

  /// The part of @mimeType in front of the slash.
  private func mediaType(of tag: Span<UInt8>) -> [UInt8] {
    guard let type = tag.attribute("mimeType") else { return [] }
    var end = 0
    while end < type.count, type[end] != UInt8(ascii: "/") { end += 1 }
    return type.extracting(0..<end).copied()
  }

  /// Keeps a run of segments.
  private mutating func readEntry(_ tag: Span<UInt8>) {
    entryCount += 1
    guard let entry = TimelineEntry(of: tag), entryCount <= StreamsLimits.timelineEntriesMax else {
      failed = true
      return
    }
    template.timeline?.append(entry)
  }

  /// Notes the default key; the schemes that follow the first to name one repeat it.
  private mutating func readProtection(_ tag: Span<UInt8>) {
    guard let value = tag.attribute(localName: "default_KID") else { return }
    let key = value.copied().map(lowered)
    if open.last == .representation {
      representation.defaultKeyID = representation.defaultKeyID ?? key
    } else {
      setKeyID = setKeyID ?? key
    }
  }

  private mutating func readTiming(_ tag: Span<UInt8>) {
    guard let scheme = tag.attribute("schemeIdUri"), let value = tag.attribute("value"),
      ["head", "xsdate", "iso"].contains(where: { word in
        scheme.starts(anyCaseOf: "urn:mpeg:dash:utc:http-" + word)
      })
    else { return }
    // Several URLs may stand in a row; each tells the same time.
    let urls = XMLText.decoded(value).split { $0 == UInt8(ascii: " ") }
    let room = StreamsLimits.timingURLsMax - manifest.timingURLs.count
    manifest.timingURLs += urls.prefix(max(0, room)).map { Array($0) }
  }

  private mutating func endTemplate() {
    switch open.last {
    case .period: periodTemplate = template
    case .adaptationSet: setTemplate = template
    case .representation: representationTemplate = template
    case .root, .template, .timeline, .entry, .baseURL, .protection, .timing, .other, nil: break
    }
  }

  private mutating func endRepresentation() {
    representation.defaultKeyID = representation.defaultKeyID ?? setKeyID
    let above = setTemplate?.inheriting(from: periodTemplate) ?? periodTemplate
    if var whole = representationTemplate?.inheriting(from: above) ?? above {
      for level in (0..<bases.count).reversed() {
        bases[level].add(to: &whole)
        if bases[level].isAbsolute { break }
      }
      representation.template = whole.template
    }
    set.representations.append(representation)
  }

  private mutating func endBaseURL() {
    let whole = text
    let url = whole.span.trimmedAsXML().copied()
    base.isAbsolute = isAbsolute(url)
    // Only the first one: the others are the same from elsewhere (§5.6.5).
    switch open.last {
    case .root where manifest.baseURL == nil: (manifest.baseURL, bases[0]) = (url, base)
    case .period where period.baseURL == nil: (period.baseURL, bases[1]) = (url, base)
    case .adaptationSet where set.baseURL == nil: (set.baseURL, bases[2]) = (url, base)
    case .representation where representation.baseURL == nil:
      (representation.baseURL, bases[3]) = (url, base)
    case .root, .period, .adaptationSet, .representation, .template, .timeline, .entry, .baseURL,
      .protection, .timing, .other, nil:
      break
    }
  }

  /// Whether a URL has a host of its own.
  private func isAbsolute(_ url: [UInt8]) -> Bool {
    let text = url.span
    for index in text.indices where text[index] == UInt8(ascii: ":") {
      return text.from(index).starts(with: "://")
    }
    return false
  }

  /// Notes text; only that of a BaseURL is wanted.
  private mutating func note(_ piece: Span<UInt8>, isData: Bool) {
    guard open.last == .baseURL else { return }
    guard text.count + piece.count <= StreamsLimits.uriLineBytesMax else {
      failed = true
      return
    }
    if isData {
      text += piece.copied()
    } else {
      XMLText.append(piece, to: &text)
    }
  }

  private mutating func count() {
    elementCount += 1
    if elementCount > StreamsLimits.manifestElementsMax { failed = true }
  }

  private mutating func duration(
    _ name: StaticString, of tag: Span<UInt8>,
    atMost longest: Milliseconds = StreamsLimits.manifestTimeMax
  ) -> Milliseconds? {
    guard let value = tag.attribute(name) else { return nil }
    let length = XMLDuration.read(value, atMost: longest)
    if length == nil { failed = true }
    return length
  }

  private mutating func date(_ name: StaticString, of tag: Span<UInt8>) -> Milliseconds? {
    guard let value = tag.attribute(name) else { return nil }
    let time = ISO8601.read(value)
    if time == nil { failed = true }
    return time
  }
}

/// What a BaseURL element says about the time of the segments under it.
///
/// - Source: ISO/IEC 23009-1 §5.6.2 and §5.3.9.5.
private struct BaseAttributes {
  private var availabilityTimeOffset = Milliseconds.zero
  private var isAvailabilityTimeComplete: Bool?
  /// It leads to another place: what the levels above say is no part of the way.
  var isAbsolute = false

  init() {}

  init(of tag: Span<UInt8>) {
    if let offset = tag.attribute("availabilityTimeOffset") {
      availabilityTimeOffset = TemplateAttributes.offset(offset)
    }
    if let isComplete = tag.attribute("availabilityTimeComplete") {
      isAvailabilityTimeComplete = !isComplete.equals("false")
    }
  }

  /// Adds to what a template states.
  func add(to template: inout TemplateAttributes) {
    let sum = (template.availabilityTimeOffset?.count ?? 0) + availabilityTimeOffset.count
    template.availabilityTimeOffset = min(Milliseconds(sum), StreamsLimits.durationMax)
    template.isAvailabilityTimeComplete =
      template.isAvailabilityTimeComplete ?? isAvailabilityTimeComplete
  }
}
