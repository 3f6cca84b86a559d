internal import Wire

/// Whether the manifests of two servers are one timeline, so that viewers may change over unseen.
///
/// - Source: ISO/IEC 23009-1 §5.3.2.1, §5.3.9; rules of streams, section 2.
public enum ManifestAlignment: Equatable, Sendable {
  /// What makes two timelines of them.
  public enum Difference: Equatable, Sendable {
    /// Start of availability, or static and dynamic.
    case start
    /// Another start of the same period, or none can be known.
    case period
    /// A representation that only one of them has.
    case representation
    /// Timescale, offset, first number or duration; a timeline here and none there.
    case timing
    /// Segments that start, last or are numbered differently.
    case segments
    /// How segments are named.
    case names
    /// The default key.
    case key
  }

  /// The same moments under the same names.
  case sameTimeline
  /// Equal names are different moments.
  case independent(Difference)
  /// Nothing differs, but they have no segment in common yet.
  case undecided

  /// Compares the manifests of the same presentation from two servers.
  ///
  /// Periods are matched by their id, else by their start, and representations by their id.
  public static func between(_ left: Manifest, _ right: Manifest) -> ManifestAlignment {
    guard left.isDynamic == right.isDynamic,
      left.availabilityStartTime == right.availabilityStartTime
    else { return .independent(.start) }
    guard let leftTimes = left.periodTimes, let rightTimes = right.periodTimes else {
      return .independent(.period)
    }
    var others: [[UInt8]: Int] = [:]
    for (index, period) in right.periods.enumerated() {
      others[key(of: period, rightTimes[index].start)] = index
    }
    var isCommon = false
    // Thousands of representations may share a timeline of thousands: not all can be compared.
    var entries = StreamsLimits.timelineEntriesMax
    for (index, period) in left.periods.enumerated() {
      guard let other = others[key(of: period, leftTimes[index].start)] else { continue }
      guard leftTimes[index].start == rightTimes[other].start else {
        return .independent(.period)
      }
      switch between(period, right.periods[other], &entries) {
      case .independent(let difference): return .independent(difference)
      case .sameTimeline: isCommon = true
      case .undecided: continue
      }
    }
    return isCommon ? .sameTimeline : .undecided
  }

  private static func key(of period: Period, _ start: Int64) -> [UInt8] {
    period.id.map { [1] + $0 } ?? Array("\(start)".utf8)
  }

  private static func between(
    _ left: Period, _ right: Period, _ entries: inout Int
  ) -> ManifestAlignment {
    let leftOnes = left.adaptationSets.flatMap(\.representations)
    var rightOnes: [[UInt8]: Representation] = [:]
    for set in right.adaptationSets {
      for representation in set.representations { rightOnes[representation.id] = representation }
    }
    guard !leftOnes.isEmpty, leftOnes.count == rightOnes.count else {
      return leftOnes.count == rightOnes.count ? .undecided : .independent(.representation)
    }
    // Every one must have a segment in common: a rendition without may be at another moment.
    var result = ManifestAlignment.sameTimeline
    for one in leftOnes {
      guard let other = rightOnes[one.id] else { return .independent(.representation) }
      switch between(one, other, &entries) {
      case .independent(let difference): return .independent(difference)
      case .undecided: result = .undecided
      case .sameTimeline: continue
      }
    }
    return result
  }

  private static func between(
    _ one: Representation, _ other: Representation, _ entries: inout Int
  ) -> ManifestAlignment {
    guard one.defaultKeyID == other.defaultKeyID else { return .independent(.key) }
    guard let left = one.template, let right = other.template else {
      // Files without a template: nothing tells that they are the same.
      return one.template == nil && other.template == nil
        ? .undecided : .independent(.representation)
    }
    guard left.media == right.media, left.initialization == right.initialization,
      one.bandwidth == other.bandwidth || !left.namesBandwidth
    else { return .independent(.names) }
    guard left.timescale == right.timescale,
      left.presentationTimeOffset == right.presentationTimeOffset,
      left.duration == right.duration || !left.timeline.isEmpty,
      left.timeline.isEmpty == right.timeline.isEmpty
    else { return .independent(.timing) }
    if left.timeline.isEmpty {
      return left.startNumber == right.startNumber ? .sameTimeline : .independent(.timing)
    }
    entries -= left.timeline.count + right.timeline.count
    return entries >= 0 ? overlap(of: left, right) : .undecided
  }

  /// Compares two timelines where both have segments, run by run.
  private static func overlap(of left: SegmentTemplate, _ right: SegmentTemplate)
    -> ManifestAlignment
  {
    var one = RunCursor(of: left)
    var other = RunCursor(of: right)
    guard let leftStart = one.run?.start, let rightStart = other.run?.start else {
      return .undecided
    }
    one.skip(before: rightStart)
    other.skip(before: leftStart)
    var isCommon = false
    while let first = one.run, let second = other.run {
      guard first.start == second.start, first.duration == second.duration,
        one.number == other.number || !left.namesNumber
      else { return .independent(.segments) }
      isCommon = true
      let count = min(first.count, second.count)
      one.skip(count)
      other.skip(count)
    }
    return isCommon ? .sameTimeline : .undecided
  }
}

/// Walks a timeline, many segments at a time.
private struct RunCursor {
  private let runs: [SegmentTemplate.Run]
  private var index = 0
  /// The rest of the run that is looked at; `nil` behind the last one.
  private(set) var run: SegmentTemplate.Run?
  /// The number of its first segment; it wraps, which only nonsense brings about.
  private(set) var number: UInt64

  init(of template: SegmentTemplate) {
    runs = template.runs().filter { $0.count > 0 }
    number = template.startNumber
    run = runs.first
  }

  /// Moves to the first segment that does not start before a time.
  mutating func skip(before time: UInt64) {
    while let current = run {
      let count = current.started(before: time)
      guard count > 0 else { return }
      skip(count)
    }
  }

  /// Moves on by so many segments of the run.
  mutating func skip(_ count: UInt64) {
    guard let current = run else { return }
    number &+= count
    if count < current.count, let start = current.time(of: count) {
      run = SegmentTemplate.Run(
        start: start, duration: current.duration, count: current.count - count)
    } else {
      index += 1
      run = index < runs.count ? runs[index] : nil
    }
  }
}

extension SegmentTemplate {
  /// Whether the number of a segment is in its name.
  fileprivate var namesNumber: Bool { media?.firstRange(of: Array("$Number".utf8)) != nil }

  /// Whether the rate of the representation is in the names of its segments.
  fileprivate var namesBandwidth: Bool {
    [media, initialization].contains { $0?.firstRange(of: Array("$Bandwidth".utf8)) != nil }
  }
}
