internal import Bytes
internal import Streams

/// One live media playlist of a presentation: what viewers have seen, and how its servers stand.
struct LiveRendition: Sendable {
  /// What one server's playlist was when it was last seen.
  struct Sight: Sendable {
    var last: UInt64
    var parts: Int
    /// When it was first seen like this.
    var at: Instant
    /// It has moved on since it was seen before.
    var hasMoved = false
    var hasEnded = false
    /// When it was looked at last.
    var seenAt: Instant
    /// When its newest segment ends, in Unix time, where it states times.
    var end: Milliseconds?
  }

  /// The path that viewers ask for it by.
  let path: [UInt8]
  var history = RenditionHistory()
  /// The playlist that was sent last.
  var sent: PlaylistText?
  /// The playlist that was stored last, and the state under whose key it is.
  var published: (text: PlaylistText, key: BlockingReload)?
  /// The present server's playlist as it last wrote it.
  var observed: PlaylistText?
  var observedAt = Instant(nanoseconds: 0)
  /// When the edge of what was sent last moved.
  var changedAt: Instant
  /// Polls of the present server since then that showed nothing new.
  var idlePolls = 0
  var sights: [Int: Sight] = [:]
  /// Since when the present server's playlist goes back, and its edge then.
  var regressed: (since: Instant, last: UInt64)?
  /// When it was last asked for.
  var usedAt: Instant

  init(path: [UInt8], at now: Instant) {
    self.path = path
    changedAt = now
    usedAt = now
  }

  /// Takes note of what a server said.
  mutating func note(_ sighting: PlaylistSighting) {
    let last = sighting.text.lastSequence ?? sighting.text.mediaSequence
    let parts = sighting.text.tailPartCount
    var sight = Sight(last: last, parts: parts, at: sighting.at, seenAt: sighting.at)
    sight.hasEnded = sighting.text.hasEndlist
    sight.end = sighting.text.segments.last.flatMap { segment in
      segment.programDateTime.map { Milliseconds($0.count &+ segment.duration.count) }
    }
    if let before = sights[sighting.server] {
      sight.hasMoved = last > before.last || last == before.last && parts > before.parts
      if !sight.hasMoved, last == before.last, parts == before.parts { sight.at = before.at }
    }
    sights[sighting.server] = sight
  }

  /// Milliseconds without a new segment or part after which the twins are asked.
  ///
  /// 1.25 target durations (low latency: 3 part targets late), so that the switch is made before
  /// viewers saw 1.5 without change: AVPlayer logs -12888 there, ExoPlayer gives up at 3.5. Where
  /// no times are stated a twin has to be seen twice, so that the first look is taken earlier.
  func patience(_ text: PlaylistText) -> Milliseconds {
    if let part = text.partTarget { return Milliseconds(part.count * 4) }
    let target = text.targetDuration.count
    return Milliseconds(history.edge?.end == nil ? target : target * 5 / 4)
  }

  /// Whether its progress tells anything: trick-play playlists and sparse subtitles may rest.
  func isSparse(_ text: PlaylistText) -> Bool {
    if text.isIFrameOnly { return true }
    guard let segment = text.segments.last else { return true }
    return ObjectKind.guess(contentType: nil, path: segment.uri.span) == .text
  }

  /// How a twin's playlist stands to what was sent.
  enum Lead: Equatable {
    /// It has what was not sent yet.
    case ahead
    /// It has nothing newer.
    case level
    /// One look is not enough to tell.
    case unknown
  }

  /// How the playlist of a twin stands to what was sent.
  func lead(of twin: PlaylistSighting, isSameTimeline: Bool) -> Lead {
    guard let edge = history.edge else { return .unknown }
    guard let last = twin.text.lastSequence else { return .level }
    if isSameTimeline {
      guard let number = history.numbering.sent(last) else { return .unknown }
      return number > edge.number ? .ahead : .level
    }
    if let end = edge.end, let newest = twin.text.segments.last,
      let start = newest.programDateTime
    {
      return start.count + newest.duration.count / 2 >= end.count ? .ahead : .level
    }
    guard let sight = sights[twin.server] else { return .unknown }
    if sight.hasMoved, sight.at >= changedAt { return .ahead }
    return .unknown
  }
}
