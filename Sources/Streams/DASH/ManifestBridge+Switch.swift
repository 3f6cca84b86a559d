public import Bytes
internal import Wire

/// Leaving a server.
extension ManifestBridge {
  /// Ends the periods that were sent, for a server with another timeline.
  ///
  /// The last one ends with its last segment: of a timeline the last that was sent, of numbered
  /// segments the last that was whole. Call it before the first `next` of the new server; for one
  /// with the same timeline call nothing, the new epoch is all that changes.
  ///
  /// - Parameter time: When the server was left, Unix time.
  public mutating func switchOrigin(at time: Milliseconds) {
    progress = nil
    periodEpoch = nil
    periods = []
    let text = ManifestText.read(sent.span)
    let manifest = Manifest.read(sent.span)
    guard let text, let manifest, let times = manifest.periodTimes else {
      finishedEnd = finishedEnd ?? age(at: time)
      return
    }
    let places = text.periods
    let age = age(at: time)
    let first = min(max(finishedInSent, times.count - StreamsLimits.bridgePeriodsMax), times.count)
    for index in first..<times.count {
      let start = times[index].start
      // One that was announced for later: nobody has played it.
      if start >= age, index > first { break }
      let next = index + 1 < times.count && times[index + 1].start < age
      let length = times[index].end.map { $0 - start }
      let end =
        next
        ? length ?? 0
        : manifest.periods[index].newestEnd(elapsed: age - start, isEarly: false, length: length)
          ?? 0
      finishedEnd = max(finishedEnd ?? 0, start + max(0, end))
      guard end > 0 else { continue }
      let ended = Manifest.PeriodTimes(start: start, end: start + end)
      if index < places.count,
        let period = finish(places[index], ended, until: age - start, in: text)
      {
        finished.append(period)
      }
    }
    finishedInSent = times.count
    finishedEnd = finishedEnd ?? age
  }

  /// The manifest to send when the presentation is over: the last one, with its end.
  ///
  /// What a server says then need not have the kept times. It stays a live manifest, with a
  /// duration in the place of updates, as a player of one expects (ISO/IEC 23009-1 §5.4.1).
  ///
  /// - Parameter now: Unix time, by which numbered segments are due.
  /// - Returns: `nil` where no segment is known.
  public mutating func end(now: Milliseconds) -> [UInt8]? {
    guard let text = ManifestText.read(sent.span), let manifest = Manifest.read(sent.span),
      let edge = ManifestProgress(of: manifest, now: now).edge
    else { return nil }
    var edits = ManifestEdits()
    edits.remove("minimumUpdatePeriod", from: 0, of: text)
    edits.set("mediaPresentationDuration", to: XMLDuration.text(edge), of: 0, in: text)
    if let publishTime {
      let later = Milliseconds(publishTime.count + 1000)
      edits.set("publishTime", to: ISO8601.text(later), of: 0, in: text)
    }
    guard let ended = edits.applied(to: text.bytes),
      let publishTime = Manifest.read(ended.span).map(\.publishTime)
    else { return nil }
    sent = ended
    self.publishTime = publishTime
    return ended
  }

  /// The time since the kept start of availability, not below zero.
  func age(at time: Milliseconds) -> Int64 {
    var clock = Manifest()
    clock.availabilityStartTime = start
    return max(0, clock.age(at: time))
  }

  /// A period with its end, and with what the root said for it.
  private func finish(
    _ period: Int, _ times: Manifest.PeriodTimes, until elapsed: Int64,
    in text: ManifestText
  ) -> FinishedPeriod? {
    guard let bases = text.bases, let templates = ManifestTemplates(of: period, in: text) else {
      return nil
    }
    var edits = ManifestEdits()
    let length = (times.end ?? times.start) - times.start
    edits.set("start", to: XMLDuration.text(Milliseconds(times.start)), of: period, in: text)
    edits.set("duration", to: XMLDuration.text(Milliseconds(length)), of: period, in: text)
    edits.add(text.namespaces(for: period), to: period, of: text)
    text.lower(bases, into: period, &edits)
    for item in templates.items {
      let template = item.attributes.template
      // An entry without end would go on to the end of the period, beyond what was sent.
      guard let last = item.entries.last, template.timeline.last?.repeats ?? 0 < 0,
        let now = template.time(at: elapsed), let run = template.runs(until: now).last
      else { continue }
      let repeats = max(1, run.count) - 1
      edits.set("r", to: Array("\(repeats)".utf8), of: last, in: text)
    }
    let whole = text.elements[period].whole
    return edits.applied(to: text.bytes, part: whole).map {
      FinishedPeriod(text: $0, times: times)
    }
  }
}
