public import Bytes

/// Remembers in which directories the container check proved wrong, and leaves it off there.
///
/// Good framing with an open container is aborted and dropped. Three of them in a row in one
/// directory say that it is the check that errs: it is switched off there for ten minutes.
/// Bounded (`StreamsLimits.trustSets`); holds no clock; owned by one thread or by a lock.
public struct ContainerTrust: Sendable {
  /// What to do with a body of good framing.
  public enum Outcome: UInt8, Sendable {
    /// Seal it: the container is closed, cannot be checked, or is not to be checked here.
    case seal
    /// Abort its followers and keep nothing.
    case drop
    /// As `drop`, and the check is off here from now on: count it and log the directory.
    case dropAndSwitchOff
  }

  private struct Entry: Sendable {
    var directory = Hash128(low: 0, high: 0)
    var touched = Instant(nanoseconds: .min)
    var offUntil = Instant(nanoseconds: .min)
    /// Open containers in a row; 0 in a free entry, and while the check is off.
    var openCount: UInt8 = 0

    func isOff(at now: Instant) -> Bool { now < offUntil }
    func isFree(at now: Instant) -> Bool { openCount == 0 && !isOff(at: now) }
  }

  private var entries: [Entry]

  /// Starts with the check on everywhere.
  public init() {
    entries = Array(
      repeating: Entry(), count: StreamsLimits.trustSets * StreamsLimits.trustWays)
  }

  /// The name of a path's directory: everything up to its last slash, of one site.
  ///
  /// - Parameters:
  ///   - path: the path of the target; a query is ignored.
  ///   - site: keeps equal directories of different sites apart.
  /// - Returns: what `isChecked` and `judge` take.
  public static func directory(ofPath path: Span<UInt8>, site: UInt64 = 0) -> Hash128 {
    var slash = 0
    var index = 0
    while index < path.count, path[index] != UInt8(ascii: "?") {
      if path[index] == UInt8(ascii: "/") { slash = index }
      index += 1
    }
    return Hash128(of: path.extracting(0..<slash), seed: site)
  }

  /// Whether the check is on in `directory`: if not, a body needs not be fed to it.
  public func isChecked(directory: Hash128, now: Instant) -> Bool {
    guard let index = find(directory) else { return true }
    return !entries[index].isOff(at: now)
  }

  /// Decides about a body whose framing was good.
  ///
  /// A closed container ends the row; one that cannot be checked says nothing.
  public mutating func judge(
    _ verdict: ContainerCheck.Verdict, directory: Hash128, now: Instant
  ) -> Outcome {
    let index = find(directory)
    if let index, entries[index].isOff(at: now) { return .seal }
    switch verdict {
    case .unknown:
      return .seal
    case .closed:
      if let index { entries[index] = Entry() }
      return .seal
    case .open:
      return noteOpen(at: index ?? claim(directory, now: now), now: now)
    }
  }

  private mutating func noteOpen(at index: Int, now: Instant) -> Outcome {
    entries[index].touched = now
    entries[index].openCount += 1
    guard entries[index].openCount >= StreamsLimits.openContainersMax else { return .drop }
    entries[index].openCount = 0
    entries[index].offUntil = now + StreamsLimits.containerCheckOff
    return .dropAndSwitchOff
  }

  private func set(of directory: Hash128) -> Range<Int> {
    let first = Int(directory.high % UInt64(StreamsLimits.trustSets)) * StreamsLimits.trustWays
    return first..<(first + StreamsLimits.trustWays)
  }

  private func find(_ directory: Hash128) -> Int? {
    set(of: directory).first {
      entries[$0].directory == directory && entries[$0].touched.nanoseconds != .min
    }
  }

  /// Takes an entry of the directory's set: a free one, else the one used least recently.
  private mutating func claim(_ directory: Hash128, now: Instant) -> Int {
    let ways = set(of: directory)
    var chosen = ways.lowerBound
    for index in ways where precedes(index, chosen, now: now) { chosen = index }
    entries[chosen] = Entry(directory: directory, touched: now)
    return chosen
  }

  /// Whether the entry at `left` is to be forgotten before the one at `right`.
  private func precedes(_ left: Int, _ right: Int, now: Instant) -> Bool {
    let (one, other) = (entries[left], entries[right])
    if one.isFree(at: now) != other.isFree(at: now) { return one.isFree(at: now) }
    if one.isOff(at: now) != other.isOff(at: now) { return other.isOff(at: now) }
    return one.touched < other.touched
  }
}
