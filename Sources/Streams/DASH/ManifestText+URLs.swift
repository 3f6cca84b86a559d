internal import Wire

/// Rewriting the URLs of a manifest.
extension ManifestText {
  /// A manifest with its URLs rewritten, all other bytes as they are.
  ///
  /// Absolute http and https URLs of the given servers become paths, in BaseURL, Location,
  /// PatchLocation, SegmentTemplate, SegmentURL, Initialization, RepresentationIndex and
  /// BitstreamSwitching. UTCTiming, xlink and licence URLs are never touched.
  ///
  /// With an epoch, everything that names media gets `_sw=<epoch>` into its query, in place of a
  /// mark that is there: templates, SegmentURL, Initialization, RepresentationIndex, and the
  /// BaseURL of a Representation that has neither template nor list. A mark in another BaseURL
  /// would be lost: a relative reference drops the query of its base (RFC 3986 §5.2.2).
  ///
  /// - Parameters:
  ///   - body: The manifest, unencoded UTF-8 in one piece.
  ///   - servers: Whose URLs become paths; none to leave them.
  ///   - epoch: The number of the mark; `nil` for none.
  /// - Returns: `nil` for what `read` refuses: pass the manifest on as it is.
  public static func rewriting(
    _ body: Span<UInt8>, servers: [ManifestServer], epoch: UInt64? = nil
  ) -> [UInt8]? {
    guard let text = read(body) else { return nil }
    return text.rewriting(ManifestURLs(servers: servers, epoch: epoch))
  }

  func rewriting(_ urls: ManifestURLs) -> [UInt8]? {
    var edits = ManifestEdits()
    let named = namedByTemplate
    for (index, element) in elements.enumerated() {
      switch element.kind {
      case .baseURL:
        let isFile = elements[element.parent].kind == .representation && !isNamed(element, named)
        rewriteContent(of: index, urls, isMedia: isFile, &edits)
      case .location, .patchLocation:
        rewriteContent(of: index, urls, isMedia: false, &edits)
      case .segmentTemplate:
        for name: StaticString in ["media", "initialization", "index", "bitstreamSwitching"] {
          rewrite(name, of: index, urls, &edits)
        }
      case .segmentURL:
        rewrite("media", of: index, urls, &edits)
        rewrite("index", of: index, urls, &edits)
      case .initialization, .index, .bitstreamSwitching:
        rewrite("sourceURL", of: index, urls, &edits)
      case .root, .period, .eventStream, .adaptationSet, .representation, .segmentBase,
        .segmentList, .timeline, .entry, .other:
        break
      }
    }
    return edits.isEmpty ? bytes : edits.applied(to: bytes)
  }

  /// For each element whether a template or list in it names the segments.
  private var namedByTemplate: [Bool] {
    var named = [Bool](repeating: false, count: elements.count)
    for element in elements
    where element.kind == .segmentTemplate || element.kind == .segmentList {
      named[element.parent] = true
    }
    return named
  }

  /// Whether the segments of the representation that a BaseURL is in are named at any level.
  private func isNamed(_ base: Element, _ named: [Bool]) -> Bool {
    var level = base.parent
    while level > 0 {
      if named[level] { return true }
      level = elements[level].parent
    }
    return false
  }

  private func rewrite(
    _ name: StaticString, of element: Int, _ urls: ManifestURLs, _ edits: inout ManifestEdits
  ) {
    guard let place = attribute(name, of: element) else { return }
    let value = bytes.span.extracting(place).trimmedAsXML()
    if let url = urls.rewriting(value, isMedia: true) { edits.replace(place, with: url) }
  }

  private func rewriteContent(
    of element: Int, _ urls: ManifestURLs, isMedia: Bool, _ edits: inout ManifestEdits
  ) {
    guard let place = elements[element].content else { return }
    let url = content(of: element)
    if let changed = urls.rewriting(url.span, isMedia: isMedia) {
      edits.replace(place, with: changed)
    }
  }
}
