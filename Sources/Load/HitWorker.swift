internal import Bytes
internal import Loop
internal import Synchronization
internal import Wire

/// One thread of `spillway load hit`: its share of the connections on a network of its own.
///
/// A turn waits, reads the clock once for each ready connection, and sends the next request from
/// where the last answer ended, so a closed loop costs a read, a write and a share of a poll.
@safe final class HitWorker: @unchecked Sendable {
  // Exception: unchecked, because everything but the two counters belongs to its thread; `tally` is
  // read after that has ended.
  private let settings: HitSettings
  private let network: KernelNetwork
  private let address: SocketAddress
  private let connections: [LoadConnection]
  private var source: RequestSource
  private var schedule: Schedule?
  /// Idle connections of an open loop.
  private var idle: [Int] = []
  private var active = 0
  private var left: Int
  private let start: Int64
  private var end: Int64
  private var head = ResponseHead()
  private var request: [UInt8] = []
  private let buffer: UnsafeMutableRawBufferPointer
  private var events: [ReadyEvent] = []
  private var watchAt: Int64 = 0
  /// What came of it.
  private(set) var tally = HitTally()

  /// Answers and failures so far, for the live line.
  let answered = Atomic<Int>(0)
  let failed = Atomic<Int>(0)

  /// - Parameters:
  ///   - settings: the whole run's.
  ///   - index: which worker of `settings.threads` this is.
  ///   - start: when the run begins, in nanoseconds of the monotonic clock.
  /// - Throws: `LoadError.failed` when there is no descriptor left.
  init(_ settings: HitSettings, index: Int, start: Int64) throws(LoadError) {
    self.settings = settings
    self.start = start
    address = settings.order.urls[0].address
    end = start &+ settings.nanoseconds
    let share = { (whole: Int) in (whole + settings.threads - 1 - index) / settings.threads }
    connections = (0..<share(settings.connections)).map { LoadConnection(slot: $0) }
    left = settings.requests.map(share) ?? .max
    source = RequestSource(settings.order, seed: settings.seed &* 1000 &+ UInt64(index))
    if let rate = settings.rate {
      schedule = Schedule(
        start: start, rate: rate / Double(settings.threads), nanoseconds: settings.nanoseconds,
        most: settings.requests.map(share))
    }
    do throws(SystemError) {
      network = try KernelNetwork()
    } catch {
      throw .failed("\(error)")
    }
    unsafe buffer = .allocate(byteCount: LoadLimits.readBytes, alignment: 64)
  }

  deinit { unsafe buffer.deallocate() }

  /// Loads until time or requests are used up and what was asked is answered or late.
  func run() {
    for connection in connections { open(connection, at: start) }
    while true {
      network.wait(until: Instant(nanoseconds: deadline), into: &events)
      // Awake again: a network that was not told so never sleeps.
      _ = network.wakeup.takeNotice()
      for event in events { handle(event) }
      events.removeAll(keepingCapacity: true)
      let now = network.instant().nanoseconds
      if schedule != nil { sendWhatIsDue(at: now) }
      if now >= watchAt { watch(at: now) }
      answered.store(tally.answers, ordering: .relaxed)
      failed.store(tally.failures, ordering: .relaxed)
      if isOver(at: now) { break }
    }
    finish()
  }

  // MARK: when

  private var deadline: Int64 {
    guard !idle.isEmpty, let due = schedule?.due else { return watchAt }
    return min(due, watchAt)
  }

  private func isOver(at now: Int64) -> Bool {
    if now >= end &+ settings.timeout { return true }
    if let schedule { return schedule.due == nil && active == 0 }
    return (now >= end || left == 0) && active == 0
  }

  /// Requests that wait too long are given up, with their connections.
  private func watch(at now: Int64) {
    watchAt = now &+ LoadLimits.watchInterval
    for connection in connections {
      let isWaiting = connection.phase == .asking || connection.phase == .connecting
      guard isWaiting, now &- connection.since > settings.timeout else { continue }
      if connection.phase == .asking { tally.unanswered += 1 } else { tally.refused += 1 }
      close(connection)
      open(connection, at: now)
    }
    // What could not be connected is tried again, ten times a second.
    for connection in connections where connection.phase == .closed { open(connection, at: now) }
  }

  private func finish() {
    tally.unanswered += active
    if let schedule { tally.unsent += schedule.overdue(at: end) }
    for connection in connections where connection.phase != .closed { close(connection) }
  }

  // MARK: connections

  private func open(_ connection: LoadConnection, at now: Int64) {
    guard mayAsk(at: now) else { return }
    do throws(SystemError) {
      try connection.connect(to: address, over: network, at: now)
    } catch {
      tally.refused += 1
    }
  }

  private func close(_ connection: LoadConnection) {
    if connection.phase == .asking { active -= 1 }
    network.close(connection.socket)
    connection.phase = .closed
    idle.removeAll { $0 == connection.slot }
  }

