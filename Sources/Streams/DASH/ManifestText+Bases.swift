internal import Wire

/// Moving what the root of a manifest says into its periods, so that they mean the same elsewhere.
extension ManifestText {
  /// The BaseURL elements of the root; `nil` where there is no room for them in every period.
  var bases: [Int]? {
    let bases = elements.indices.filter {
      elements[$0].kind == .baseURL && elements[$0].parent == 0
    }
    let size = bases.reduce(0) { $0 + elements[$1].whole.count }
    let places = elements.count { $0.kind == .period || $0.kind == .baseURL }
    return size * places <= StreamsLimits.manifestTextBytesMax ? bases : nil
  }

  /// Gives a period the BaseURL elements of the root, which are to go.
  ///
  /// A period with some of its own gets the first of the root in front of each.
  func lower(_ bases: [Int], into period: Int, _ edits: inout ManifestEdits) {
    guard let first = bases.first, let content = elements[period].content else { return }
    let own = indices(in: period).filter {
      elements[$0].kind == .baseURL && elements[$0].parent == period
    }
    if own.isEmpty {
      let copies = bases.flatMap { bytes[elements[$0].whole] }
      edits.replace(content.lowerBound..<content.lowerBound, with: copies)
    }
    for element in own {
      guard let place = elements[element].content else { continue }
      let joined = Self.join(self.content(of: element), to: self.content(of: first))
      edits.replace(place, with: joined)
    }
  }

  /// The namespaces that the root declares and a period does not, as text for its start tag.
  func namespaces(for period: Int) -> [UInt8] {
    let place = elements[0].tag
    let tag = bytes.span.extracting(place)
    let own = bytes.span.extracting(elements[period].tag)
    var text: [UInt8] = []
    var attributes = XMLAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      let name = tag.extracting(attribute.name)
      guard name.starts(with: "xmlns"), attribute.value.upperBound < tag.count,
        !Self.has(name, own)
      else { continue }
      text.append(UInt8(ascii: " "))
      text += tag.extracting(attribute.name.lowerBound..<(attribute.value.upperBound + 1)).copied()
    }
    return text
  }

  private static func has(_ name: Span<UInt8>, _ tag: Span<UInt8>) -> Bool {
    var attributes = XMLAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      if tag.extracting(attribute.name).equals(name) { return true }
    }
    return false
  }

  /// A reference behind its base, both as they are written (RFC 3986 §5.2.3).
  private static func join(_ reference: [UInt8], to base: [UInt8]) -> [UInt8] {
    let url = reference.span
    if url.isEmpty { return base }
    if ManifestURLs.schemeEnd(url) != nil || url.starts(with: "//") { return reference }
    var hostEnd = 0
    let scheme = ManifestURLs.schemeEnd(base.span).map { $0 + 1 } ?? 0
    if base.span.from(scheme).starts(with: "//") {
      hostEnd = scheme + 2
      while hostEnd < base.count, base[hostEnd] != UInt8(ascii: "/"),
        base[hostEnd] != UInt8(ascii: "?"), base[hostEnd] != UInt8(ascii: "#")
      {
        hostEnd += 1
      }
    }
    if url.starts(with: "/") { return base[..<hostEnd] + reference }
    var end = hostEnd
    while end < base.count, base[end] != UInt8(ascii: "?"), base[end] != UInt8(ascii: "#") {
      end += 1
    }
    while end > hostEnd, base[end - 1] != UInt8(ascii: "/") { end -= 1 }
    let joint: [UInt8] = end == hostEnd && hostEnd > 0 ? [UInt8(ascii: "/")] : []
    return base[..<end] + joint + reference
  }
}
