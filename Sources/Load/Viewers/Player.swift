internal import Bytes
internal import Streams

/// One viewer's player: what it asks for next, and what it makes of the answers.
///
/// It asks for one thing at a time, over one connection. All times are nanoseconds of Unix time,
/// and nothing here waits: the same player runs on a socket and in a test's clock.
struct Player {
  private let entry: [UInt8]
  private let authority: String
  private let policy: RenditionPolicy
  private let number: Int
  private let begun: Int64
  private var presentation: Presentation?
  private var choice: RenditionChoice?
  private(set) var playback: Playback?
  private var pausedUntil: Int64 = .min
  /// Failures in a row of what is asked for now.
  private var failures = 0
  private var isComplete = false
  /// Bits a second of the video that came last.
  private var lastBandwidth: UInt64?
  /// How far the picture was behind its recording when media came last.
  private var latency: Int64?
  /// Chunks of the segment under way that were put into the buffer.
  private var chunks: Int64 = 0

  /// - Parameters:
  ///   - entry: path and query of the multivariant playlist or manifest.
  ///   - authority: the Host field.
  ///   - policy: how it picks renditions.
  ///   - number: which player it is.
  ///   - now: when play is pressed.
  init(
    _ entry: [UInt8], authority: String, policy: RenditionPolicy, number: Int, at now: Int64
  ) {
    self.entry = entry
    self.authority = authority
    self.policy = policy
    self.number = number
    begun = now
  }

  // MARK: what to do

  /// What to do now.
  mutating func next(at now: Int64) -> PlayerStep {
    playback?.advance(to: now)
    if pausedUntil > now { return .wait(until: pausedUntil) }
    guard presentation != nil, let playback else {
      return .ask(PlayerRequest(purpose: .entry, target: entry))
    }
    if isComplete { return playback.state == .ended ? .over : .wait(until: now + remaining) }
    var until = Int64.max
    var isOver = true
    for track in order(playback) {
      let isHungry = playback.buffered(of: track) < LoadLimits.buffer
      if track == 0, isHungry { pickRendition() }
      guard let step = presentation?.step(track, at: now, isHungry: isHungry) else { continue }
      switch step {
      case .ask:
        chunks = 0
        return step
      case .wait(let time):
        isOver = false
        until = min(until, time)
        // Room in the buffer is a reason to wake up as well.
        if !isHungry {
          until = min(until, now + playback.buffered(of: track) - LoadLimits.buffer + 1_000_000)
        }
      case .over: break
      }
    }
    guard isOver else { return .wait(until: max(until, now + 1_000_000)) }
    isComplete = true
    self.playback?.complete(at: now)
    return .wait(until: now + remaining)
  }

  private var remaining: Int64 { max(1_000_000, playback?.buffered ?? 0) }

  /// The track that has come the least far is served first.
  private func order(_ playback: Playback) -> [Int] {
    guard presentation?.trackCount == 2 else { return [0] }
    return playback.end(of: 1) < playback.end(of: 0) ? [1, 0] : [0, 1]
  }

  private mutating func pickRendition() {
    guard var choice else { return }
    let rendition = choice.next()
    if presentation?.choose(rendition) ?? false { self.choice = choice }
  }

  // MARK: what came

  /// Takes what came of a request.
  mutating func take(
    _ answer: PlayerAnswer, to request: PlayerRequest, at now: Int64, into tally: inout ViewerTally
  ) {
    tally.bodyBytes &+= answer.bytes
    note(answer, to: request, into: &tally)
    guard answer.isGood else { return fail(request, at: now) }
    switch request.purpose {
    case .entry: open(answer.body, at: now, &tally)
    case .update(let track): update(answer, request, track, at: now, &tally)
    case .initialization:
      failures = 0
      presentation?.done(request)
    case .media(let track, let unit):
      failures = 0
      receive(answer, unit, on: track, at: now, &tally)
      presentation?.done(request)
    }
  }

  /// Whole fragments of the segment under way have come: they can be played already.
  mutating func arrived(
    fragments: Int, of request: PlayerRequest, at now: Int64, into tally: inout ViewerTally
  ) {
    guard case .media(let track, let unit) = request.purpose, let chunk = unit.chunk else { return }
    while chunks < Int64(fragments), (chunks + 1) * chunk < unit.duration {
      chunks += 1
      append(chunk, to: track, at: now, &tally)
    }
  }

  private func note(
    _ answer: PlayerAnswer, to request: PlayerRequest, into tally: inout ViewerTally
  ) {
    switch answer.failure {
    case .refused: tally.refused += 1
    case .malformed: tally.malformed += 1
    case .timeout: tally.unanswered += 1
    case .brokenOff: tally.short += 1
    case nil:
      if !answer.isGood { tally.badStatuses += 1 }
    }
  }

