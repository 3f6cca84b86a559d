public import Bytes

/// How far a live manifest has got, to be compared with the next one of the same server.
///
/// A manifest with numbered segments may rightly stay unchanged for minutes: its edge advances by
/// the clock, and only its newest segment tells whether the server does.
public struct ManifestProgress: Equatable, Sendable {
  /// What one manifest is to the one before.
  public enum Change: Equatable, Sendable {
    /// The edge or the publishTime is later.
    case advanced
    /// Nothing is later, and nothing earlier.
    case unchanged
    /// Something went back: publishTime, edge, start of availability or a first number.
    case regressed
    /// No more is to come: static after dynamic, or a duration in the place of updates.
    case ended
  }

  /// MPD@type is "dynamic".
  public let isDynamic: Bool
  /// MPD@availabilityStartTime, Unix time.
  public let availabilityStartTime: Milliseconds?
  /// MPD@publishTime, Unix time.
  public let publishTime: Milliseconds?
  /// When the newest segment ends, from the start of the presentation.
  ///
  /// The newest that is listed in a timeline, or due by the clock where segments are numbered;
  /// `nil` where there is none.
  public let edge: Milliseconds?
  /// The edge is the clock's: numbered segments, of which the manifest lists none.
  public let isByClock: Bool
  /// A duration is stated and updates are not: the presentation has an end.
  private let hasEnd: Bool
  /// The last period, and the number that it starts with.
  private let lastPeriod: [UInt8]?
  private let startNumber: UInt64?

  /// Looks at a manifest.
  ///
  /// - Parameters:
  ///   - manifest: What was read.
  ///   - now: Unix time.
  public init(of manifest: Manifest, now: Milliseconds) {
    isDynamic = manifest.isDynamic
    availabilityStartTime = manifest.availabilityStartTime
    publishTime = manifest.publishTime
    hasEnd = manifest.duration != nil && manifest.minimumUpdatePeriod == nil
    lastPeriod = manifest.periods.last?.id
    let leading = manifest.periods.last?.leading
    startNumber = leading?.startNumber
    isByClock = leading?.numbered != nil
    // Times of a recording are all past.
    let age = manifest.isDynamic ? manifest.age(at: now) : StreamsLimits.manifestTimeMax.count
    edge = manifest.edge(age: age).map { Milliseconds($0) }
  }

  /// What this manifest is to an earlier one of the same server.
  public func change(since earlier: ManifestProgress) -> Change {
    if earlier.isDynamic, !isDynamic || hasEnd && !earlier.hasEnd { return .ended }
    if isEarlier(publishTime, earlier.publishTime) || isEarlier(edge, earlier.edge)
      || isEarlier(availabilityStartTime, earlier.availabilityStartTime)
      || lastPeriod == earlier.lastPeriod && isEarlier(startNumber, earlier.startNumber)
    {
      return .regressed
    }
    let isLater = isEarlier(earlier.publishTime, publishTime) || isEarlier(earlier.edge, edge)
    return isLater || earlier.edge == nil && edge != nil ? .advanced : .unchanged
  }

  /// Whether both are known and the first is less.
  private func isEarlier<Value: Comparable>(_ left: Value?, _ right: Value?) -> Bool {
    guard let left, let right else { return false }
    return left < right
  }
}

extension Manifest {
  /// The time since the start of availability, within what sums bear.
  func age(at now: Milliseconds) -> Int64 {
    let longest = StreamsLimits.manifestTimeMax.count
    let (age, isLong) = now.count.subtractingReportingOverflow(availabilityStartTime?.count ?? 0)
    return isLong ? longest : max(-longest, min(longest, age))
  }

  /// When the newest segment ends, in milliseconds from the start of the presentation.
  fileprivate func edge(age: Int64) -> Int64? {
    guard let times = periodTimes else { return nil }
    for index in periods.indices.reversed() {
      let (start, end) = (times[index].start, times[index].end)
      let newest = periods[index].newestEnd(
        elapsed: age - start, isEarly: true, length: end.map { $0 - start })
      if let newest { return start + newest }
    }
    return nil
  }
}
