internal import Wire

/// A DASH manifest as text, with the places of what a proxy may change in it.
///
/// What is not changed stays byte for byte. Elements are known by their name and their parent, as
/// `Manifest` knows them; what stands in events and descriptors is passed over. No entity is
/// expanded and no reference to another document followed.
public struct ManifestText: Sendable {
  /// An element of note.
  struct Element {
    enum Kind {
      case root, baseURL, location, patchLocation, period, eventStream, adaptationSet
      case representation, segmentBase, segmentList, segmentTemplate, timeline, entry, segmentURL
      case initialization, index, bitstreamSwitching
      /// Another child of the root.
      case other
    }

    var kind: Kind
    /// The place of its parent among the elements; -1 for the root.
    var parent: Int
    /// From its `<` to behind its last `>`.
    var whole: Range<Int>
    /// Its start tag without the angle brackets.
    var tag: Range<Int>
    /// Between its tags; `nil` for an element in one tag.
    var content: Range<Int>?
  }

  /// The whole manifest.
  public let bytes: [UInt8]
  /// The elements of note in the order of their start tags; the first one is the root.
  let elements: [Element]

  /// Reads a whole manifest.
  ///
  /// - Parameter body: The manifest, unencoded UTF-8 in one piece.
  /// - Returns: `nil` for another root than `MPD`, elements that do not end, a document type
  ///   declaration, and more of anything than `StreamsLimits` allows.
  public static func read(_ body: Span<UInt8>) -> ManifestText? {
    guard body.count <= StreamsLimits.manifestTextBytesMax else { return nil }
    var elements = ElementList()
    var pieces = XMLPieces()
    while let piece = pieces.next(in: body) {
      switch piece {
      case .tag(let range): guard elements.take(range, in: body) else { return nil }
      case .text, .data: continue
      case .broken: return nil
      }
    }
    guard elements.isWhole else { return nil }
    return ManifestText(bytes: body.copied(), elements: elements.found)
  }

  private init(bytes: [UInt8], elements: [Element]) {
    self.bytes = bytes
    self.elements = elements
  }

  /// The places of the periods among the elements.
  var periods: [Int] { elements.indices.filter { elements[$0].kind == .period } }

  /// The elements inside one, those of note only.
  func indices(in element: Int) -> Range<Int> {
    let end = elements[element].whole.upperBound
    var last = element + 1
    while last < elements.count, elements[last].whole.lowerBound < end { last += 1 }
    return (element + 1)..<last
  }

  /// Where the white space in front of an element begins.
  func blankStart(of element: Int) -> Int { blankStart(at: elements[element].whole.lowerBound) }

  /// Where the white space in front of a place begins.
  func blankStart(at place: Int) -> Int {
    var start = place
    while start > 0, isXMLSpace(bytes[start - 1]) { start -= 1 }
    return start
  }

  /// The place of an attribute's value between its quotes; `nil` where it is missing.
  func attribute(_ name: StaticString, of element: Int) -> Range<Int>? {
    wholeAttribute(name, of: element)?.value
  }

  /// The places of an attribute's name and of its value; `nil` where it is missing.
  func wholeAttribute(
    _ name: StaticString, of element: Int
  ) -> (name: Range<Int>, value: Range<Int>)? {
    let place = elements[element].tag
    let tag = bytes.span.extracting(place)
    var attributes = XMLAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      if tag.extracting(attribute.name).equals(name) {
        let start = place.lowerBound
        return (attribute.name.moved(by: start), attribute.value.moved(by: start))
      }
    }
    return nil
  }

  /// Text of an element as it may stand in an attribute: sections are spelled out in entities.
  ///
  /// Without white space at both ends; comments and elements in it are left out.
  func content(of element: Int) -> [UInt8] {
    guard let place = elements[element].content else { return [] }
    let body = bytes.span.extracting(place)
    var text: [UInt8] = []
    var pieces = XMLPieces()
    while let piece = pieces.next(in: body) {
      switch piece {
      case .text(let range): text += body.extracting(range).copied()
      case .data(let range): text += XMLText.encoded(body.extracting(range).copied())
      case .tag, .broken: continue
      }
    }
    return text.span.trimmedAsXML().copied()
  }
}

/// Collects the elements of note from the tags of a manifest, one by one.
private struct ElementList {
  private(set) var found: [ManifestText.Element] = []
  /// The place of each open element in `found`; -1 for one that is of no note.
  private var open = XMLOpenElements<Int>()

  /// Every element that began has ended.
  var isWhole: Bool { !found.isEmpty && open.isEmpty }

  /// Takes what stands between `<` and `>`; `false` when this is no manifest.
  mutating func take(_ range: Range<Int>, in body: Span<UInt8>) -> Bool {
    let tag = body.extracting(range)
    if tag.starts(with: "/") {
      guard let ended = open.end(tag, in: body) else { return false }
      if ended >= 0 {
        found[ended].whole = found[ended].whole.lowerBound..<(range.upperBound + 1)
        found[ended].content = (found[ended].tag.upperBound + 1)..<(range.lowerBound - 1)
      }
      return true
    }
    let place = tag.elementNameRange
    let name = tag.extracting(place)
    guard !name.isEmpty else { return false }
    var index = -1
    if let kind = kind(of: name) {
      index = found.count
      guard index < StreamsLimits.manifestTextElementsMax else { return false }
      found.append(
        ManifestText.Element(
          kind: kind, parent: open.last ?? -1,
          whole: (range.lowerBound - 1)..<(range.upperBound + 1), tag: range, content: nil))
    } else if open.isEmpty {
      return false
    }
    if tag[tag.count - 1] == UInt8(ascii: "/") { return true }
    return open.begin(index, name: place.moved(by: range.lowerBound))
  }

  /// What an element is where it stands; `nil` for one that is of no note.
  private func kind(of name: Span<UInt8>) -> ManifestText.Element.Kind? {
    guard let parent = open.last else {
      return found.isEmpty && name.equals("MPD") ? .root : nil
    }
    guard parent >= 0 else { return nil }
    switch found[parent].kind {
    case .root:
      if name.equals("Period") { return .period }
      if name.equals("BaseURL") { return .baseURL }
      if name.equals("Location") { return .location }
      return name.equals("PatchLocation") ? .patchLocation : .other
    case .period:
      if name.equals("AdaptationSet") { return .adaptationSet }
      return name.equals("EventStream") ? .eventStream : segments(name)
    case .adaptationSet:
      return name.equals("Representation") ? .representation : segments(name)
    case .representation: return segments(name)
    case .segmentBase, .segmentList, .segmentTemplate:
      if name.equals("SegmentTimeline") { return .timeline }
      if name.equals("SegmentURL") { return .segmentURL }
      if name.equals("Initialization") { return .initialization }
      if name.equals("RepresentationIndex") { return .index }
      return name.equals("BitstreamSwitching") ? .bitstreamSwitching : nil
    case .timeline: return name.equals("S") ? .entry : nil
    case .baseURL, .location, .patchLocation, .eventStream, .entry, .segmentURL, .initialization,
      .index, .bitstreamSwitching, .other:
      return nil
    }
  }

  /// What may say at every level where segments are.
  private func segments(_ name: Span<UInt8>) -> ManifestText.Element.Kind? {
    if name.equals("BaseURL") { return .baseURL }
    if name.equals("SegmentTemplate") { return .segmentTemplate }
    if name.equals("SegmentList") { return .segmentList }
    return name.equals("SegmentBase") ? .segmentBase : nil
  }
}
