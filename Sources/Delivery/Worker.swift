internal import Bytes
internal import Cache
public import Loop
internal import Origin
internal import Policy
internal import Telemetry
internal import Wire

/// One worker: a thread's event loop with its viewers, its Fills and its origin connections.
///
/// Everything it owns is used on its thread alone. Other threads reach it by its mailbox.
public final class Worker: LoopDriver {
  /// Its number, the bit that it has in a Body's waiting mask.
  public let index: Int
  /// Its loop: the owner calls `run`.
  public let loop: EventLoop
  let node: EdgeNode
  let snapshot: Snapshot
  let table: CacheTable
  let telemetry: WorkerTelemetry
  let origins: OriginPool
  let chunks = ChunkPool()
  let fills: FillRunner

  // Scratch of the request at hand; nothing in it outlives a step.
  var head = RequestHead()
  var key: [UInt8] = []
  var variantScratch: [UInt8] = []
  /// The host that was asked last, its site, and how much of `key` belongs to both.
  let lastHost = KeptHead()
  var lastSite = -1
  var targetStart = 0
  var copyScratch: ByteQueue
  var front = FrontTable()

  // Viewers.
  var viewers: [ViewerConnection] = []
  var freeViewers: [UInt32] = []
  var viewerCount = 0
  var exchanges: [Exchange] = []
  private var nextExchange: UInt64 = 1

  // This turn.
  var dirty = Pile<ViewerReference>()
  var runQueue: [ViewerReference] = []
  var runCursor = 0
  private var messages: [WorkerMessage] = []
  var accepted: [Accepted] = []

  /// Exchanges that wait for an object's head or bytes.
  var followers: [ObjectIdentifier: [ViewerReference]] = [:]

  var listeners: [Listener] = []
  /// What of the loop's stalls is in the counters already.
  private var counted = LoopStalls()
  var dealt = 0
  var isDraining = false

  /// Makes worker `index` of `node` over `network`.
  public init(index: Int, node: EdgeNode, network: Network) {
    self.index = index
    self.node = node
    snapshot = node.snapshot
    table = node.table
    loop = EventLoop(index: index, network: network)
    telemetry = node.telemetry[index]
    origins = OriginPool(
      loop: loop, addresses: node.addresses, health: node.health, origins: node.origins,
      errors: node.errors, telemetry: telemetry)
    fills = FillRunner(seed: UInt64(index) &+ 1)
    copyScratch = ByteQueue()
    super.init()
    key.reserveCapacity(1024)
    variantScratch.reserveCapacity(1024)
    fills.owner = self
    loop.setDriver(self)
  }

  /// Runs until the node is drained; on the worker's thread.
  public func run() {
    loop.run()
    end()
  }

  /// Gives everything back, after the last turn: `run` does it by itself.
  public func end() {
    for viewer in viewers where viewer.isOpen { close(viewer, reset: true) }
    copyScratch.giveBack(to: chunks)
    fills.owner = nil
    loop.setDriver(LoopDriver())
  }

  /// Accepts on `socket` from now on; call before the loop runs.
  public func listen(on socket: ListeningSocket) {
    let token = Token(bits: WorkerTokens.listener << 56 | UInt64(listeners.count))
    listeners.append(Listener(socket, token: token, loop: loop))
  }

  /// The clocks of this turn.
  var moment: Moment { Moment(instant: loop.now, wall: loop.wall) }

  /// A number for a new exchange, unique in the node.
  func newExchangeID() -> UInt64 {
    nextExchange &+= 1
    return UInt64(index) << 56 | (nextExchange & 0xFF_FFFF_FFFF_FFFF)
  }

  public override func socketReady(_ event: ReadyEvent, loop: EventLoop) {
    if OriginPool.handles(event.token) { return origins.socketReady(event) }
    switch event.token.bits >> 56 {
    case WorkerTokens.viewer: viewerReady(event)
    case WorkerTokens.listener: accept(on: listeners[Int(event.token.bits & 0xFFFF)])
    default: preconditionFailure("a socket reports for a token that nobody has")
    }
  }

  public override func timerExpired(_ token: Token, loop: EventLoop) {
    if OriginPool.handles(token) { return origins.timerExpired(token) }
    switch token.bits >> 56 {
    case WorkerTokens.viewer: viewerTimerExpired(token)
    case WorkerTokens.listener: listeners[Int(token.bits & 0xFFFF)].resume(loop: loop)
    case WorkerTokens.fill: fills.timerExpired(token)
    case WorkerTokens.drain: endDrain()
    default: preconditionFailure("a timer expired for a token that nobody has")
    }
  }

