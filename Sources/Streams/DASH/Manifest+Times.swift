internal import Bytes

/// The times of periods and their segments.
extension Manifest {
  /// When a period starts and ends, in milliseconds from the start of the presentation.
  struct PeriodTimes: Equatable {
    var start: Int64
    /// `nil` for one that is not known to end.
    var end: Int64?
  }

  /// The times of all periods; `nil` where one cannot be known.
  ///
  /// - Source: ISO/IEC 23009-1 §5.3.2.1.
  var periodTimes: [PeriodTimes]? {
    var times: [PeriodTimes] = []
    times.reserveCapacity(periods.count)
    for period in periods {
      let previous = times.last
      guard let start = period.start?.count ?? (previous == nil && !isDynamic ? 0 : previous?.end),
        start <= StreamsLimits.manifestTimeMax.count
      else { return nil }
      // A duration beyond the next start is not meant: the next period is.
      if let previous { times[times.count - 1].end = min(previous.end ?? start, start) }
      times.append(PeriodTimes(start: start, end: period.duration.map { start + $0.count }))
    }
    if let duration, let last = times.last, last.end == nil {
      times[times.count - 1].end = max(last.start, duration.count)
    }
    return times
  }
}

extension Period {
  /// The representations that times are taken from: those of video and audio, else all.
  ///
  /// Subtitles and thumbnails come now and then, or long before they are shown.
  var timed: [SegmentTemplate] {
    let moving = adaptationSets.filter { $0.isVideo || $0.contentType.span.equals("audio") }
    return (moving.isEmpty ? adaptationSets : moving).flatMap(\.representations)
      .compactMap(\.template)
  }

  /// The representation whose segments a cut follows: video, whose frames need one another.
  var leading: SegmentTemplate? {
    let video = adaptationSets.lazy.filter(\.isVideo).flatMap(\.representations)
    return video.compactMap(\.template).first ?? timed.first
  }

  /// Up to when every rendition of the video has its segments, in milliseconds from the start of
  /// the period; `nil` without any.
  ///
  /// Packagers publish a manifest between two renditions of one moment (ffmpeg does). One that is
  /// more than a segment behind the others is not waited for.
  func sharedEnd(elapsed: Int64) -> Int64? {
    let video = adaptationSets.lazy.filter(\.isVideo).flatMap(\.representations)
      .compactMap(\.template).prefix(StreamsLimits.variantsMax)
    let ends = video.compactMap { $0.newestEnd(elapsed: elapsed) }
    guard let newest = ends.max(), let leading else {
      return leading?.newestEnd(elapsed: elapsed)
    }
    let last = leading.start(ofSegmentAt: newest - 1) ?? newest
    return ends.filter { $0 >= last - 1 }.min()
  }

  /// When the newest segment ends, in milliseconds from the start of the period.
  ///
  /// Of a timeline the last one that is listed; of numbered segments the last one that is due.
  ///
  /// - Parameters:
  ///   - elapsed: The time since the period started.
  ///   - isEarly: Whether segments are due as early as their availabilityTimeOffset says.
  ///   - length: How long the period is, where that is known.
  /// - Returns: `nil` where there is none.
  func newestEnd(elapsed: Int64, isEarly: Bool, length: Int64?) -> Int64? {
    var newest: Int64?
    // Thousands of representations may share a timeline of thousands: the first ones tell enough.
    var entries = StreamsLimits.timelineEntriesMax
    for template in timed {
      entries -= template.timeline.count
      guard entries >= 0 else { break }
      let early = isEarly ? template.availabilityTimeOffset.count : 0
      guard let end = template.newestEnd(elapsed: elapsed + early) else { continue }
      newest = max(newest ?? end, end)
    }
    guard let newest, let length else { return newest }
    return min(newest, length)
  }
}

extension AdaptationSet {
  /// The set shows moving pictures.
  var isVideo: Bool { contentType.span.equals("video") }
}

extension SegmentTemplate {
  /// When the newest segment ends, in milliseconds from the start of the period.
  ///
  /// - Parameter elapsed: The time since the period started.
  /// - Returns: `nil` where there is none.
  func newestEnd(elapsed: Int64) -> Int64? {
    guard let now = time(at: elapsed) else { return nil }
    let newest = numbered.map { run in
      Run(start: run.start, duration: run.duration, count: run.ended(by: now))
    }
    guard let run = newest ?? runs(until: now).last(where: { $0.count > 0 }), run.count > 0,
      let end = run.end
    else { return nil }
    return milliseconds(at: end, roundedUp: true)
  }

  /// When the segment starts that is shown at a time, both in milliseconds from the start of the
  /// period; `nil` where none is.
  func start(ofSegmentAt elapsed: Int64) -> Int64? {
    guard elapsed >= 0, let wanted = time(at: elapsed) else { return nil }
    for run in numbered.map({ [$0] }) ?? runs() where run.start <= wanted {
      let index = (wanted - run.start) / run.duration
      guard index < run.count else { continue }
      return run.time(of: index).flatMap { milliseconds(at: $0) }
    }
    return nil
  }
}