  private func handle(_ event: ReadyEvent) {
    let connection = connections[Int(event.token.bits & 0xFFFF_FFFF)]
    guard connection.phase != .closed, connection.token == event.token else { return }
    if event.readiness.contains(.writable) { becomeWritable(connection) }
    if event.readiness.contains(.readable), connection.phase != .connecting { read(connection) }
  }

  private func becomeWritable(_ connection: LoadConnection) {
    if connection.phase == .connecting {
      guard connection.isConnected(over: network) else {
        tally.refused += 1
        return close(connection)
      }
      return becomeIdle(connection, at: network.instant().nanoseconds)
    }
    connection.sendRest(over: network)
  }

  // MARK: requests

  private func mayAsk(at now: Int64) -> Bool {
    if let schedule { return schedule.due != nil }
    return now < end && left > 0
  }

  private func becomeIdle(_ connection: LoadConnection, at now: Int64) {
    if schedule != nil {
      idle.append(connection.slot)
    } else if mayAsk(at: now) {
      left -= 1
      ask(connection, due: now, at: now)
    }
  }

  private func sendWhatIsDue(at now: Int64) {
    while let slot = idle.last, let due = schedule?.take(at: now) {
      idle.removeLast()
      ask(connections[slot], due: due, at: now)
    }
  }

  private func ask(_ connection: LoadConnection, due: Int64, at now: Int64) {
    connection.phase = .asking
    connection.asked = due
    connection.since = now
    connection.answer.begin()
    active += 1
    if request.isEmpty || !source.isConstant { source.next(into: &request) }
    connection.send(request, over: network)
  }

  // MARK: answers

  private func read(_ connection: LoadConnection) {
    let transfer = unsafe network.read(connection.socket, into: buffer)
    let now = network.instant().nanoseconds
    switch transfer {
    case .moved(let count): take(count, on: connection, at: now)
    case .wait: break
    case .end, .failed: lose(connection, at: now)
    }
  }

  private func take(_ count: Int, on connection: LoadConnection, at now: Int64) {
    guard connection.held.isEmpty else {
      unsafe connection.held.append(contentsOf: buffer[..<count])
      var whole: [UInt8] = []
      swap(&whole, &connection.held)
      return digest(whole.span, on: connection, at: now)
    }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
    unsafe digest(Span<UInt8>(_unsafeBytes: bytes), on: connection, at: now)
  }

  private func digest(_ bytes: Span<UInt8>, on connection: LoadConnection, at now: Int64) {
    var position = 0
    if connection.answer.isUnanswered { tally.firstByte.record(now &- connection.asked) }
    while true {
      switch connection.answer.next(bytes, at: &position, head: &head) {
      case .head: note(bytes.extracting(connection.answer.headStart..<position))
      case .body: continue
      case .more:
        if position < bytes.count {
          guard bytes.count - position <= LoadLimits.headBytes else {
            return spoil(connection, now)
          }
          connection.held = unsafe bytes.extracting(position..<bytes.count)
            .withUnsafeBufferPointer { unsafe Array($0) }
        }
        return
      case .end: return complete(connection, surplus: position < bytes.count, at: now)
      case .malformed: return spoil(connection, now)
      }
    }
  }

  private func note(_ bytes: Span<UInt8>) {
    tally.statuses[Int(head.status / 100)] += 1
    if CacheWord.saysHit(head, in: bytes) { tally.hits += 1 }
  }

  private func complete(_ connection: LoadConnection, surplus: Bool, at now: Int64) {
    if surplus { return spoil(connection, now) }
    active -= 1
    connection.phase = .idle
    connection.carried += 1
    count(connection, at: now)
    guard connection.answer.keepsAlive else {
      close(connection)
      return open(connection, at: now)
    }
    becomeIdle(connection, at: now)
  }

  private func count(_ connection: LoadConnection, at now: Int64) {
    tally.answers += 1
    tally.bodyBytes &+= connection.answer.bodyBytes
    tally.whole.record(now &- connection.asked)
  }

  private func spoil(_ connection: LoadConnection, _ now: Int64) {
    tally.malformed += 1
    close(connection)
    open(connection, at: now)
  }

  /// The peer has closed: the proper end, a race with an idle limit, or an answer cut off.
  private func lose(_ connection: LoadConnection, at now: Int64) {
    let wasAsking = connection.phase == .asking
    if wasAsking, connection.answer.mayEndHere {
      count(connection, at: now)
    } else if wasAsking, connection.answer.isUnanswered, connection.carried > 0, schedule == nil {
      tally.reconnects += 1
      left += left < .max ? 1 : 0
    } else if wasAsking {
      tally.broken += 1
    } else {
      tally.reconnects += 1
    }
    close(connection)
    open(connection, at: now)
  }
}
