public import Bytes

/// What viewers have seen of one live media playlist, and how the next one goes on from there.
///
/// What was sent is history: URI, duration and discontinuity count of a sequence number never
/// change, and neither media sequence nor live edge go back (hls.js fails the level otherwise,
/// hls.js#7119 and #7465; RFC 8216bis §6.2.1). As long as one origin's playlist simply goes on it
/// passes as it is; after a switch it is numbered on behind what was sent.
public struct RenditionHistory: Equatable, Sendable {
  /// A segment that was sent.
  struct Sent: Equatable, Sendable {
    var segment: PlaylistText.Segment
    /// How many discontinuities stand before it and in front of it: what players align by.
    var discontinuity: UInt64
  }

  /// The newest segment that was sent: what a record of the presentation keeps over a restart.
  public struct Edge: Equatable, Sendable {
    /// Its sequence number.
    public var number: UInt64
    /// Its discontinuity count.
    public var discontinuity: UInt64
    /// When it ends, in Unix time, if its origin states times.
    public var end: Milliseconds?

    /// An edge.
    public init(number: UInt64, discontinuity: UInt64, end: Milliseconds?) {
      self.number = number
      self.discontinuity = discontinuity
      self.end = end
    }
  }

  /// The segments listed last, oldest first; at most `StreamsLimits.historySegmentsMax`.
  private(set) var window: [Sent] = []
  /// The sequence number of the first of them.
  private(set) var first: UInt64 = 0
  /// EXT-X-MEDIA-SEQUENCE as sent last.
  public private(set) var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE as sent last.
  public private(set) var discontinuitySequence: UInt64 = 0
  /// EXT-X-PART lines behind the last segment.
  private(set) var tailPartCount = 0
  /// The epoch that the last playlist was of.
  public private(set) var epoch = 0
  /// How the origin of this epoch is numbered.
  public private(set) var numbering = EpochNumbering()

  /// Nothing was sent.
  public init() {}

  /// The newest segment that was sent; `nil` while there is none.
  public private(set) var edge: Edge?

  /// How an origin's playlist stands to what was sent.
  public enum Standing: Equatable, Sendable {
    /// It has a newer segment or part.
    case advanced
    /// It has the same edge.
    case unchanged
    /// It is an older state of the same list: a cache or replica that lags.
    case behind
    /// It contradicts what was sent: lower numbers, or other segments under the same ones.
    case regressed
  }

  /// How a playlist of the present epoch stands to what was sent.
  ///
  /// - Parameter text: The origin's playlist, in the origin's numbers.
  /// - Returns: The standing; `.advanced` where nothing was sent yet.
  public func standing(of text: PlaylistText) -> Standing {
    guard let edge else { return .advanced }
    guard let newest = text.lastSequence.flatMap(numbering.sent), agrees(with: text) else {
      return .regressed
    }
    if newest > edge.number { return .advanced }
    if newest < edge.number { return segmentSent(newest) == nil ? .regressed : .behind }
    if text.tailPartCount == tailPartCount { return .unchanged }
    return text.tailPartCount > tailPartCount ? .advanced : .behind
  }

  /// Takes a playlist of the present epoch that does not go back.
  ///
  /// - Parameter text: The origin's playlist, in its own numbers, its URIs as they are sent.
  /// - Returns: What is sent; `nil` where its numbers cannot be.
  public mutating func take(_ text: PlaylistText) -> PlaylistText? {
    guard let sent = rendering(text) else { return nil }
    note(sent)
    return sent
  }

