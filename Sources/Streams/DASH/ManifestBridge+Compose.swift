internal import Bytes
internal import Wire

/// Writing the manifest behind a switch.
extension ManifestBridge {
  /// Makes the next manifest to send of one of the new server; `false` where that cannot be done.
  mutating func compose(
    _ text: ManifestText, _ manifest: Manifest, behind finishedEnd: Int64, now: Milliseconds
  ) -> Bool {
    guard manifest.isDynamic, let offset = shift(of: manifest) else { return false }
    var edits = ManifestEdits()
    let latest = max(finishedEnd, age(at: now))
    guard add(text, manifest, offset, behind: finishedEnd, latest: latest, &edits) else {
      return false
    }
    set(manifest, offset, in: text, &edits)
    let previous = publishTime
    let candidate = later(previous, manifest.publishTime)
    guard var made = written(text, edits, candidate) else { return false }
    if candidate == previous, made != sent, let previous {
      publishTime = Milliseconds(previous.count + 1000)
      guard let later = written(text, edits, publishTime) else { return false }
      made = later
    } else {
      publishTime = candidate
    }
    guard made.count <= StreamsLimits.manifestTextBytesMax else { return false }
    sent = made
    finishedInSent = finished.count
    return true
  }

  private func written(
    _ text: ManifestText, _ edits: ManifestEdits, _ time: Milliseconds?
  ) -> [UInt8]? {
    var edits = edits
    if let time { edits.set("publishTime", to: ISO8601.text(time), of: 0, in: text) }
    return edits.applied(to: text.bytes)
  }

  /// What the server's times are ahead of the kept ones, in milliseconds.
  func shift(of manifest: Manifest) -> Int64? {
    guard let theirs = manifest.availabilityStartTime else { return nil }
    let (shift, isFar) = theirs.count.subtractingReportingOverflow(start.count)
    return isFar || abs(shift) > StreamsLimits.manifestTimeMax.count ? nil : shift
  }

  /// Changes the root: the kept start, frequent updates, nothing that belongs to the server alone.
  private func set(
    _ manifest: Manifest, _ offset: Int64, in text: ManifestText, _ edits: inout ManifestEdits
  ) {
    if let place = text.attribute("availabilityStartTime", of: 0) {
      edits.replace(place, with: startText)
    }
    let longest = StreamsLimits.bridgeUpdatePeriodMax
    if manifest.minimumUpdatePeriod.map({ $0 > longest }) ?? true {
      edits.set("minimumUpdatePeriod", to: XMLDuration.text(longest), of: 0, in: text)
    }
    if let duration = manifest.duration {
      let shifted = Milliseconds(max(0, duration.count + offset))
      edits.set("mediaPresentationDuration", to: XMLDuration.text(shifted), of: 0, in: text)
    }
    for (index, element) in text.elements.enumerated() {
      let isBase = element.kind == .baseURL && element.parent == 0
      // A patch is one of the server's own manifest.
      if isBase || element.kind == .patchLocation { edits.remove(index, of: text) }
    }
  }

  /// Puts the finished periods in front, and changes those of the server to follow them.
  private mutating func add(
    _ text: ManifestText, _ manifest: Manifest, _ offset: Int64, behind finishedEnd: Int64,
    latest: Int64, _ edits: inout ManifestEdits
  ) -> Bool {
    guard let times = manifest.periodTimes, let rootEnd = text.elements[0].content?.upperBound
    else { return false }
    let places = text.periods
    guard places.count == times.count, let bases = text.bases else { return false }
    let front = places.first.map(text.blankStart(of:)) ?? rootEnd
    edits.replace(front..<front, with: finished.flatMap { [UInt8(ascii: "\n")] + $0.text })
    let known = Dictionary(periods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    periods = []
    let ids = manifest.periods.indices.map { id(of: manifest.periods[$0], start: times[$0].start) }
    guard Set(ids).count == ids.count else { return false }
    // Nothing comes in between what was sent.
    let lastSent = ids.lastIndex { known[$0] != nil } ?? 0
    var isWaiting = false
    for (index, place) in places.enumerated() {
      let start = times[index].start + offset
      let end = times[index].end.map { $0 + offset }
      let sent = known[ids[index]]
      if let sent, abs(sent.origin - start) > StreamsLimits.bridgeDriftMax.count { return false }
      var period = sent
      if period == nil, !isWaiting, index >= lastSent {
        let cut = cut(manifest.periods[index], start, end, behind: finishedEnd)
        period = cut.map { SentPeriod(id: ids[index], origin: start, cut: $0) }
        // What is not ready yet must not come in between later.
        isWaiting = period == nil && (end ?? .max) > latest
      }
      guard let period, !isWaiting else {
        edits.remove(place, of: text)
        continue
      }
      guard let changes = changes(of: place, manifest.periods[index], period, bases, in: text)
      else {
        if sent != nil || period.cut == 0 { return false }
        isWaiting = true
        edits.remove(place, of: text)
        continue
      }
      edits.add(changes)
      periods.append(period)
    }
    return true
  }

  /// How much of a period's front goes; `nil` where nothing of it is left.
  private func cut(
    _ period: Period, _ start: Int64, _ end: Int64?, behind finishedEnd: Int64
  ) -> Int64? {
    if start >= finishedEnd { return 0 }
    if let end, end <= finishedEnd { return nil }
    guard let cut = ManifestCut(period, notBefore: finishedEnd - start)?.length else { return nil }
    if let end, start + cut >= end { return nil }
    return cut
  }

  /// The id that a period of this epoch has for viewers.
  private func id(of period: Period, start: Int64) -> [UInt8] {
    // Periods without id leave the front without a trace; their start tells them apart.
    Array("sw\(periodEpoch ?? 0)-".utf8) + (period.id ?? Array("at\(start)".utf8))
  }

  private func changes(
    of place: Int, _ period: Period, _ sent: SentPeriod, _ bases: [Int], in text: ManifestText
  ) -> ManifestEdits? {
    // What a period elsewhere says cannot be changed here.
    guard text.attribute("xlink:href", of: place) == nil else { return nil }
    var edits = ManifestEdits()
    if sent.cut > 0 {
      guard let cut = ManifestCut(length: sent.cut).edits(of: place, in: text) else { return nil }
      edits = cut
      if let duration = period.duration {
        let rest = Milliseconds(max(0, duration.count - sent.cut))
        edits.set("duration", to: XMLDuration.text(rest), of: place, in: text)
      }
    }
    let start = Milliseconds(sent.origin + sent.cut)
    edits.set("id", to: sent.id, of: place, in: text)
    edits.set("start", to: XMLDuration.text(start), of: place, in: text)
    text.lower(bases, into: place, &edits)
    return edits
  }
}
