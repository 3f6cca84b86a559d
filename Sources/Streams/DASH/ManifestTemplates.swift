internal import Wire

/// The segment templates of one period in the text of a manifest, each with what holds for it.
struct ManifestTemplates {
  /// A SegmentTemplate element.
  struct Item {
    /// Its place among the elements.
    var element: Int
    /// What it states and inherits.
    var attributes: TemplateAttributes
    /// The entries of its own timeline, by their places among the elements.
    var entries: [Int]
    /// The item whose timeline holds for it; itself where it has one, `nil` where none does.
    var timelineOwner: Int?
  }

  private(set) var items: [Item] = []

  /// Finds the templates of a period; `nil` where one cannot be read.
  init?(of period: Int, in text: ManifestText) {
    // The item of the period and that of the set that is open.
    var ofPeriod: Int?
    var ofSet: Int?
    for index in text.indices(in: period) {
      let element = text.elements[index]
      if element.kind == .adaptationSet { ofSet = nil }
      guard element.kind == .segmentTemplate else { continue }
      let level = text.elements[element.parent].kind
      let above = level == .period ? nil : level == .adaptationSet ? ofPeriod : ofSet ?? ofPeriod
      guard let item = item(index, under: above, in: text) else { return nil }
      if level == .period { ofPeriod = items.count }
      if level == .adaptationSet { ofSet = items.count }
      items.append(item)
    }
  }

  private func item(_ element: Int, under above: Int?, in text: ManifestText) -> Item? {
    let body = text.bytes.span
    guard var own = TemplateAttributes(of: body.extracting(text.elements[element].tag)) else {
      return nil
    }
    var entries: [Int] = []
    for index in text.indices(in: element) {
      switch text.elements[index].kind {
      case .timeline: (own.timeline, entries) = ([], [])
      case .entry:
        guard let entry = TimelineEntry(of: body.extracting(text.elements[index].tag)) else {
          return nil
        }
        own.timeline?.append(entry)
        entries.append(index)
      default: continue
      }
    }
    let owner =
      own.timeline != nil
      ? items.count : own.duration == nil ? above.flatMap { items[$0].timelineOwner } : nil
    return Item(
      element: element, attributes: own.inheriting(from: above.map { items[$0].attributes }),
      entries: entries, timelineOwner: owner)
  }
}