  private mutating func open(_ body: [UInt8], at now: Int64, _ tally: inout ViewerTally) {
    let pick = { [policy, number] (bandwidths: [UInt64]) in
      RenditionChoice(policy, bandwidths: bandwidths, player: number).rendition
    }
    let found = Presentation(body, at: entry, authority: authority, now: now, choose: pick)
    tally.updates += 1
    guard let found else {
      tally.unreadable += 1
      return pause(at: now)
    }
    failures = 0
    presentation = found
    choice = RenditionChoice(policy, bandwidths: found.bandwidths, player: number)
    playback = Playback(tracks: found.trackCount, begun: begun)
    if case .dash(var dash) = found {
      note(dash.examine(at: now), &tally)
      presentation = .dash(dash)
    }
  }

  private mutating func update(
    _ answer: PlayerAnswer, _ request: PlayerRequest, _ track: Int, at now: Int64,
    _ tally: inout ViewerTally
  ) {
    tally.updates += 1
    guard let news = presentation?.take(answer.body, of: track, asked: answer.asked, at: now)
    else {
      tally.unreadable += 1
      return fail(request, at: now)
    }
    failures = 0
    note(news, &tally)
  }

  private func note(_ news: UpdateNews, _ tally: inout ViewerTally) {
    if news.wentBack { tally.wentBack += 1 }
    if news.isStale { tally.stale += 1 }
    if let age = news.age { tally.age.record(age) }
    tally.missed += news.missed
  }

  private mutating func receive(
    _ answer: PlayerAnswer, _ unit: MediaUnit, on track: Int, at now: Int64,
    _ tally: inout ViewerTally
  ) {
    tally.segments += 1
    if answer.container == .open { tally.short += 1 }
    let wait = answer.firstByte - answer.asked
    tally.firstByte.record(wait)
    if let recorded = unit.recorded, unit.chunk == nil,
      (0..<LoadLimits.freshAge).contains(answer.asked - recorded)
    {
      tally.freshFirstByte.record(wait)
    }
    if unit.chunk == nil {
      choice?.measure(bytes: answer.bytes, nanoseconds: now - answer.asked)
    }
    append(unit.duration - (unit.chunk ?? 0) * chunks, to: track, at: now, &tally)
    if track == 0, let last = lastBandwidth, last != unit.bandwidth { tally.switches += 1 }
    if track == 0 { lastBandwidth = unit.bandwidth }
    if track == 0, let recorded = unit.recorded, let playback {
      let behind = max(0, now - (recorded - playback.buffered(of: 0)))
      tally.latency.record(behind)
      latency = behind
    }
  }

  private mutating func append(
    _ length: Int64, to track: Int, at now: Int64, _ tally: inout ViewerTally
  ) {
    let hadStarted = playback?.startup != nil
    playback?.append(length, to: track, at: now)
    guard !hadStarted, let startup = playback?.startup else { return }
    tally.started += 1
    tally.startup.record(startup)
  }

  // MARK: failures

  /// Tries again a little later; media that fails three times is left out.
  private mutating func fail(_ request: PlayerRequest, at now: Int64) {
    failures += 1
    pause(at: now)
    switch request.purpose {
    case .entry: break
    case .update(let track): presentation?.retryUpdate(of: track, at: pausedUntil)
    case .initialization, .media:
      guard failures >= 3 else { return }
      failures = 0
      presentation?.done(request)
    }
  }

  private mutating func pause(at now: Int64) {
    pausedUntil = now + LoadLimits.retryPause * Int64(min(8, max(1, failures)))
  }

  // MARK: what it says of itself

  /// What a request tells the server about the player (CTA-5004).
  func report(on request: PlayerRequest) -> PlayerReport {
    var report = PlayerReport()
    report.format = presentation?.format ?? "h"
    report.isLive = presentation?.isLive ?? true
    report.isLowLatency = presentation?.isLowLatency ?? false
    report.isStarting = playback?.startup == nil
    report.startup = playback?.startup
    report.isStalled = playback?.state == .stalled
    report.buffered = playback.map { max(0, $0.buffered) } ?? 0
    report.throughput = choice?.throughput
    report.topBandwidth = presentation?.bandwidths.max() ?? 0
    switch request.purpose {
    case .entry, .update: report.object = .manifest
    case .initialization: report.object = .initialization
    case .media(let track, let unit):
      report.object = track == 0 ? .video : .audio
      report.duration = unit.duration
      report.bandwidth = unit.bandwidth
    }
    report.latency = latency
    return report
  }
}
