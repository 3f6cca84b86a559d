internal import Bytes
internal import Streams

/// One track of a DASH presentation: where in the manifest it is, and the segment that comes next.
///
/// Times are nanoseconds; those of the manifest count from `availabilityStartTime`, which is zero
/// on demand.
struct DASHTrack {
  /// A segment that can be asked for.
  struct Segment: Equatable {
    var number: UInt64
    /// In the template's timescale, from the beginning of the period.
    var time: UInt64
    var duration: UInt64
    /// When it can be asked for, in nanoseconds of Unix time.
    var available: Int64
    /// When the last of it is recorded.
    var recorded: Int64
  }

  /// `video` or `audio`.
  let contentType: [UInt8]
  var rendition: Int
  private(set) var period = 0
  /// The id of that period: those in front of it may leave the manifest.
  private var periodID: [UInt8]?
  /// No segment of the period has been asked for yet, but some of the one before.
  private var isEntering = false
  /// When the last of what was asked for is recorded.
  private(set) var reached: Int64?
  /// Segments of the period before the next one; `nil` before the first was chosen.
  private var index: UInt64?
  /// Where the next one begins, in the timescale: what a timeline is searched for.
  private var time: UInt64 = 0
  private var loadedInitialization: [UInt8]?

  init(contentType: [UInt8], rendition: Int) {
    self.contentType = contentType
    self.rendition = rendition
  }

  /// What the track is in the present period.
  func representation(in manifest: Manifest) -> Representation? {
    representation(in: period, of: manifest)
  }

  private func representation(in period: Int, of manifest: Manifest) -> Representation? {
    guard manifest.periods.indices.contains(period) else { return nil }
    let sets = manifest.periods[period].adaptationSets
    let set = sets.first { $0.contentType == contentType } ?? sets.first
    guard let choices = set?.representations, !choices.isEmpty else { return nil }
    return choices[min(rendition, choices.count - 1)]
  }

  /// From when to when a period lists segments of the track; `nil` where it lists none.
  func listed(in period: Int, of manifest: Manifest) -> (begin: Int64, end: Int64)? {
    guard let template = representation(in: period, of: manifest)?.template else { return nil }
    let scale = max(1, template.timescale)
    let length = self.length(of: period, in: manifest).map { DASHTrack.units($0, scale) }
    let timeline = Timeline(template, periodUnits: length)
    guard let first = timeline.first, let last = timeline.end else { return nil }
    let begin = start(of: period, in: manifest)
    return (
      begin &+ DASHTrack.nanoseconds(first, template),
      begin &+ DASHTrack.nanoseconds(last, template)
    )
  }

  /// From the start of the period to a media time; not before it.
  private static func nanoseconds(_ time: UInt64, _ template: SegmentTemplate) -> Int64 {
    let shift = template.presentationTimeOffset
    let units = Double(time > shift ? time - shift : 0)
    return Int64(min(4e18, units * 1e9 / Double(max(1, template.timescale))))
  }

  /// The references of this track's URLs, outermost first.
  func bases(in manifest: Manifest) -> [[UInt8]] {
    guard manifest.periods.indices.contains(period) else { return [] }
    let whole = manifest.periods[period]
    let set = whole.adaptationSets.first { $0.contentType == contentType }
    return [
      manifest.baseURL, whole.baseURL, set?.baseURL, representation(in: manifest)?.baseURL,
    ].compactMap { $0 }
  }

  mutating func initialized(_ target: [UInt8]) { loadedInitialization = target }
  func isInitialized(_ target: [UInt8]) -> Bool { loadedInitialization == target }

  /// The segment was asked for: behind it.
  mutating func advance(past segment: Segment) {
    index = segment.number
    time = segment.time &+ segment.duration
    reached = segment.recorded
    isEntering = false
  }

  /// Forgets where it was: the manifest went back.
  mutating func restart() { (index, reached) = (nil, nil) }

  /// The next segment, whether it can be asked for already or later.
  ///
  /// - Parameters:
  ///   - manifest: the newest.
  ///   - now: the time.
  ///   - missed: counts segments that were gone before.
  /// - Returns: `nil` where the manifest does not name it yet, or ends before it.
  mutating func next(in manifest: Manifest, at now: Int64, missed: inout Int) -> Segment? {
    find(in: manifest)
    while manifest.periods.indices.contains(period) {
      periodID = manifest.periods[period].id
      guard let template = representation(in: manifest)?.template else { return nil }
      let scale = max(1, template.timescale)
      let begin = start(of: period, in: manifest)
      let length = self.length(of: period, in: manifest)
      let segment =
        template.timeline.isEmpty
        ? numbered(template, scale, begin, length, manifest, at: now, &missed)
        : listed(template, scale, begin, length, manifest, at: now, &missed)
      if let segment { return segment }
      guard period + 1 < manifest.periods.count else { return nil }
      period += 1
      isEntering = manifest.isDynamic && index != nil
      (index, time) = (isEntering ? 0 : nil, 0)
      loadedInitialization = nil
    }
    return nil
  }

  /// Finds the period again that the track is in.
  private mutating func find(in manifest: Manifest) {
    guard let periodID else { return }
    period = manifest.periods.firstIndex { $0.id == periodID } ?? period
  }