  public override func drainMailbox(loop: EventLoop) {
    node.mailboxes[index].drain(into: &messages)
    telemetry.add(messages.count, to: .messages)
    for message in messages { receive(message) }
    messages.removeAll(keepingCapacity: true)
  }

  private func receive(_ message: WorkerMessage) {
    switch message {
    case .startFill(let order): fills.start(order)
    case .wake(let object):
      wakeFollowers(of: object)
      fills.grew(object)
    case .interim(let object, let bytes): passInterim(bytes, to: object)
    case .dropHold(let object): front.drop(object)
    case .roomMade(let object): fills.resume(object)
    case .abandoned(let object): fills.abandon(object)
    case .stateReached(let object): fills.overtake(object)
    case .verdict(let numbers): fills.askAnew(numbers)
    case .diskAnswered(let object, let answer): fills.diskAnswered(object, answer)
    case .diskBytes(let object, let bytes): fills.diskRead(object, bytes)
    case .fetchGranted(let grant): origins.granted(grant)
    case .adopt(let connection): addViewer(connection)
    case .drain: beginDrain()
    }
  }

  public override func endTurn(loop: EventLoop) -> Bool {
    let originsHaveWork = origins.endTurn()
    runQueuedViewers()
    flushDirtyViewers()
    telemetry.endTurn()
    if loop.stalls != counted { countStalls() }
    if isDrained { loop.stop() }
    return runCursor < runQueue.count || !dirty.isEmpty || originsHaveWork || origins.hasWork
  }

  /// Adds what the loop's watchdog has seen to the counters.
  private func countStalls() {
    let seen = loop.stalls
    telemetry.add(Int(seen.sockets - counted.sockets), to: .stallsInSockets)
    telemetry.add(Int(seen.messages - counted.messages), to: .stallsInMailbox)
    telemetry.add(Int(seen.timers - counted.timers), to: .stallsInTimers)
    telemetry.add(Int(seen.end - counted.end), to: .stallsInEndOfTurn)
    counted = seen
  }

  /// Resumes at most a turn's share of the exchanges that were woken.
  private func runQueuedViewers() {
    guard !runQueue.isEmpty else { return }
    var left = DeliveryLimits.resumesPerTurn
    while left > 0, runCursor < runQueue.count {
      let reference = runQueue[runCursor]
      runCursor += 1
      left -= 1
      guard let viewer = viewer(reference) else { continue }
      viewer.isQueued = false
      resume(viewer)
    }
    if runCursor == runQueue.count {
      runQueue.removeAll(keepingCapacity: true)
      runCursor = 0
    }
  }

  /// Writes what the turn has produced, a connection at a time.
  private func flushDirtyViewers() {
    var index = 0
    let count = dirty.count
    while index < count {
      let reference = dirty[index]
      index += 1
      guard let viewer = viewer(reference) else { continue }
      viewer.isDirty = false
      flush(viewer)
    }
    // What became dirty while flushing waits for the next turn; seldom anything did.
    dirty.removeFirst(count)
  }

  /// Flush this connection at the end of the turn.
  @inline(__always)
  func markDirty(_ viewer: ViewerConnection) {
    // A step may have closed it: its slot's next connection would never be flushed.
    guard !viewer.isDirty, viewer.isOpen else { return }
    viewer.isDirty = true
    dirty.append(viewer.reference)
  }

  /// Resume this connection's exchange from the run queue.
  func enqueue(_ viewer: ViewerConnection) {
    guard !viewer.isQueued, viewer.isOpen else { return }
    viewer.isQueued = true
    runQueue.append(viewer.reference)
  }

  /// The connection that `reference` names, if it is still the same one.
  @inline(__always)
  func viewer(_ reference: ViewerReference) -> ViewerConnection? {
    let viewer = viewers[Int(reference.slot)]
    return viewer.generation == reference.generation && viewer.isOpen ? viewer : nil
  }

  /// Tells another worker, or this one at once.
  func tell(_ worker: Int, _ message: WorkerMessage) {
    if worker == index { receive(message) } else { node.mailboxes[worker].post(message) }
  }
}
