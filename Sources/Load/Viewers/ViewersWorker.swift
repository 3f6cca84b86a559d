internal import Bytes
internal import Loop
internal import Streams
internal import Synchronization
internal import Wire

/// One thread of `spillway load viewers`: its share of the players on a network of its own.
@safe final class ViewersWorker: @unchecked Sendable {
  // Exception: unchecked, because all but the counters belongs to its thread; `tally` is read
  // after that has ended.
  private let settings: ViewersSettings
  private let network: KernelNetwork
  private let authority: String
  private let entry: [UInt8]
  private var viewers: [Viewer] = []
  /// Players of this worker when all have come.
  private let share: Int
  private let index: Int
  private let start: Int64
  /// Nanoseconds of Unix time minus those of the monotonic clock.
  private let offset: Int64
  private let wheel: TimerWheel
  private var random: RandomSource
  private var head = ResponseHead()
  private let buffer: UnsafeMutableRawBufferPointer
  private var events: [ReadyEvent] = []
  /// Players that came so far, those who took another's place included.
  private var came = 0
  /// Players that left to be replaced.
  private var left = 0
  /// What came of it.
  private(set) var tally = ViewerTally()

  /// Players there, answers with media, and troubles so far, for the live line.
  let playing = Atomic<Int>(0)
  let segments = Atomic<Int>(0)
  let stalls = Atomic<Int>(0)
  let troubles = Atomic<Int>(0)

  /// - Parameters:
  ///   - settings: the whole run's.
  ///   - index: which worker of `settings.threads` this is.
  ///   - start: when the run begins, in nanoseconds of the monotonic clock.
  ///   - offset: nanoseconds of Unix time minus those of the monotonic clock.
  /// - Throws: `LoadError.failed` when there is no descriptor left.
  init(
    _ settings: ViewersSettings, index: Int, start: Int64, offset: Int64
  ) throws(LoadError) {
    self.settings = settings
    self.index = index
    self.start = start
    self.offset = offset
    authority = settings.host ?? settings.url.authority
    entry = Array(settings.url.target.utf8)
    share = (settings.players + settings.threads - 1 - index) / settings.threads
    random = RandomSource(seed: settings.seed &* 1000 &+ UInt64(index))
    wheel = TimerWheel(now: Instant(nanoseconds: start), reserve: share)
    do throws(SystemError) {
      network = try KernelNetwork()
    } catch {
      throw .failed("\(error)")
    }
    unsafe buffer = .allocate(byteCount: LoadLimits.readBytes, alignment: 64)
  }

  deinit { unsafe buffer.deallocate() }

  /// Lets the players watch until the time is over.
  func run() {
    let end = start &+ settings.nanoseconds
    while true {
      let now = network.instant().nanoseconds
      if now >= end { break }
      letIn(at: now)
      wheel.advance(to: Instant(nanoseconds: now))
      while let token = wheel.popExpired() { wake(viewers[Int(token.bits)], at: now) }
      let due = min(end, arrival ?? end, departure ?? end)
      let deadline = min(due, wheel.nextDeadline?.nanoseconds ?? due)
      network.wait(until: Instant(nanoseconds: deadline), into: &events)
      _ = network.wakeup.takeNotice()
      for event in events { handle(event) }
      events.removeAll(keepingCapacity: true)
      tell()
    }
    for viewer in viewers { leave(viewer, at: end) }
    for viewer in viewers where viewer.connection.phase != .closed {
      network.close(viewer.connection.socket)
    }
  }

  private func tell() {
    playing.store(viewers.count, ordering: .relaxed)
    segments.store(tally.segments, ordering: .relaxed)
    stalls.store(tally.stalls, ordering: .relaxed)
    troubles.store(tally.errors + tally.violations, ordering: .relaxed)
  }

  // MARK: coming and going

  /// When the next player comes.
  private var arrival: Int64? {
    guard viewers.count < share else { return nil }
    return start &+ settings.join / Int64(share) &* Int64(viewers.count)
  }

  /// When the next one leaves for another.
  private var departure: Int64? {
    guard settings.churn > 0, viewers.count == share else { return nil }
    let each = 1e11 / (settings.churn * Double(share))
    return start &+ settings.join &+ Int64(each * Double(left + 1))
  }

