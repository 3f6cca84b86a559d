public import Bytes
internal import Wire

/// Leaving a server.
extension ManifestBridge {
  /// Notes that the server is left for one with another timeline.
  ///
  /// The next `next` ends the periods that were sent: only the manifest that follows tells where.
  /// For a server with the same timeline call nothing, the new epoch is all that changes.
  ///
  /// - Parameter time: When the server's manifest was seen last, Unix time.
  public mutating func switchOrigin(at time: Milliseconds) {
    leftAt = leftAt ?? time
  }

  /// Ends the periods that were sent, where those of another server can follow.
  ///
  /// That is the start of its segment that lies across the end of what was sent: so nothing is
  /// missing in between, and no frame is left without the one it builds on. Where it has none, all
  /// that was sent is kept: of a timeline what was listed, of numbered segments what was whole.
  ///
  /// - Returns: How far the servers before have got.
  mutating func leave(at time: Milliseconds, for next: Manifest) -> Int64 {
    leftAt = nil
    periodEpoch = nil
    periods = []
    let text = ManifestText.read(sent.span)
    let manifest = Manifest.read(sent.span)
    guard let text, let manifest, let times = manifest.periodTimes else {
      finishedEnd = finishedEnd ?? age(at: time)
      return finishedEnd ?? 0
    }
    let places = text.periods
    let age = age(at: time)
    let first = min(max(finishedInSent, times.count - StreamsLimits.bridgePeriodsMax), times.count)
    var reached = finishedEnd ?? 0
    for index in first..<times.count {
      let start = times[index].start
      // One that was announced for later: nobody has played it.
      if start >= age, index > first { break }
      let isLast = index + 1 == times.count || times[index + 1].start >= age
      let length = times[index].end.map { $0 - start }
      var end = length ?? 0
      if isLast {
        let period = manifest.periods[index]
        end = max(0, period.newestEnd(elapsed: age - start, isEarly: false, length: length) ?? 0)
        reached = max(reached, start + end)
        let shown = period.sharedEnd(elapsed: age - start) ?? end
        if let join = join(of: next, at: start + min(shown, end)), join > start {
          end = min(end, join - start)
        }
      }
      reached = max(reached, start + end)
      finishedEnd = max(finishedEnd ?? 0, start + end)
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
    return reached
  }

  /// Where a server's segment starts that is shown at a time, both from the kept start.
  private func join(of next: Manifest, at time: Int64) -> Int64? {
    guard let shift = shift(of: next), let times = next.periodTimes else { return nil }
    for (index, period) in next.periods.enumerated().reversed() {
      let start = times[index].start + shift
      guard start <= time else { continue }
      return period.leading?.start(ofSegmentAt: time - start).map { start + $0 }
    }
    return nil
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
