internal import Bytes
public import Loop
public import Policy
public import Telemetry

/// Asks the servers of origins whether they are well, so that no viewer's request has to find out.
///
/// It has a loop, connections and a thread of its own: neither a busy worker nor a herd delays a
/// probe, and no probe takes a worker's time. A probe asks for the path and then, if both are
/// configured, for the playlist; it passes when both answers do. A server has at most one request
/// of the prober's at a time, and each goes over a connection of its own: one that was kept proves
/// that an old process still answers, not that the server takes connections (nginx and HAProxy
/// probe so too). A server that several origins name is probed as the first of them says.
public final class Prober: LoopDriver {
  /// Its loop: the owner calls `run`.
  public let loop: EventLoop
  private let snapshot: Snapshot
  private let board: HealthBoard
  private let errors: ErrorQueue
  private let listener: ProbeListener
  private let agent: String
  private let pool: OriginPool
  private var targets: [ProbeTarget] = []
  private var clients: [ProbeClient] = []
  private var random: RandomSource

  private static let tokenKind: UInt64 = 1

  /// Whether a configuration asks for probes at all.
  public static func isNeeded(by snapshot: Snapshot) -> Bool {
    snapshot.origins.contains { $0.health != nil }
  }

  /// Makes a prober; before the workers, for `board` must know from the first fetch who is probed.
  ///
  /// - Parameters:
  ///   - snapshot: The configuration.
  ///   - addresses: The addresses of the servers.
  ///   - board: What the node knows of them.
  ///   - errors: Where a line goes when a server goes down or comes up.
  ///   - network: The prober's own.
  ///   - version: The node's, for User-Agent.
  ///   - seed: Spreads the probes of several nodes.
  ///   - listener: Who looks at watched playlists.
  public init(
    snapshot: Snapshot, addresses: AddressBook, board: HealthBoard, errors: ErrorQueue,
    network: Network, version: String, seed: UInt64, listener: ProbeListener = ProbeListener()
  ) {
    self.snapshot = snapshot
    self.board = board
    self.errors = errors
    self.listener = listener
    agent = "spillway/\(version) (health)"
    random = RandomSource(seed: seed)
    loop = EventLoop(index: 0, network: network)
    // Boards, log and counters of its own: what comes of a probe is told to the node's below.
    pool = OriginPool(
      loop: loop, addresses: addresses, health: HealthBoard(), origins: OriginBoard(),
      errors: ErrorQueue(level: .error), telemetry: WorkerTelemetry(accessRecords: 0))
    pool.drain()
    super.init()
    loop.setDriver(self)
    addTargets()
  }

  /// Runs until the network's wakeup is woken, which any thread may do; on the prober's thread.
  public func run() {
    loop.run()
    end()
  }

  /// Gives up what is under way, after the last turn: `run` does it by itself.
  public func end() {
    for target in targets { if let fetch = target.fetch { pool.cancel(fetch) } }
    clients.removeAll()
    loop.setDriver(LoopDriver())
  }

  public override func socketReady(_ event: ReadyEvent, loop: EventLoop) {
    pool.socketReady(event)
  }

  /// Nobody has anything to say to a prober but that it is over.
  public override func drainMailbox(loop: EventLoop) { loop.stop() }

  public override func timerExpired(_ token: Token, loop: EventLoop) {
    if OriginPool.handles(token) { return pool.timerExpired(token) }
    let index = Int(token.bits & 0xFFFF_FFFF)
    guard let fetch = targets[index].fetch else { return begin(index) }
    pool.cancel(fetch)
    failed(index, .timedOut(after: targets[index].settings.timeout))
  }

  public override func endTurn(loop: EventLoop) -> Bool { pool.endTurn() }

  /// The whole answer to the present request of a target is there.
  func answered(_ index: Int) {
    let target = targets[index]
    guard let question = target.question else { return }
    let client = clients[index]
    let fault = ProbeVerdict.fault(
      in: question, status: client.status, body: client.body, after: loop.now - target.began,
      target.settings)
    if let fault { return failed(index, fault) }
    targets[index].fetch = nil
    switch question {
    case .path where target.settings.playlist != nil: return ask(index, .playlist)
    case .path: break
    case .playlist:
      if !client.isCut {
        listener.playlistSeen(
          origin: target.origin, server: target.server, path: Array(target.path(question).utf8),
          body: client.body, at: loop.now, wall: loop.wall)
      }
    }
    conclude(index, nil)
  }