  /// Goes over to another epoch.
  ///
  /// - Parameters:
  ///   - text: The new origin's playlist, in its own numbers, its URIs as they are sent.
  ///   - epoch: The new epoch.
  ///   - shared: How other renditions of the presentation number this origin, if they do already.
  ///   - counted: The discontinuities in front of the newest segment of any other rendition.
  ///   - isSeamless: Its segments follow on the old ones: no discontinuity is needed.
  ///   - silence: How long ago the newest sent segment was seen first.
  ///   - isHeld: Whether a sent segment can still be had; what cannot leaves by the front.
  /// - Returns: What is sent: what was sent, and behind it what is newer of the new origin; `nil`
  ///   where the numbers cannot be sent.
  public mutating func bridge(
    to text: PlaylistText, epoch: Int, shared: EpochNumbering?, counted: UInt64 = 0,
    isSeamless: Bool, silence: Milliseconds, isHeld: (PlaylistText.Segment) -> Bool
  ) -> PlaylistText? {
    guard let edge else {
      self.epoch = epoch
      numbering = shared?.fromTheStart ?? EpochNumbering()
      return take(text)
    }
    if let shared, let number = shared.sent(text.mediaSequence), number > edge.number &+ 1 {
      // Nobody asked for it for longer than a window: it is numbered as the others are, and what it
      // listed before leaves by the front.
      window = []
      self.epoch = epoch
      numbering = shared.fromTheStart
      return take(text)
    }
    let start = RenditionHistory.start(
      in: text, behind: edge, numbered: isSeamless ? numbering : shared, silence: silence)
    guard var made = EpochNumbering(of: text, from: start, behind: edge, isSeamless: isSeamless)
    else { return nil }
    if let shared, shared.offset == made.offset,
      shared.discontinuityOffset > made.discontinuityOffset
    {
      // Nobody asked for it during an epoch whose discontinuity others have seen: it counts as they
      // do, and what it listed before leaves, for its count cannot change.
      made.discontinuityOffset = shared.discontinuityOffset
      window = []
    } else if shared == nil, let missed = Int64(exactly: counted.subtracting(edge.discontinuity)),
      missed > 0
    {
      // The same, and it is the first that comes to this epoch: the others cannot count less.
      made.discontinuityOffset = made.discontinuityOffset &+ missed
      window = []
    }
    if let lost = window.lastIndex(where: { !isHeld($0.segment) }) {
      window.removeFirst(lost + 1)
      first = first &+ UInt64(lost + 1)
      mediaSequence = max(mediaSequence, first)
    }
    numbering = made
    self.epoch = epoch
    return take(text)
  }

  /// Goes on after a restart of the node, from what was written down.
  ///
  /// - Parameter record: The record.
  public init(_ record: StreamRecord) {
    numbering = record.numbering
    epoch = Int(record.presentation.epoch)
    mediaSequence = record.mediaSequence
    discontinuitySequence = record.discontinuitySequence
    edge = record.edge
  }

  /// The place in a playlist of the first segment whose moment viewers have not seen.
  ///
  /// By its number, where `numbered` says how the numbers correspond; else by the times that both
  /// state, within half a segment (two encoders of one programme differed by 80 to 460 ms); else
  /// as many segments from the end as were published while nothing new was seen.
  public static func start(
    in text: PlaylistText, behind edge: Edge, numbered: EpochNumbering?, silence: Milliseconds
  ) -> Int {
    let count = text.segments.count
    if let next = numbered?.origin(edge.number &+ 1), next >= text.mediaSequence,
      next - text.mediaSequence <= UInt64(count)
    {
      return Int(next - text.mediaSequence)
    }
    if let end = edge.end, text.segments.allSatisfy({ $0.programDateTime != nil }) {
      let place = text.segments.firstIndex { segment in
        let start = segment.programDateTime?.count ?? 0
        return start &+ segment.duration.count / 2 >= end.count
      }
      return place ?? count
    }
    let target = max(1, text.targetDuration.count)
    let missed = max(1, (max(0, silence.count) + target / 2) / target)
    return max(0, count - Int(min(missed, Int64(count))))
  }
}

// MARK: what was sent

extension RenditionHistory {
  /// Whether nothing of the playlist contradicts a segment that was sent under the same number.
  ///
  /// Queries are left out, for signed URLs change with every reload; hosts as well, for URLs become
  /// paths when an operator switches that on.
  private func agrees(with text: PlaylistText) -> Bool {
    for (index, segment) in text.segments.enumerated() {
      let number = text.sequence(at: index)
      guard number >= numbering.cut, let sent = numbering.sent(number).flatMap(segmentSent) else {
        continue
      }
      guard sent.segment.uri.pathOnly == segment.uri.pathOnly else { return false }
    }
    return true
  }

  private func segmentSent(_ number: UInt64) -> Sent? {
    guard number >= first, number - first < UInt64(window.count) else { return nil }
    return window[Int(number - first)]
  }

