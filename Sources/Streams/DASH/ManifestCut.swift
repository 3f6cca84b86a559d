internal import Bytes

/// Takes the front off a period: what another server's segments were sent for.
struct ManifestCut {
  /// How much is taken off, in whole milliseconds; more than none.
  ///
  /// The first segment that stays starts there, or up to a millisecond later.
  var length: Int64

  /// Cuts a period at the first start of a segment that is not before `earliest`.
  ///
  /// That of video, where there is some. `nil` where no such segment is listed yet.
  init?(_ period: Period, notBefore earliest: Int64) {
    length = earliest
    guard let template = period.leading else { return }
    guard let wanted = template.time(at: earliest, roundedUp: true) else { return nil }
    for run in template.numbered.map({ [$0] }) ?? template.runs() {
      let index = run.started(before: wanted)
      guard index < run.count else { continue }
      guard let start = run.time(of: index), let length = template.milliseconds(at: start) else {
        return nil
      }
      self.length = length
      return
    }
    return nil
  }

  /// Cuts where it was cut before.
  init(length: Int64) { self.length = length }

  /// What to change in the text of a period, but for its start tag.
  ///
  /// - Returns: `nil` where a timeline would lose all its segments, and for segments that are named
  ///   one by one.
  func edits(of period: Int, in text: ManifestText) -> ManifestEdits? {
    guard let templates = ManifestTemplates(of: period, in: text) else { return nil }
    var edits = ManifestEdits()
    var dropped: [UInt64] = []
    for item in templates.items {
      let template = item.attributes.template
      guard let offset = template.time(at: length), let limit = template.time(at: length + 1) else {
        return nil
      }
      set("presentationTimeOffset", offset, of: item.element, in: text, &edits)
      var count: UInt64 = 0
      if !item.entries.isEmpty {
        guard let lost = drop(item.entries, of: template, until: limit, in: text, &edits) else {
          return nil
        }
        count = lost
      } else if let owner = item.timelineOwner, owner < dropped.count {
        count = dropped[owner]
      } else if let run = template.numbered {
        count = run.ended(by: limit)
      }
      dropped.append(count)
      let (number, isLarge) = template.startNumber.addingReportingOverflow(count)
      guard !isLarge else { return nil }
      set("startNumber", number, of: item.element, in: text, &edits)
    }
    for index in text.indices(in: period) {
      if text.elements[index].kind == .segmentList { return nil }
      if text.elements[index].kind == .eventStream { shiftEvents(index, in: text, &edits) }
    }
    return edits
  }

  private func set(
    _ name: StaticString, _ value: UInt64, of element: Int, in text: ManifestText,
    _ edits: inout ManifestEdits
  ) {
    edits.set(name, to: Array("\(value)".utf8), of: element, in: text)
  }

  /// Drops the segments of a timeline that have ended by a time.
  ///
  /// Those that end later stay, even where they began before the cut: players clip them, and
  /// without them audio would have a gap. The result is how many went; `nil` where none stayed.
  private func drop(
    _ entries: [Int], of template: SegmentTemplate, until limit: UInt64, in text: ManifestText,
    _ edits: inout ManifestEdits
  ) -> UInt64? {
    var count: UInt64 = 0
    for (index, run) in template.runs().enumerated() {
      let lost = run.ended(by: limit)
      let (sum, isLarge) = count.addingReportingOverflow(lost)
      guard !isLarge, index < entries.count else { return nil }
      count = sum
      if lost == run.count {
        edits.remove(entries[index], of: text)
        continue
      }
      guard count > 0 else { return 0 }
      guard let start = run.time(of: lost) else { return nil }
      set("t", start, of: entries[index], in: text, &edits)
      let repeats = template.timeline[index].repeats
      if lost > 0, repeats > 0 {
        set("r", UInt64(repeats) - lost, of: entries[index], in: text, &edits)
      }
      return count
    }
    return nil
  }

  /// Events are timed from the start of their period, which is another now.
  private func shiftEvents(_ stream: Int, in text: ManifestText, _ edits: inout ManifestEdits) {
    var times = SegmentTemplate()
    let number = { (name: StaticString) in
      text.attribute(name, of: stream).flatMap {
        text.bytes.span.extracting($0).trimmed().wholeNumber()
      }
    }
    times.timescale = max(1, number("timescale") ?? 1)
    times.presentationTimeOffset = number("presentationTimeOffset") ?? 0
    if let offset = times.time(at: length) {
      set("presentationTimeOffset", offset, of: stream, in: text, &edits)
    }
  }
}
