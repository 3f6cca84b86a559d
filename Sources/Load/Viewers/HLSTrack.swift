internal import Bytes
internal import Streams

/// One track of an HLS presentation: its playlists, and the segment that comes next.
struct HLSTrack {
  /// Where the playlists of its renditions are.
  private let targets: [[UInt8]]
  private let bandwidths: [UInt64]
  private let authority: String
  /// Which of them is played.
  private(set) var rendition: Int
  private(set) var playlist: MediaPlaylist?
  private var base: BaseTarget?
  private var histories: [UpdateHistory]
  /// The number of the segment that comes next; `nil` before the first playlist.
  private(set) var next: UInt64?
  /// Parts of it that have come.
  private(set) var nextPart = 0
  private var loadedMap: [UInt8]?
  /// When the playlist is to be loaded again.
  private var reloadAt: Int64 = .min
  /// The last load failed: the next waits even where the server would hold it.
  private var reloadFailed = false

  init(targets: [[UInt8]], bandwidths: [UInt64], rendition: Int, authority: String) {
    self.targets = targets
    self.bandwidths = bandwidths
    self.rendition = rendition
    self.authority = authority
    histories = Array(repeating: UpdateHistory(), count: targets.count)
  }

  var isLive: Bool { playlist.map { !$0.hasEndlist && !$0.isVOD } ?? true }
  var isLowLatency: Bool { playlist.map { $0.partTarget != nil && $0.canBlockReload } ?? false }

  mutating func choose(_ rendition: Int) -> Bool {
    guard rendition != self.rendition else { return true }
    guard nextPart == 0 else { return false }
    self.rendition = rendition
    playlist = nil
    loadedMap = nil
    reloadAt = .min
    return true
  }

  // MARK: playlists

  mutating func take(_ body: [UInt8], asked: Int64, at now: Int64) -> UpdateNews? {
    guard let new = MediaPlaylist.read(body.span),
      let base = BaseTarget(targets[rendition], authority: authority)
    else { return nil }
    self.base = base
    reloadFailed = false
    var news = UpdateNews()
    let last = new.lastSequence ?? new.mediaSequence
    let target = new.targetDuration.nanoseconds
    let isEnded = new.hasEndlist || new.isVOD
    if !isEnded {
      news = histories[rendition].compare(
        first: new.mediaSequence, last: last &* 1024 &+ UInt64(min(1023, new.parts.count)),
        recorded: HLSTrack.recorded(new), target: target, at: now)
    }
    let isUnchanged = playlist == new
    playlist = new
    place(last: last, &news)
    // RFC 8216 section 6.3.4: a target duration after a change, half of it where nothing changed.
    reloadAt = isEnded ? .max : asked + (isUnchanged ? target / 2 : target)
    return news
  }

  /// Begins behind the live edge, and goes on where that is still possible.
  private mutating func place(last: UInt64, _ news: inout UpdateNews) {
    guard let playlist else { return }
    guard let wanted = next, wanted <= last &+ 2 else {
      // The first playlist, or one that went back so far that what is wanted may never come.
      (next, nextPart) = HLSTrack.start(of: playlist)
      return
    }
    let first = playlist.sequence(at: 0)
    if !playlist.segments.isEmpty, wanted < first {
      news.missed = Int(clamping: first - wanted)
      (next, nextPart) = (first, 0)
    } else if nextPart > 0, wanted <= last, wanted >= first,
      nextPart >= playlist.segments[Int(wanted - first)].parts.count
    {
      // All of its parts were taken before it was listed as a whole.
      (next, nextPart) = (wanted + 1, 0)
    }
  }

  /// Three target durations, or the hold-back that the playlist asks for, before the end
  /// (RFC 8216bis section 6.3.3); on demand at the beginning.
  static func start(of playlist: MediaPlaylist) -> (sequence: UInt64, part: Int) {
    let isLive = !playlist.hasEndlist && !playlist.isVOD
    guard isLive, !playlist.segments.isEmpty else { return (playlist.mediaSequence, 0) }
    if let partTarget = playlist.partTarget, playlist.canBlockReload {
      let hold = playlist.partHoldBack?.count ?? 3 * partTarget.count
      return lowLatencyStart(of: playlist, hold: hold)
    }
    let hold = playlist.holdBack?.count ?? 3 * playlist.targetDuration.count
    var length: Int64 = 0
    var index = playlist.segments.count
    while index > 0, length < hold {
      index -= 1
      length += playlist.segments[index].duration.count
    }
    return (playlist.sequence(at: index), 0)
  }

  private static func lowLatencyStart(
    of playlist: MediaPlaylist, hold: Int64
  ) -> (sequence: UInt64, part: Int) {
    var length: Int64 = 0
    let end = playlist.sequence(at: playlist.segments.count)
    for (index, part) in playlist.parts.enumerated().reversed() {
      length += part.duration.count
      if length >= hold, part.isIndependent { return (end, index) }
    }
    for index in playlist.segments.indices.reversed() {
      for (number, part) in playlist.segments[index].parts.enumerated().reversed() {
        length += part.duration.count
        if length >= hold, part.isIndependent { return (playlist.sequence(at: index), number) }
      }
      if playlist.segments[index].parts.isEmpty { return (playlist.sequence(at: index), 0) }
    }
    return (playlist.sequence(at: 0), 0)
  }

