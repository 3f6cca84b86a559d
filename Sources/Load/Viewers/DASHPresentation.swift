internal import Bytes
internal import Streams

/// What a player makes of DASH: a manifest with templates by number or with timelines
/// (ISO/IEC 23009-1 section 5.3.9).
struct DASHPresentation {
  private var manifest: Manifest
  private let target: [UInt8]
  private let base: BaseTarget
  private let authority: String
  private var tracks: [DASHTrack]
  /// What was asked for last, of each track.
  private var asked: [DASHTrack.Segment?]
  private var history = UpdateHistory()
  private var reloadAt: Int64
  private var missed = 0
  let bandwidths: [UInt64]

  /// Reads what the URL led to; fails for what is no manifest, or has no track with a template.
  ///
  /// - Parameters:
  ///   - body: the manifest.
  ///   - target: what was asked for.
  ///   - authority: the Host field.
  ///   - now: the time.
  ///   - choose: picks the first rendition from the bit rates.
  init?(
    _ body: [UInt8], at target: [UInt8], authority: String, now: Int64, choose: ([UInt64]) -> Int
  ) {
    guard let manifest = Manifest.read(body.span), let first = manifest.periods.first,
      let base = BaseTarget(target, authority: authority)
    else { return nil }
    let playable = first.adaptationSets.filter { set in
      set.representations.contains { $0.template?.media != nil }
    }
    let video = playable.first { $0.contentType.elementsEqual("video".utf8) } ?? playable.first
    guard let video else { return nil }
    bandwidths = video.representations.map(\.bandwidth)
    tracks = [DASHTrack(contentType: video.contentType, rendition: choose(bandwidths))]
    if let audio = playable.first(where: { $0.contentType.elementsEqual("audio".utf8) }),
      audio.contentType != video.contentType
    {
      tracks.append(DASHTrack(contentType: audio.contentType, rendition: 0))
    }
    asked = Array(repeating: nil, count: tracks.count)
    self.manifest = manifest
    self.target = target
    self.base = base
    self.authority = authority
    reloadAt = .max
    reloadAt = reload(after: now)
  }

  var trackCount: Int { tracks.count }
  var isLive: Bool { manifest.isDynamic }

  var isLowLatency: Bool {
    tracks[0].representation(in: manifest)?.template?.isAvailabilityTimeComplete == false
  }

  private var segmentDuration: Int64? {
    guard let template = tracks[0].representation(in: manifest)?.template else { return nil }
    let units = template.timeline.map(\.duration).max() ?? template.duration
    return units.map { Int64(min(1e18, Double($0) * 1e9 / Double(max(1, template.timescale)))) }
  }

  private func reload(after now: Int64) -> Int64 {
    guard manifest.isDynamic, let period = manifest.minimumUpdatePeriod else { return .max }
    return now &+ max(LoadLimits.leastReload, period.nanoseconds)
  }

  mutating func take(_ body: [UInt8], asked: Int64, at now: Int64) -> UpdateNews? {
    guard let new = Manifest.read(body.span), !new.periods.isEmpty else { return nil }
    manifest = new
    reloadAt = reload(after: asked)
    return examine(at: now)
  }

  /// What the manifest shows of the stream's health; a template by number shows nothing.
  mutating func examine(at now: Int64) -> UpdateNews {
    var news = UpdateNews()
    let first = tracks[0].listed(in: 0, of: manifest)
    let last = tracks[0].listed(in: manifest.periods.count - 1, of: manifest)
    if manifest.isDynamic, let last, let duration = segmentDuration {
      news = history.compare(
        first: UInt64(max(0, first?.begin ?? 0)), last: UInt64(max(0, last.end)),
        recorded: manifest.availability &+ last.end, target: duration, at: now)
      if news.wentBack { for track in tracks.indices { tracks[track].restart() } }
    }
    news.missed = missed
    missed = 0
    return news
  }

  mutating func retryUpdate(at time: Int64) { reloadAt = time }

  mutating func step(_ track: Int, at now: Int64, isHungry: Bool) -> PlayerStep {
    if reloadAt <= now {
      return .ask(PlayerRequest(purpose: .update(track: track), target: target))
    }
    guard isHungry else { return .wait(until: reloadAt) }
    guard let segment = tracks[track].next(in: manifest, at: now, missed: &missed),
      let representation = tracks[track].representation(in: manifest),
      let template = representation.template
    else { return manifest.isDynamic ? .wait(until: reloadAt) : .over }
    guard segment.available <= now else { return .wait(until: min(reloadAt, segment.available)) }
    return request(track, segment, representation, template).map { .ask($0) } ?? .over
  }

  private mutating func request(
    _ track: Int, _ segment: DASHTrack.Segment, _ representation: Representation,
    _ template: SegmentTemplate
  ) -> PlayerRequest? {
    let isNumbered = template.timeline.isEmpty
    let number = isNumbered ? segment.number &- 1 &+ template.startNumber : segment.number
    func url(_ pattern: [UInt8]?) -> [UInt8]? {
      guard let pattern,
        let name = template.name(
          pattern, representation: representation, number: number, time: segment.time)
      else { return nil }
      return resolve(name, track)
    }
    if let target = url(template.initialization), !tracks[track].isInitialized(target) {
      return PlayerRequest(purpose: .initialization(track: track), target: target)
    }
    guard let target = url(template.media) else { return nil }
    asked[track] = segment
    let duration = Double(segment.duration) * 1e9 / Double(max(1, template.timescale))
    let ahead = template.availabilityTimeOffset.nanoseconds
    let length = max(1, Int64(min(1e18, duration)))
    // What the period before has shown is not shown again.
    let begin = segment.recorded &- length
    let shown = tracks[track].reached.map { min(length - 1, max(0, $0 &- begin)) } ?? 0
    let unit = MediaUnit(
      duration: length - shown,
      recorded: manifest.isDynamic ? segment.recorded : nil,
      chunk: template.isAvailabilityTimeComplete || ahead <= 0
        ? nil : max(1, length - ahead),
      bandwidth: representation.bandwidth)
    return PlayerRequest(purpose: .media(track: track, unit), target: target)
  }

  /// Through the BaseURLs of manifest, period, set and representation.
  private func resolve(_ name: [UInt8], _ track: Int) -> [UInt8]? {
    let bases = tracks[track].bases(in: manifest)
    guard !bases.isEmpty else { return base.resolve(name) }
    var inner = base
    for reference in bases {
      guard let target = inner.resolve(reference),
        let next = BaseTarget(target, authority: authority)
      else { return nil }
      inner = next
    }
    return inner.resolve(name)
  }

  mutating func done(_ request: PlayerRequest) {
    switch request.purpose {
    case .initialization(let track): tracks[track].initialized(request.target)
    case .media(let track, _):
      if let segment = asked[track] { tracks[track].advance(past: segment) }
    case .entry, .update: break
    }
  }

  mutating func choose(_ rendition: Int) { tracks[0].rendition = rendition }
}