  private func letIn(at now: Int64) {
    while let arrival, arrival <= now {
      let viewer = Viewer(slot: viewers.count, player: player(at: now), cmcd: cmcd())
      viewers.append(viewer)
      wake(viewer, at: now)
    }
    while let departure, departure <= now {
      left += 1
      replace(viewers[Int(random.next() % UInt64(viewers.count))], at: now)
    }
  }

  private func player(at now: Int64) -> Player {
    let number = came * settings.threads + index
    came += 1
    tally.players += 1
    return Player(
      entry, authority: authority, policy: settings.policy, number: number, at: now &+ offset)
  }

  private func cmcd() -> CMCDWriter {
    let digits = [random.next(), random.next()].map { bits in
      let text = String(bits, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    let session = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map { from, to in
      String(digits.dropFirst(from).prefix(to - from))
    }.joined(separator: "-")
    return CMCDWriter(settings.cmcd, session: session, content: settings.url.target)
  }

  /// A viewer leaves, and another takes the place: with a connection of its own.
  private func replace(_ viewer: Viewer, at now: Int64) {
    leave(viewer, at: now)
    close(viewer)
    viewer.request = nil
    viewer.player = player(at: now)
    viewer.cmcd = cmcd()
    wake(viewer, at: now)
  }

  private func leave(_ viewer: Viewer, at now: Int64) {
    var playback = viewer.player.playback
    playback?.advance(to: now &+ offset)
    tally.leave(playback)
  }

  // MARK: what a viewer does next

  /// Its time has come, whatever for.
  private func wake(_ viewer: Viewer, at now: Int64) {
    guard viewer.request != nil else { return act(viewer, at: now) }
    guard now < viewer.asked &+ settings.timeout else { return finish(viewer, .timeout, at: now) }
    if viewer.isResting {
      viewer.isResting = false
      network.setInterest(viewer.connection.socket, .readable)
    }
    setTimer(viewer, viewer.asked &+ settings.timeout)
  }

  private func act(_ viewer: Viewer, at now: Int64) {
    switch viewer.player.next(at: now &+ offset) {
    case .ask(let request):
      viewer.begin(request, at: now)
      setTimer(viewer, now &+ settings.timeout)
      send(viewer, at: now)
    case .wait(let until):
      setTimer(viewer, until == .max ? now &+ 1_000_000_000 : until &- offset)
    case .over:
      replace(viewer, at: now)
    }
  }

  private func setTimer(_ viewer: Viewer, _ due: Int64) {
    let deadline = Instant(nanoseconds: due)
    guard !wheel.move(viewer.timer, to: deadline) else { return }
    viewer.timer = wheel.set(deadline, for: Token(bits: UInt64(viewer.connection.slot)))
  }

  private func send(_ viewer: Viewer, at now: Int64) {
    guard viewer.connection.phase == .idle else { return connect(viewer, at: now) }
    viewer.connection.phase = .asking
    viewer.connection.answer.begin()
    viewer.connection.send(viewer.head(authority: authority), over: network)
  }

  private func finish(_ viewer: Viewer, _ failure: PlayerAnswer.Failure?, at now: Int64) {
    guard let request = viewer.request else { return }
    viewer.request = nil
    let answer = viewer.answer(failure, offset: offset)
    if failure != nil || !viewer.connection.answer.keepsAlive {
      close(viewer)
    } else {
      viewer.connection.phase = .idle
    }
    viewer.player.take(answer, to: request, at: now &+ offset, into: &tally)
    act(viewer, at: now)
  }

  // MARK: connections

  private func connect(_ viewer: Viewer, at now: Int64) {
    do throws(SystemError) {
      try viewer.connection.connect(to: settings.url.address, over: network, at: now)
    } catch {
      finish(viewer, .refused, at: now)
    }
  }

  private func close(_ viewer: Viewer) {
    guard viewer.connection.phase != .closed else { return }
    network.close(viewer.connection.socket)
    viewer.connection.phase = .closed
  }

  private func handle(_ event: ReadyEvent) {
    let viewer = viewers[Int(event.token.bits & 0xFFFF_FFFF)]
    let connection = viewer.connection
    guard connection.phase != .closed, connection.token == event.token else { return }
    if event.readiness.contains(.writable) { becomeWritable(viewer) }
    if event.readiness.contains(.readable), connection.phase != .connecting,
      connection.phase != .closed
    {
      read(viewer)
    }
  }

  private func becomeWritable(_ viewer: Viewer) {
    let connection = viewer.connection
    guard connection.phase == .connecting else { return connection.sendRest(over: network) }
    let now = network.instant().nanoseconds
    guard connection.isConnected(over: network) else {
      return finish(viewer, .refused, at: now)
    }
    send(viewer, at: now)
  }

  // MARK: answers

  private func read(_ viewer: Viewer) {
    let now = network.instant().nanoseconds
    var room = unsafe buffer.count
    if settings.isPaced, let allowance = viewer.allowance(at: now) {
      guard allowance > 0 else { return rest(viewer, at: now) }
      room = min(room, allowance)
    }
    let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<room])
    switch unsafe network.read(viewer.connection.socket, into: piece) {
    case .moved(let count):
      guard viewer.connection.phase == .asking else {
        // Bytes that nobody asked for.
        tally.malformed += 1
        return close(viewer)
      }
      if viewer.firstByte == 0 { viewer.firstByte = now }
      take(count, on: viewer, at: now)
    case .wait: break
    case .end, .failed: lose(viewer, at: now)
    }
  }

