public import Bytes

/// The segments of one representation of a live manifest: their paths, and how far they have got.
public struct SegmentSeries: Sendable {
  /// Their paths.
  public let path: SegmentPath
  /// The epoch that their URIs are marked with; zero for none.
  public let epoch: Int
  /// How long one is; zero where nothing says so.
  public let duration: Milliseconds
  /// By how much the number of the next one is larger.
  private let step: UInt64
  /// The newest that a timeline lists, and the one that would follow.
  private let listed: (newest: UInt64, next: UInt64)?
  /// Numbered segments without a list: due by the clock.
  private let clock: Clock?

  /// What tells when numbered segments are due.
  private struct Clock {
    /// Without names.
    var template: SegmentTemplate
    /// When its period starts, Unix time in milliseconds.
    var start: Int64
    /// How long that is, where it is known.
    var length: Int64?

    /// The segment that stands so many behind the first.
    func value(of index: UInt64, isTime: Bool) -> UInt64? {
      if isTime { return template.numbered?.time(of: index) }
      let (number, isLarge) = template.startNumber.addingReportingOverflow(index)
      return isLarge ? nil : number
    }

    /// How many segments stand before the one of a number or time; `nil` for none of them.
    func index(of value: UInt64, isTime: Bool) -> UInt64? {
      guard let run = template.numbered else { return nil }
      let first = isTime ? run.start : template.startNumber
      guard value >= first else { return nil }
      guard isTime else { return value - first }
      let (index, rest) = (value - first).quotientAndRemainder(dividingBy: run.duration)
      return rest == 0 ? index : nil
    }

    /// How many are due.
    func dueCount(at now: Int64) -> UInt64 {
      let since = elapsed(at: now)
      guard let run = template.numbered, since > 0, let time = template.time(at: since) else {
        return 0
      }
      return run.ended(by: time)
    }

    private func elapsed(at now: Int64) -> Int64 {
      let (since, isLong) = now.subtractingReportingOverflow(start)
      guard !isLong else { return now < start ? 0 : StreamsLimits.manifestTimeMax.count }
      let early = template.availabilityTimeOffset.count
      let elapsed = min(StreamsLimits.manifestTimeMax.count, max(-early, since)) + early
      return length.map { min(elapsed, $0) } ?? elapsed
    }
  }

  fileprivate init(
    path: SegmentPath, epoch: Int, template: SegmentTemplate, start: Int64, length: Int64?,
    elapsed: Int64
  ) {
    self.path = path
    self.epoch = epoch
    guard !template.timeline.isEmpty else {
      var bare = template
      bare.media = nil
      bare.initialization = nil
      clock = Clock(template: bare, start: start, length: length)
      listed = nil
      duration = template.length(of: template.duration ?? 0)
      step = path.isTime ? template.duration ?? 1 : 1
      return
    }
    clock = nil
    let runs = template.runs(until: template.time(at: elapsed) ?? .max).filter { $0.count > 0 }
    duration = template.length(of: runs.last?.duration ?? 0)
    step = path.isTime ? runs.last?.duration ?? 1 : 1
    guard let last = runs.last, let end = last.end else {
      listed = nil
      return
    }
    if path.isTime {
      listed = last.time(of: last.count - 1).map { ($0, end) }
    } else {
      var next = template.startNumber
      var isTooMuch = false
      for run in runs {
        let (sum, overflows) = next.addingReportingOverflow(run.count)
        next = sum
        isTooMuch = isTooMuch || overflows
      }
      listed = isTooMuch || next == 0 ? nil : (next - 1, next)
    }
  }

  /// The newest segment that should be there: the last that is listed, or due by the clock.
  ///
  /// - Parameter now: Unix time.
  /// - Returns: Its number, or its time where that names it; `nil` where there is none.
  public func newest(at now: Milliseconds) -> UInt64? {
    guard let clock else { return listed?.newest }
    let due = clock.dueCount(at: now.count)
    return due == 0 ? nil : clock.value(of: due - 1, isTime: path.isTime)
  }