  /// The present probe of a target has failed.
  func failed(_ index: Int, _ fault: ProbeFault) {
    targets[index].fetch = nil
    conclude(index, fault)
  }

  private func addTargets() {
    let probed = probedServers()
    for (index, one) in probed.enumerated() {
      let origin = snapshot.origins[one.origin]
      guard let settings = origin.health else { continue }
      board.probes(one.place, by: Health.ProbeRule(fall: settings.fall, rise: settings.rise))
      targets.append(
        ProbeTarget(
          origin: one.origin, server: one.server, place: one.place,
          label: Array("\(origin.name)/\(origin.servers[one.server].authority)".utf8),
          settings: settings,
          schedule: ProbeSchedule(
            interval: settings.interval, place: index, of: probed.count, from: loop.now)))
      clients.append(ProbeClient(prober: self, target: index))
      setTimer(index, targets[index].schedule.due)
    }
  }

  /// Each server of the origins with probes once, as the first of its origins names it.
  private func probedServers() -> [(origin: Int, server: Int, place: Int)] {
    var seen = Set<Int>()
    var probed: [(origin: Int, server: Int, place: Int)] = []
    for (number, origin) in snapshot.origins.enumerated() where origin.health != nil {
      for (server, member) in origin.servers.prefix(OriginLimits.serversMax).enumerated() {
        let place = board.place(host: member.host, port: member.port)
        guard seen.insert(place).inserted else { continue }
        probed.append((number, server, place))
      }
    }
    return Array(probed.prefix(OriginLimits.probedServersMax))
  }

  /// Begins a probe whose time has come.
  private func begin(_ index: Int) {
    targets[index].schedule.began(at: loop.now, &random)
    guard board.beginProbe(targets[index].place) else {
      return setTimer(index, targets[index].schedule.due)
    }
    ask(index, targets[index].firstQuestion)
  }

  private func ask(_ index: Int, _ question: ProbeVerdict.Question) {
    let target = targets[index]
    let origin = snapshot.origins[target.origin]
    var order = FetchOrder(
      snapshot: snapshot, originIndex: target.origin,
      request: .probe(target.path(question), of: origin, agent: agent))
    order.preferredServer = target.server
    order.mayGoElsewhere = false
    order.firstByteTimeout = target.settings.timeout
    order.stallTimeout = target.settings.timeout
    clients[index].begin(
      keeping: question == .path
        ? OriginLimits.probeSearchBytesMax : OriginLimits.probePlaylistBytesMax)
    targets[index].question = question
    targets[index].began = loop.now
    targets[index].fetch = pool.start(order, for: clients[index])
    setTimer(index, loop.now + target.settings.timeout)
  }

  /// Notes what came of a probe, and waits for the next one's time.
  private func conclude(_ index: Int, _ fault: ProbeFault?) {
    targets[index].question = nil
    let (before, after) = board.note(probe: fault, of: targets[index].place, at: loop.now)
    if let fault, after == .down, !targets[index].isSaidDown {
      targets[index].isSaidDown = true
      post(.serverDown, .warning, index, cause: fault.text)
    } else if before == .halfOpen || before == .down, after == .healthy {
      targets[index].isSaidDown = false
      post(.serverUp, .info, index, cause: "")
    }
    setTimer(index, max(targets[index].schedule.due, loop.now))
  }

  private func post(
    _ kind: AccessDetail, _ level: ErrorRecord.Level, _ index: Int, cause: String
  ) {
    let label = targets[index].label
    let cause = Array(cause.utf8)
    errors.post(kind, level: level, now: loop.now) { record in
      record.time = loop.wall
      record.side = .origin
      record.origin.set(label.span)
      record.object.set(cause.span)
    }
  }

  private func setTimer(_ index: Int, _ deadline: Instant) {
    if !loop.timers.move(targets[index].timer, to: deadline) {
      targets[index].timer = loop.timers.set(
        deadline, for: Token(bits: Prober.tokenKind << 56 | UInt64(index)))
    }
  }
}