  // MARK: numbers

  /// A template with a duration: segment k covers k to k + 1 times the duration
  /// (ISO/IEC 23009-1 section 5.3.9.5.3).
  private mutating func numbered(
    _ template: SegmentTemplate, _ scale: UInt64, _ begin: Int64, _ length: Int64?,
    _ manifest: Manifest, at now: Int64, _ missed: inout Int
  ) -> Segment? {
    guard let units = template.duration, units > 0, units < 1 << 40 else { return nil }
    let duration = Int64(Double(units) * 1e9 / Double(scale))
    guard duration >= 1_000_000 else { return nil }
    let origin = (manifest.isDynamic ? manifest.availability : 0) &+ begin
    let ahead = template.availabilityTimeOffset.nanoseconds
    if index == nil {
      let delay =
        manifest.suggestedPresentationDelay.map(\.nanoseconds) ?? 3 * duration
      let wanted = manifest.isDynamic ? max(0, now &- origin &- delay) / duration : 0
      index = UInt64(wanted)
      // Never ahead of what is there.
      let edge = max(0, (now &- origin &+ min(ahead, duration)) / duration &- 1)
      if manifest.isDynamic, wanted > edge { index = UInt64(edge) }
    }
    guard let count = index, count < 1 << 40 else { return nil }
    let from = Int64(count).multipliedReportingOverflow(by: duration)
    guard !from.overflow, length.map({ from.partialValue < $0 }) ?? true else { return nil }
    let end = origin &+ from.partialValue &+ duration
    let segment = Segment(
      number: count &+ 1, time: count &* units, duration: units,
      available: manifest.isDynamic ? end &- ahead : 0, recorded: end)
    noteGap(before: segment, scale, &missed)
    return segment
  }

  // MARK: timelines

  /// A template with a timeline: what it lists is there (ISO/IEC 23009-1 section 5.3.9.6).
  private mutating func listed(
    _ template: SegmentTemplate, _ scale: UInt64, _ begin: Int64, _ length: Int64?,
    _ manifest: Manifest, at now: Int64, _ missed: inout Int
  ) -> Segment? {
    let timeline = Timeline(template, periodUnits: length.map { DASHTrack.units($0, scale) })
    if index == nil {
      index = 0
      time = timeline.first ?? 0
      if manifest.isDynamic, let last = timeline.end {
        let delay =
          manifest.suggestedPresentationDelay.map(\.nanoseconds)
          ?? 3 * Int64(Double(template.timeline.last?.duration ?? scale) * 1e9 / Double(scale))
        let back = DASHTrack.units(delay, scale)
        time = max(time, last > back ? last - back : 0)
      }
    } else if let first = timeline.first, time < first, first - time > 1 {
      if !isEntering { missed += 1 }
      time = first
    }
    guard let entry = timeline.segment(from: time) else { return nil }
    let origin = (manifest.isDynamic ? manifest.availability : 0) &+ begin
    let end = DASHTrack.nanoseconds(entry.time &+ entry.duration, template)
    let segment = Segment(
      number: entry.index &+ template.startNumber, time: entry.time, duration: entry.duration,
      available: 0, recorded: origin &+ end)
    noteGap(before: segment, scale, &missed)
    return segment
  }

  /// A period that begins later than the one before ended leaves segments out.
  private mutating func noteGap(before segment: Segment, _ scale: UInt64, _ missed: inout Int) {
    guard isEntering, let reached else { return }
    isEntering = false
    let duration = Int64(min(4e18, Double(segment.duration) * 1e9 / Double(scale)))
    if segment.recorded &- duration &- reached > duration / 2 { missed += 1 }
  }

  private static func units(_ nanoseconds: Int64, _ scale: UInt64) -> UInt64 {
    UInt64(max(0, min(9e18, Double(nanoseconds) * Double(scale) / 1e9)))
  }

  // MARK: periods

  private func start(of period: Int, in manifest: Manifest) -> Int64 {
    if let start = manifest.periods[period].start { return start.nanoseconds }
    guard period > 0 else { return 0 }
    return start(ofFollowing: period, in: manifest)
  }

  /// A period without a start begins where the one before ends.
  private func start(ofFollowing period: Int, in manifest: Manifest) -> Int64 {
    var begin: Int64 = 0
    for earlier in manifest.periods[..<period] {
      if let start = earlier.start { begin = start.nanoseconds }
      begin = begin &+ (earlier.duration ?? .zero).nanoseconds
    }
    return begin
  }

  private func length(of period: Int, in manifest: Manifest) -> Int64? {
    if let duration = manifest.periods[period].duration { return duration.nanoseconds }
    let begin = start(of: period, in: manifest)
    if period + 1 < manifest.periods.count {
      return max(0, start(of: period + 1, in: manifest) &- begin)
    }
    return manifest.duration.map { max(0, $0.nanoseconds &- begin) }
  }
}

extension Manifest {
  /// `availabilityStartTime` in nanoseconds of Unix time.
  var availability: Int64 { availabilityStartTime.map(\.nanoseconds) ?? 0 }
}
