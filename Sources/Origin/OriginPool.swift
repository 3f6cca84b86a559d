internal import Bytes
public import Loop
public import Telemetry
internal import Policy
internal import Wire

/// Fetching from origins, for one worker: keep-alive connections, time-outs, retries.
///
/// Owned by a worker and used on its thread alone. The worker hands it the sockets' events and the
/// timers whose token is of kind 2 or 6 (`handles`), and calls `endTurn` once a turn; the clients
/// are called from there only. TLS and health checks are not its matter.
public final class OriginPool {
  let loop: EventLoop
  let telemetry: WorkerTelemetry
  let board: OriginBoard
  let errors: ErrorQueue
  var servers: ServerTable
  var connections: [OriginConnection] = []
  var freeConnections: [UInt32] = []
  var openConnections = 0
  var fetches: [Fetch] = []
  var freeFetches: [UInt32] = []
  var queue: [FetchID] = []
  var turnQueue: [FetchID] = []
  var isDraining = false
  var inputs = BufferPool(bufferBytes: OriginLimits.headBytesMax)
  var uploads = BufferPool(bufferBytes: OriginLimits.uploadBytes)
  var head = ResponseHead()
  /// Where bodies are read that cannot be read in place; holds nothing between calls.
  let scratch = FetchBuffer(capacity: OriginLimits.scratchBytes)
  /// Where a kept connection is probed.
  let probe = FetchBuffer(capacity: 1)

  /// A pool without connections.
  ///
  /// The loop's network carries the bytes; `addresses` knows the servers' addresses, `health` what
  /// all workers found of them, `origins` how much all of them ask; `errors` hears of servers that
  /// go down and come up.
  public init(
    loop: EventLoop, addresses: AddressBook, health: HealthBoard, origins: OriginBoard,
    errors: ErrorQueue, telemetry: WorkerTelemetry
  ) {
    self.loop = loop
    board = origins
    self.errors = errors
    servers = ServerTable(book: addresses, board: health, origins: origins, seed: loop.index)
    self.telemetry = telemetry
  }

  deinit {
    for connection in connections where connection.phase != .closed {
      loop.network.close(connection.socket)
      connection.end()
    }
  }

  /// Fetches that run, those included whose failure has not been told yet.
  public var fetchCount: Int { fetches.count - freeFetches.count }

  /// Whether `endTurn` has work: then the loop must not wait.
  public var hasWork: Bool { !queue.isEmpty }

  /// Whether a token is the pool's own.
  @inline(__always)
  public static func handles(_ token: Token) -> Bool {
    let kind = token.bits >> 56
    return kind == OriginConnection.tokenKind || kind == Fetch.tokenKind
  }

  /// Starts a fetch; `client` is told what comes of it, from the next event on.
  ///
  /// The pool holds `client` until the fetch ends.
  public func start(_ order: FetchOrder, for client: FetchClient) -> FetchID {
    let fetch = takeFetch()
    fetch.begin(order, for: client, place: servers.place(of: order))
    enter(fetch)
    return fetch.id
  }

  /// Ends a fetch at once, without a word to its client; its connection is closed.
  public func cancel(_ id: FetchID) {
    guard let fetch = find(id) else { return }
    fetch.isCancelled = true
    guard !fetch.isPumping else { return }
    abandon(fetch)
  }

  /// Takes one retry of the budget of an order's origin; false, and counted, where none is left.
  ///
  /// The pool does so itself before it asks another server; its owner does before it orders the
  /// rest of a body that broke off.
  public func takeRetry(of order: FetchOrder) -> Bool {
    let isLeft = board.takeRetry(at: servers.place(of: order), now: loop.now)
    if !isLeft { telemetry.add(to: .originRetriesRefused) }
    return isLeft
  }

  /// The client has room again: the fetch goes on in `endTurn`.
  public func resume(_ id: FetchID) {
    guard let fetch = find(id), fetch.isPaused else { return }
    fetch.isPaused = false
    fetch.lastProgress = loop.now
    enqueue(fetch)
  }

  /// The client has bytes of the request's body again: the fetch goes on in `endTurn`.
  public func uploadReady(_ id: FetchID) {
    guard let fetch = find(id), fetch.isUploadWaiting else { return }
    fetch.isUploadWaiting = false
    fetch.lastProgress = loop.now
    enqueue(fetch)
  }

  /// Takes an event of a socket whose token is the pool's.
  public func socketReady(_ event: ReadyEvent) {
    guard let connection = connection(of: event.token) else { return }
    switch connection.phase {
    case .closed: return
    case .connecting: connectFinished(connection)
    case .exchanging:
      guard let fetch = connection.fetch else { return }
      pump(
        fetch, reads: event.readiness.contains(.readable),
        writes: event.readiness.contains(.writable))
    case .idle:
      // The server has closed, or sends what nobody asked for.
      close(connection)
    }
  }

  /// Takes a timer whose token is the pool's.
  public func timerExpired(_ token: Token) {
    if let fetch = fetch(of: token) { return fetchTimerExpired(fetch) }
    guard let connection = connection(of: token) else { return }
    guard let deadline = deadline(of: connection) else { return }
    guard deadline <= loop.now else { return armTimer(connection) }
    switch connection.phase {
    case .closed: return
    case .idle: close(connection)
    case .connecting: expire(connection, .connectTimedOut)
    case .exchanging:
      let hasHead = connection.fetch?.machine.hasHead ?? false
      expire(connection, hasHead ? .stalled : .firstByteTimedOut)
    }
  }

  /// Goes on with fetches whose clients have room or bytes again, and tells of failures.
  ///
  /// - Returns: `true` when work is left, so that the next turn must not wait.
  public func endTurn() -> Bool {
    swap(&queue, &turnQueue)
    for id in turnQueue {
      guard let fetch = find(id) else { continue }
      fetch.isQueued = false
      if let failure = fetch.outcome {
        tell(fetch, of: failure)
      } else if fetch.connection?.phase == .exchanging {
        pump(fetch, reads: true, writes: true)
      }
    }
    turnQueue.removeAll(keepingCapacity: true)
    return hasWork
  }

  /// Closes idle connections now and keeps none from here on; running fetches finish.
  public func drain() {
    isDraining = true
    for connection in connections where connection.phase == .idle { close(connection) }
  }

  private func tell(_ fetch: Fetch, of failure: FetchFailure) {
    guard let client = fetch.client else { return }
    let id = fetch.id
    release(fetch)
    client.fetchFailed(id, failure)
  }

  private func expire(_ connection: OriginConnection, _ kind: FetchFailure.Kind) {
    guard let fetch = connection.fetch else { return close(connection) }
    attemptFailed(fetch, kind)
  }
}