  /// The segment that follows on the newest one.
  ///
  /// - Parameter now: Unix time.
  /// - Returns: The first one where none is due; `nil` where that cannot be told.
  public func next(at now: Milliseconds) -> UInt64? {
    guard let clock else { return listed?.next }
    return clock.value(of: clock.dueCount(at: now.count), isTime: path.isTime)
  }

  /// The segment that follows on one that is there, as long as all are.
  ///
  /// - Parameter value: Its number, or its time.
  /// - Returns: `nil` beyond what can be counted.
  public func next(after value: UInt64) -> UInt64? {
    let (next, isLarge) = value.addingReportingOverflow(step)
    return isLarge ? nil : next
  }

  /// Whether a segment has been due by the clock for so long.
  ///
  /// - Parameters:
  ///   - value: Its number, or its time.
  ///   - length: How long.
  ///   - now: Unix time.
  /// - Returns: `false` as well for segments of a timeline, which no clock makes due.
  public func isOverdue(_ value: UInt64, by length: Milliseconds, at now: Milliseconds) -> Bool {
    guard let clock, let index = clock.index(of: value, isTime: path.isTime) else { return false }
    let (then, isEarly) = now.count.subtractingReportingOverflow(length.count)
    return !isEarly && index < clock.dueCount(at: then)
  }
}

extension SegmentTemplate {
  /// So many units of the timescale as milliseconds; zero beyond what is believed of a segment.
  fileprivate func length(of units: UInt64) -> Milliseconds {
    guard let length = scaled(units, by: 1000, over: timescale, roundedUp: false),
      length <= UInt64(StreamsLimits.durationMax.count)
    else { return .zero }
    return Milliseconds(Int64(length))
  }
}

extension Manifest {
  /// The segments of a live manifest whose paths can be told: those of the newest periods first.
  ///
  /// - Parameters:
  ///   - path: The path that the manifest is asked for by.
  ///   - now: Unix time.
  /// - Returns: At most `StreamsLimits.segmentSeriesMax`; none of a manifest that is not live.
  public func segmentSeries(path: [UInt8], now: Milliseconds) -> [SegmentSeries] {
    guard isDynamic, let times = periodTimes else { return [] }
    let age = age(at: now)
    let root = baseURL.base(behind: path)
    var all: [SegmentSeries] = []
    // Thousands of representations may share a timeline of thousands.
    var entries = StreamsLimits.timelineEntriesMax
    for index in periods.indices.reversed() {
      let period = periods[index]
      let base = period.baseURL.base(behind: root)
      let start = times[index].start
      for set in period.adaptationSets {
        let base = set.baseURL.base(behind: base)
        for representation in set.representations {
          guard let template = representation.template else { continue }
          entries -= template.timeline.count
          guard all.count < StreamsLimits.segmentSeriesMax, entries >= 0 else { return all }
          guard let base = representation.baseURL.base(behind: base),
            let path = SegmentPath(template, of: representation, base: base)
          else { continue }
          all.append(
            SegmentSeries(
              path: path, epoch: template.epoch, template: template,
              start: start &+ (availabilityStartTime?.count ?? 0),
              length: times[index].end.map { $0 - start }, elapsed: age - start))
        }
      }
    }
    return all
  }
}

extension SegmentTemplate {
  /// The epoch in the query of the names; zero for none.
  fileprivate var epoch: Int {
    guard let media, let question = media.firstIndex(of: UInt8(ascii: "?")) else { return 0 }
    return EpochMark.find(in: media.span.extracting((question + 1)..<media.count)) ?? 0
  }
}

extension [UInt8]? {
  /// The path that names under this BaseURL count from; `nil` where there is none.
  fileprivate func base(behind path: [UInt8]?) -> [UInt8]? {
    guard let path, let url = self else { return path }
    return NamedPart.resolve(url, against: path.span)
  }
}
