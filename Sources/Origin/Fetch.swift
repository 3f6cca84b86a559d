internal import Bytes
internal import Loop
internal import Policy
internal import Wire

/// One running fetch: what it wants, how far it is, and the memory it holds meanwhile.
///
/// The objects are pooled by the pool's table and live as long as it; the generation tells the
/// fetches in one slot apart. Plain state: `OriginPool` acts on it.
final class Fetch {
  /// Whether it may ask its origin, of whose fetches only so many run at a time.
  enum Permit { case none, awaited, held }

  /// The byte by which a fetch's timer is told from a connection's.
  static let tokenKind: UInt64 = 6

  private(set) var slot: UInt32
  private(set) var generation: UInt32 = 0
  private(set) var order: FetchOrder?
  private(set) var client: FetchClient?

  /// The time-outs: the origin's, with the order's own where it has them.
  private(set) var timeouts = OriginTimeouts()

  /// Its origin's place on the node's board.
  private(set) var place = 0
  /// The fetch that asks a second server for the same, if one does.
  var hedge: Fetch?
  /// The fetch that this one is the hedge of.
  weak var main: Fetch?
  /// Whether its origin lets it run.
  var permit = Permit.none
  /// Its own timer, beside those of its connections.
  var timer = TimerID.none

  /// What may still be tried.
  var plan = RetryPlan(mayRepeat: false)
  /// The answer of the present attempt.
  var machine = FetchMachine(method: .get)
  /// The request's body.
  var upload = UploadMachine.none
  /// The connection of the present attempt.
  var connection: OriginConnection?
  /// The present server, as an index into the origin's servers; -1 before one is chosen.
  var server = -1
  /// It tries a server that is not trusted: what comes of it must be noted.
  var isTrial = false
  /// The answer is an error of the server (500, 502, 503, 504).
  var isErrorAnswer = false
  /// Which of the server's addresses the present attempt uses, counted from its favourite one.
  var addressOffset = 0
  /// The present attempt must not use a kept connection.
  var mustBeFresh = false

  /// The request's head and how much of it has been written.
  var requestHead: [UInt8] = []
  var requestHeadWritten = 0
  /// Bytes of the request's body on their way.
  var uploadBuffer: FetchBuffer?
  /// Bytes of the answer that nobody has taken yet.
  var input: FetchBuffer?

  /// When the present attempt began.
  var attemptBegan = Instant(nanoseconds: 0)
  /// How far the present attempt has come.
  var progress = RetryPlan.Progress()
  /// The client has no bytes of the request's body just now.
  var isUploadWaiting = false
  /// The origin no longer takes the request: only its answer counts.
  var isWriteBroken = false
  /// The client has no room for the answer just now.
  var isPaused = false
  /// Bytes came behind the answer: nothing after them can be trusted.
  var hasSurplus = false
  /// When bytes last moved in a way that restarts the clock.
  var lastProgress = Instant(nanoseconds: 0)
  /// The longest pause between two reads of the body.
  var longestGap = Milliseconds.zero

  /// The pool is in the middle of the fetch: it must not be released now.
  var isPumping = false
  /// The client wants to hear no more.
  var isCancelled = false
  /// It waits in the pool's run queue.
  var isQueued = false
  /// How it failed, until the client is told.
  var outcome: FetchFailure?

  init(slot: UInt32) { self.slot = slot }

  /// Its name.
  var id: FetchID { FetchID(slot: slot, generation: generation) }

  /// Whether `id` names this fetch and its client still listens.
  func isCalled(_ id: FetchID) -> Bool {
    id.generation == generation && order != nil && !isCancelled
  }

  /// The token of its timer: kind 6, 24 bits of generation, slot.
  var token: Token {
    Token(bits: Self.tokenKind << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(slot))
  }

  /// Begins a new life with `order`, for an origin at `place` of the node's board.
  func begin(_ order: FetchOrder, for client: FetchClient, place: Int) {
    precondition(self.order == nil, "the slot is in use")
    self.order = order
    self.client = client
    self.place = place
    timeouts = order.snapshot.origins[order.originIndex].timeouts
    timeouts.firstByte = order.firstByteTimeout ?? timeouts.firstByte
    timeouts.stall = max(timeouts.stall, order.stallTimeout ?? .zero)
    plan = RetryPlan(
      mayRepeat: order.mayRepeat, mayGoElsewhere: order.mayGoElsewhere,
      avoided: order.avoidedServers)
    server = -1
    addressOffset = 0
    mustBeFresh = false
    isCancelled = false
    isQueued = false
    isTrial = false
    outcome = nil
    prepareAttempt()
  }

  /// Takes the name of `other`, which gets this one's, with what is noted under it.
  func exchangeName(with other: Fetch) {
    swap(&slot, &other.slot)
    swap(&generation, &other.generation)
    swap(&isQueued, &other.isQueued)
  }

  /// Forgets the last attempt.
  func prepareAttempt() {
    guard let order else { return }
    machine = FetchMachine(method: order.request.method)
    switch order.request.framing {
    case .none, .untilClose: upload = .none
    case .length(let count): upload = .length(count)
    case .chunked: upload = .chunked
    }
    requestHead.removeAll(keepingCapacity: requestHead.capacity <= OriginLimits.keptHeadBytes)
    requestHeadWritten = 0
    progress = RetryPlan.Progress()
    isUploadWaiting = false
    isWriteBroken = false
    isPaused = false
    hasSurplus = false
    isErrorAnswer = false
    longestGap = .zero
  }

  /// Ends this life: the name is no longer valid.
  func end() {
    precondition(
      !isPumping && connection == nil && permit == .none, "a running fetch was ended")
    order = nil
    client = nil
    generation &+= 1
  }

  /// Whether the whole request has been written.
  var isRequestWritten: Bool {
    requestHeadWritten == requestHead.count && upload.isFinished && (uploadBuffer?.isEmpty ?? true)
  }

  /// Whether bytes of the request wait for the socket, or may be had from the client.
  var wantsToWrite: Bool {
    guard !isWriteBroken else { return false }
    if requestHeadWritten < requestHead.count { return true }
    if let uploadBuffer, !uploadBuffer.isEmpty { return true }
    return !upload.isFinished && !isUploadWaiting
  }
}