  /// When the newest media of a playlist was recorded, in nanoseconds of Unix time.
  private static func recorded(_ playlist: MediaPlaylist) -> Int64? {
    guard let last = playlist.segments.last, let start = last.programDateTime else { return nil }
    let parts = playlist.parts.reduce(0) { $0 + $1.duration.count }
    return Milliseconds(start.count &+ last.duration.count &+ parts).nanoseconds
  }

  /// The playlist did not come: it is asked for again at this time.
  mutating func retry(at time: Int64) {
    reloadAt = time
    reloadFailed = true
  }

  // MARK: what comes next

  mutating func step(_ track: Int, at now: Int64, isHungry: Bool) -> PlayerStep {
    let mustLoad = playlist == nil ? reloadAt <= now : !isLowLatency && isLive && reloadAt <= now
    if mustLoad { return update(track, target: targets[rendition]) }
    skipGaps()
    guard let playlist, let next else { return .wait(until: reloadAt) }
    if isHungry, let request = media(of: playlist, next, track) { return .ask(request) }
    if !isLive, next > playlist.lastSequence ?? 0 || playlist.segments.isEmpty { return .over }
    guard isLowLatency, isHungry else { return .wait(until: isLive ? reloadAt : .max) }
    // All that is there was taken: the answer comes when there is more. After a failure, later.
    if reloadAt > now, reloadFailed { return .wait(until: reloadAt) }
    var target = targets[rendition]
    target += Array(target.contains(UInt8(ascii: "?")) ? "&".utf8 : "?".utf8)
    target += Array("_HLS_msn=\(next)&_HLS_part=\(nextPart)".utf8)
    return update(track, target: target)
  }

  private func update(_ track: Int, target: [UInt8]) -> PlayerStep {
    .ask(PlayerRequest(purpose: .update(track: track), target: target))
  }

  private func media(of playlist: MediaPlaylist, _ next: UInt64, _ track: Int) -> PlayerRequest? {
    let first = playlist.sequence(at: 0)
    guard next >= first, let base else { return nil }
    let index = Int(clamping: next - first)
    if index < playlist.segments.count {
      let segment = playlist.segments[index]
      if let request = initialization(segment.map, track, base) { return request }
      if nextPart > 0, nextPart < segment.parts.count {
        return part(segment.parts[nextPart], track, recorded: nil, base)
      }
      guard let target = base.resolve(segment.uri) else { return nil }
      let end = segment.programDateTime.map { $0.count &+ segment.duration.count }
      return PlayerRequest(
        purpose: .media(
          track: track,
          MediaUnit(
            duration: segment.duration.nanoseconds,
            recorded: end.map { Milliseconds($0).nanoseconds },
            bandwidth: bandwidths[rendition])),
        target: target, range: segment.byteRange)
    }
    guard index == playlist.segments.count, nextPart < playlist.parts.count else { return nil }
    if let request = initialization(playlist.segments.last?.map, track, base) { return request }
    let rest = playlist.parts[(nextPart + 1)...].reduce(0) { $0 + $1.duration.count }
    let recorded = HLSTrack.recorded(playlist).map { $0 - rest * 1_000_000 }
    return part(playlist.parts[nextPart], track, recorded: recorded, base)
  }

  /// Asks for the initialization segment in force, unless it is there; one that leads to another
  /// server is done without.
  private func initialization(
    _ map: MediaMap?, _ track: Int, _ base: BaseTarget
  ) -> PlayerRequest? {
    guard let map, let target = base.resolve(map.uri), target != loadedMap else { return nil }
    return PlayerRequest(
      purpose: .initialization(track: track), target: target, range: map.byteRange)
  }

  private func part(
    _ part: MediaPart, _ track: Int, recorded: Int64?, _ base: BaseTarget
  ) -> PlayerRequest? {
    guard let target = base.resolve(part.uri) else { return nil }
    let unit = MediaUnit(
      duration: part.duration.nanoseconds, recorded: recorded,
      bandwidth: bandwidths[rendition])
    return PlayerRequest(
      purpose: .media(track: track, unit), target: target, range: part.byteRange)
  }

  /// What is marked as missing is not asked for (RFC 8216bis section 4.4.4.7).
  private mutating func skipGaps() {
    guard let playlist else { return }
    let first = playlist.sequence(at: 0)
    while let next, next >= first {
      let index = Int(clamping: next - first)
      let isGap: Bool
      if index < playlist.segments.count {
        let segment = playlist.segments[index]
        isGap =
          nextPart > 0 && nextPart < segment.parts.count
          ? segment.parts[nextPart].isGap : segment.isGap
      } else {
        isGap = nextPart < playlist.parts.count && playlist.parts[nextPart].isGap
      }
      guard isGap else { return }
      advance()
    }
  }

  mutating func initialized(_ target: [UInt8]) { loadedMap = target }

  /// The unit that was asked for has come or is given up.
  mutating func advance() {
    guard let playlist, let next else { return }
    let index = Int(clamping: next &- playlist.sequence(at: 0))
    if index < playlist.segments.count {
      let parts = playlist.segments[index].parts.count
      // Its first part is taken with the whole segment, its others one by one.
      if nextPart > 0, nextPart + 1 < parts {
        nextPart += 1
        return
      }
      self.next = next + 1
      nextPart = 0
    } else {
      nextPart += 1
    }
  }

}

extension Milliseconds {
  /// The same in nanoseconds; what is too long for that is very long.
  var nanoseconds: Int64 {
    let (product, overflowed) = count.multipliedReportingOverflow(by: 1_000_000)
    return overflowed ? .max / 4 : product
  }
}