  /// Leaves what has come to the kernel, and so to the server, until it would be played.
  private func rest(_ viewer: Viewer, at now: Int64) {
    viewer.isResting = true
    network.setInterest(viewer.connection.socket, [])
    setTimer(viewer, now &+ LoadLimits.paceInterval)
  }

  private func take(_ count: Int, on viewer: Viewer, at now: Int64) {
    guard viewer.connection.held.isEmpty else {
      unsafe viewer.connection.held.append(contentsOf: buffer[..<count])
      var whole: [UInt8] = []
      swap(&whole, &viewer.connection.held)
      return digest(whole.span, on: viewer, at: now)
    }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
    unsafe digest(Span<UInt8>(_unsafeBytes: bytes), on: viewer, at: now)
  }

  private func digest(_ bytes: Span<UInt8>, on viewer: Viewer, at now: Int64) {
    let connection = viewer.connection
    var position = 0
    while true {
      switch connection.answer.next(bytes, at: &position, head: &head) {
      case .head:
        viewer.status = head.status
        if CacheWord.saysHit(head, in: bytes.extracting(connection.answer.headStart..<position)) {
          tally.hits += 1
        }
      case .body(let range):
        guard viewer.take(bytes.extracting(range)) else {
          return finish(viewer, .malformed, at: now)
        }
      case .more:
        hold(bytes, from: position, of: viewer, at: now)
        return
      case .end:
        return finish(viewer, position < bytes.count ? .malformed : nil, at: now)
      case .malformed: return finish(viewer, .malformed, at: now)
      }
    }
  }

  private func hold(_ bytes: Span<UInt8>, from position: Int, of viewer: Viewer, at now: Int64) {
    if position < bytes.count {
      guard bytes.count - position <= LoadLimits.headBytes else {
        return finish(viewer, .malformed, at: now)
      }
      viewer.connection.held = unsafe bytes.extracting(position..<bytes.count)
        .withUnsafeBufferPointer { unsafe Array($0) }
    } else if let request = viewer.request, viewer.check.fragmentCount > 0 {
      viewer.player.arrived(
        fragments: Int(viewer.check.fragmentCount), of: request, at: now &+ offset, into: &tally)
    }
  }

  /// The peer has closed: the proper end, a race with an idle limit, or an answer cut off.
  private func lose(_ viewer: Viewer, at now: Int64) {
    let connection = viewer.connection
    guard connection.phase == .asking, viewer.request != nil else { return close(viewer) }
    if connection.answer.mayEndHere {
      close(viewer)
      return finish(viewer, nil, at: now)
    }
    if connection.answer.isUnanswered, !viewer.isRepeated {
      // Closed while the request was under way: a player asks again (RFC 9110 section 9.2.2).
      viewer.isRepeated = true
      close(viewer)
      return connect(viewer, at: now)
    }
    finish(viewer, .brokenOff, at: now)
  }
}
