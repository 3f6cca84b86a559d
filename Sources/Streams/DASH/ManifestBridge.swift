public import Bytes

/// The manifests that viewers of one presentation get when it changes to a server with another
/// timeline.
///
/// Players keep what they read first: dash.js plays an offset when the start of availability
/// changes (#5136), ExoPlayer fails when the start of a period does (#3457). So the first
/// availabilityStartTime is kept, the periods of the servers before stay in front with an end, and
/// those of the new server follow under ids and starts of their own, which never change either.
///
/// Keep one per presentation; it holds the text that was sent last and the finished periods.
public struct ManifestBridge: Sendable {
  /// A period of a server that was left.
  struct FinishedPeriod {
    var text: [UInt8]
    var times: Manifest.PeriodTimes
  }

  /// A period of the server that is followed, as it was first sent.
  struct SentPeriod {
    var id: [UInt8]
    /// Where the server's period starts, and how much of its front is cut off.
    var origin: Int64
    var cut: Int64
  }

  /// The text that was sent last.
  var sent: [UInt8]
  /// How many periods in front of it are finished ones.
  var finishedInSent = 0
  /// availabilityStartTime of the first manifest, as it was written, and as Unix time.
  let startText: [UInt8]
  let start: Milliseconds
  /// The latest publishTime that was sent.
  var publishTime: Milliseconds?
  /// Oldest first.
  var finished: [FinishedPeriod] = []
  /// No period of another server may start before; `nil` while the first server is followed.
  var finishedEnd: Int64?
  /// When the server was left whose manifest was sent last; `nil` while it is followed.
  var leftAt: Milliseconds?
  /// The epoch that the ids of the periods bear; `nil` until the first manifest behind a switch.
  var periodEpoch: UInt64?
  /// The periods of the manifest that was sent last.
  var periods: [SentPeriod] = []

  /// Starts with the first manifest that is sent, which passes as it is.
  ///
  /// `nil` for what is no live manifest, or has no availabilityStartTime.
  ///
  /// - Parameter body: The manifest as viewers get it: see `ManifestText.rewriting`.
  public init?(first body: Span<UInt8>) {
    guard let manifest = Manifest.read(body), manifest.isDynamic,
      let start = manifest.availabilityStartTime, let text = ManifestText.read(body),
      let place = text.attribute("availabilityStartTime", of: 0), manifest.periodTimes != nil
    else { return nil }
    self.start = start
    startText = text.bytes.span.extracting(place).copied()
    sent = text.bytes
    publishTime = manifest.publishTime
  }

  /// The manifest that was sent last.
  public var lastSent: [UInt8] { sent }

  /// Whether periods of another server than the first are sent.
  public var isBridged: Bool { finishedEnd != nil || leftAt != nil }

  /// The manifest to send for one of the server that is followed.
  ///
  /// Before the first switch that is the server's own. Behind one it is the server's with the
  /// finished periods in front. In both, what names media bears the mark of the epoch, unless that
  /// is zero. A manifest that changes has a later publishTime, and updates at least every 5 s.
  ///
  /// - Parameters:
  ///   - body: The server's manifest, its absolute URLs already rewritten.
  ///   - epoch: How many times the server was changed, for one with the same timeline too.
  ///   - now: Unix time.
  /// - Returns: `nil` where none can be made, or where what was made fails the check: not live, the
  ///   clock of its periods is another, segments named one by one, over `StreamsLimits`. Nothing
  ///   has changed then; pass the server's manifest as it is, and count it.
  public mutating func next(
    _ body: Span<UInt8>, epoch: UInt64, now: Milliseconds
  ) -> [UInt8]? {
    guard let manifest = Manifest.read(body),
      let marked = epoch == 0
        ? body.copied() : ManifestText.rewriting(body, servers: [], epoch: epoch)
    else { return nil }
    guard isBridged else { return follow(marked, manifest) }
    var draft = self
    let reached = leftAt.map { draft.leave(at: $0, for: manifest) } ?? 0
    draft.periodEpoch = draft.periodEpoch ?? epoch
    draft.forgetFinished(before: now, depth: manifest.timeShiftBufferDepth)
    guard let text = ManifestText.read(marked.span), let finishedEnd = draft.finishedEnd,
      draft.compose(text, manifest, behind: finishedEnd, now: now),
      isSound(draft, reached: reached, now: now)
    else { return nil }
    self = draft
    return sent
  }

  /// Sends a manifest of the first timeline: under the first start of availability, for another one
  /// is another timeline to players even where its clock is only a little off.
  private mutating func follow(_ marked: [UInt8], _ manifest: Manifest) -> [UInt8]? {
    var made = marked
    if manifest.availabilityStartTime != start {
      guard let shift = shift(of: manifest), abs(shift) <= StreamsLimits.bridgeDriftMax.count,
        let text = ManifestText.read(marked.span),
        let place = text.attribute("availabilityStartTime", of: 0)
      else { return nil }
      var edits = ManifestEdits()
      edits.replace(place, with: startText)
      guard let changed = edits.applied(to: text.bytes) else { return nil }
      made = changed
    }
    sent = made
    publishTime = later(publishTime, manifest.publishTime)
    return made
  }

  /// Drops finished periods from the front that no viewer may go back to, or that are too many.
  private mutating func forgetFinished(before now: Milliseconds, depth: Milliseconds?) {
    var size = finished.reduce(0) { $0 + $1.text.count }
    let oldest = depth.map { now.count.subtractingReportingOverflow($0.count).partialValue }
    while let first = finished.first {
      let end = start.count + (first.times.end ?? first.times.start)
      guard
        oldest.map({ end < $0 }) ?? false || size > StreamsLimits.bridgeBytesMax
          || finished.count > StreamsLimits.bridgePeriodsMax
      else { return }
      size -= first.text.count
      finished.removeFirst()
    }
  }

  /// Whether what was made keeps all that players rely on.
  ///
  /// - Parameters:
  ///   - draft: What was made.
  ///   - reached: How far servers that were left had got.
  ///   - now: Unix time.
  /// - Returns: `false` for what may not be sent.
  private func isSound(_ draft: ManifestBridge, reached: Int64, now: Milliseconds) -> Bool {
    guard let made = Manifest.read(draft.sent.span), made.isDynamic,
      made.availabilityStartTime == start, let times = made.periodTimes, !times.isEmpty,
      made.periods.count == draft.finished.count + draft.periods.count,
      let update = made.minimumUpdatePeriod, update <= StreamsLimits.bridgeUpdatePeriodMax,
      made.publishTime.map({ $0 >= publishTime ?? $0 }) ?? (publishTime == nil),
      ManifestProgress(of: made, now: now).edge.map({ $0.count >= reached }) ?? (reached == 0)
    else { return false }
    var ids: Set<[UInt8]> = []
    for (index, period) in made.periods.enumerated() {
      if let id = period.id, !ids.insert(id).inserted { return false }
      guard index > 0 else { continue }
      let previous = times[index - 1]
      guard previous.start <= times[index].start else { return false }
      if index <= draft.finished.count {
        let length = made.periods[index - 1].duration ?? .zero
        guard previous.start + length.count <= times[index].start else { return false }
      }
    }
    return true
  }

  func later(_ left: Milliseconds?, _ right: Milliseconds?) -> Milliseconds? {
    guard let left, let right else { return left ?? right }
    return max(left, right)
  }
}