  private mutating func note(_ sent: PlaylistText) {
    mediaSequence = sent.mediaSequence
    discontinuitySequence = sent.discontinuitySequence
    tailPartCount = sent.tailPartCount
    var count = sent.discontinuitySequence
    var listed: [Sent] = []
    for segment in sent.segments {
      if segment.isDiscontinuity { count = count &+ 1 }
      listed.append(Sent(segment: segment, discontinuity: count))
    }
    let left = max(0, listed.count - StreamsLimits.historySegmentsMax)
    window = Array(listed.dropFirst(left))
    first = sent.mediaSequence &+ UInt64(left)
    guard let newest = window.last else { return }
    edge = Edge(
      number: first &+ UInt64(window.count - 1), discontinuity: newest.discontinuity,
      end: newest.segment.programDateTime.map {
        Milliseconds($0.count &+ newest.segment.duration.count)
      })
  }
}

// MARK: what is sent

extension RenditionHistory {
  /// The playlist in the numbers that are sent, behind what was sent of earlier epochs.
  private func rendering(_ text: PlaylistText) -> PlaylistText? {
    guard text.skippedCount == 0 else { return nil }
    var sent = text
    let dropped = leftOut(of: text)
    sent.segments.removeFirst(dropped)
    let origin = text.mediaSequence &+ UInt64(dropped)
    guard let number = numbering.sent(origin) else { return nil }
    if numbering.breaks, origin == numbering.cut, !sent.segments.isEmpty {
      sent.segments[0].isDiscontinuity = true
    }
    let listed = max(text.segments.count, window.count)
    let old = origin == numbering.cut ? olds(before: number) : []
    let kept = old.suffix(max(0, listed - sent.segments.count))
    sent.segments.insert(contentsOf: kept.map(\.segment), at: 0)
    guard !sent.segments.isEmpty || epoch == 0 else { return nil }
    sent.mediaSequence = number - UInt64(kept.count)
    guard let count = discontinuitySequence(of: sent, in: text, dropped: dropped) else {
      return nil
    }
    sent.discontinuitySequence = count
    if numbering.offset != 0 {
      sent.tail = RenditionReports.shifted(sent.tail.span, by: numbering.offset)
    }
    return sent
  }

  /// How many segments at the front of `text` are not sent: from before the cut, or gone already.
  private func leftOut(of text: PlaylistText) -> Int {
    var count: UInt64 = 0
    if numbering.cut > text.mediaSequence { count = numbering.cut - text.mediaSequence }
    if let number = numbering.sent(text.mediaSequence), number < mediaSequence {
      count = max(count, mediaSequence - number)
    }
    return Int(min(count, UInt64(text.segments.count)))
  }

  /// What is still listed of earlier epochs, in front of the segment numbered `number`.
  private func olds(before number: UInt64) -> ArraySlice<Sent> {
    guard number > first, number - first <= UInt64(window.count) else { return [] }
    return window[..<Int(number - first)]
  }

  /// EXT-X-DISCONTINUITY-SEQUENCE of what is sent: by what was sent of its first segment before,
  /// for not every packager counts the tags that leave its window.
  private func discontinuitySequence(
    of sent: PlaylistText, in text: PlaylistText, dropped: Int
  ) -> UInt64? {
    let flag: UInt64 = sent.segments.first?.isDiscontinuity ?? false ? 1 : 0
    if let known = segmentSent(sent.mediaSequence), known.discontinuity >= flag {
      return known.discontinuity - flag
    }
    var count = text.discontinuitySequence
    for segment in text.segments.prefix(dropped + 1) where segment.isDiscontinuity {
      count = count &+ 1
    }
    guard let shifted = numbering.count(count), shifted >= flag else { return nil }
    return max(shifted - flag, discontinuitySequence)
  }
}

extension [UInt8] {
  /// A URI up to its query or fragment.
  var withoutQuery: ArraySlice<UInt8> {
    prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
  }

  /// A URI from its path on, up to its query or fragment.
  fileprivate var pathOnly: ArraySlice<UInt8> {
    let uri = withoutQuery
    guard let scheme = uri.firstRange(of: Array("://".utf8)) else { return uri }
    return uri[scheme.upperBound...].drop { $0 != UInt8(ascii: "/") }
  }
}

extension UInt64 {
  /// The difference, and zero where it would be less.
  fileprivate func subtracting(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
