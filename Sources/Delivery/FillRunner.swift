internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

/// Runs the Fills of one worker: what the origin pool tells becomes bytes in a Body, a head that is
/// published, an entry in the table, and messages to the workers that wait.
final class FillRunner: FetchClient {
  /// Set once by the worker that owns it, and taken back when that ends.
  var owner: Worker?
  private var byFetch: [FetchID: Fill] = [:]
  private var byObject: [ObjectIdentifier: Fill] = [:]
  private var byTimer: [UInt32: Fill] = [:]
  private var nextTimer: UInt32 = 0
  var trust = ContainerTrust()
  var random: RandomSource

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  var worker: Worker {
    guard let owner else { preconditionFailure("a Fill runs without its worker") }
    return owner
  }

  /// Whether a Fill is running: a draining worker lets it finish.
  var isBusy: Bool { !byFetch.isEmpty }

  /// Fills and passes that run.
  var count: Int { byFetch.count }

  /// Starts a Fill or pass; the pool calls back later, never from within.
  func start(_ order: FillOrder, upload: Upload? = nil) {
    let worker = worker
    let fill = Fill(order, upload: upload, started: worker.loop.now)
    fill.fetch = worker.origins.start(order.fetch, for: self)
    upload?.fetch = fill.fetch
    byFetch[fill.fetch] = fill
    byObject[ObjectIdentifier(order.object)] = fill
    worker.telemetry.add(to: order.isPass ? .fillsPassed : .fillsStarted)
    worker.telemetry.add(to: .fillsActive)
  }

  /// Asks the origin for more, or for something else, for the same object; the last fetch is over.
  func fetchAgain(_ fill: Fill, _ condition: OriginCondition) {
    let worker = worker
    byFetch[fill.fetch] = nil
    var order = fill.order.fetch
    order.condition = condition
    fill.fetch = worker.origins.start(order, for: self)
    byFetch[fill.fetch] = fill
  }

  /// The Fill that writes this object, if it is running.
  func fill(of object: CachedObject) -> Fill? { byObject[ObjectIdentifier(object)] }

  /// A reader made room.
  func resume(_ object: CachedObject) {
    guard let fill = fill(of: object) else { return }
    if fill.assembly != nil { return pump(fill) }
    worker.origins.resume(fill.fetch)
  }

  /// Nobody reads it any more and it is not kept: the origin is spared the rest.
  func abandon(_ object: CachedObject) {
    guard let fill = fill(of: object), !fill.object.body.isKept || fill.order.isPass,
      !object.body.hasReaders
    else { return }
    worker.origins.cancel(fill.fetch)
    breakOff(fill)
  }

  /// The node stops and time is up.
  func cancelAll() {
    for fill in byFetch.values {
      worker.origins.cancel(fill.fetch)
      breakOff(fill)
    }
  }

  // MARK: what the origin pool tells

  override func fetchInterim(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    guard let fill = byFetch[id] else { return }
    let worker = worker
    let text = StoredHead.interim(head, bytes: bytes)
    for index in worker.node.mailboxes.indices {
      worker.tell(index, .interim(fill.object, text))
    }
  }

  override func fetchHead(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>, server: Int
  ) {
    guard let fill = byFetch[id] else { return }
    fill.arrival = worker.loop.now
    fill.object.noteServer(server)
    answered(fill, head: head, bytes: bytes)
  }

  override func fetchRoom(_ id: FetchID) -> Int {
    guard let fill = byFetch[id], fill.phase == .streaming else { return 0 }
    var room = fill.object.body.room
    if let assembly = fill.assembly { room = min(room, Int(assembly.room)) }
    if fill.object.body.gaveUpKeeping() { stopKeeping(fill) }
    if fill.holdsHead, fill.object.body.count > DeliveryLimits.playlistBytes {
      // No playlist after all: whoever waits has it as it comes.
      fill.holdsHead = false
      publish(fill)
    }
    return fill.phase == .streaming ? room : 0
  }

  override func fetchBuffer(_ id: FetchID, limit: Int) -> UnsafeMutableRawBufferPointer? {
    guard let fill = byFetch[id], fill.phase == .streaming,
      let buffer = unsafe fill.object.body.buffer(
        limit: fill.assembly.map { min(limit, Int($0.room)) } ?? limit)
    else { return nil }
    unsafe fill.lastBuffer = buffer
    return unsafe buffer
  }

  override func fetchFilled(_ id: FetchID, count: Int) {
    guard let fill = byFetch[id], count > 0 else { return }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: fill.lastBuffer[..<count])
    unsafe bytes.withMemoryRebound(to: UInt8.self) {
      unsafe fill.container?.feed($0.span)
    }
    fill.assembly?.position += UInt64(count)
    wake(fill.object, fill.object.body.filled(count))
  }

  override func fetchBody(_ id: FetchID, bytes: Span<UInt8>) {
    guard let fill = byFetch[id] else { return }
    fill.container?.feed(bytes)
    fill.assembly?.position += UInt64(bytes.count)
    wake(fill.object, fill.object.body.append(bytes))
  }

  override func fetchUpload(
    _ id: FetchID, into buffer: UnsafeMutableRawBufferPointer
  ) -> UploadStep {
    guard let upload = byFetch[id]?.upload else { return .end }
    return unsafe upload.take(worker, into: buffer)
  }

  override func fetchEnded(_ id: FetchID, closeDelimited: Bool) {
    guard let fill = byFetch[id] else { return }
    if let assembly = fill.assembly { return gapEnded(fill, assembly) }
    ended(fill, closeDelimited: closeDelimited)
  }

  override func fetchFailed(_ id: FetchID, _ failure: FetchFailure) {
    guard let fill = byFetch[id] else { return }
    failed(fill, failure)
  }

  // MARK: shared by the steps

  /// Tells the workers of the mask that this object's readers can go on.
  func wake(_ object: CachedObject, _ workers: UInt64) {
    var left = workers
    while left != 0 {
      let index = left.trailingZeroBitCount
      left &= left - 1
      worker.tell(index, .wake(object))
    }
  }

  /// The Fill is over, however it went.
  func finish(_ fill: Fill) {
    fill.phase = .over
    let worker = worker
    worker.loop.timers.cancel(fill.timer)
    byTimer[fill.timerNumber] = nil
    byFetch[fill.fetch] = nil
    byObject[ObjectIdentifier(fill.object)] = nil
    worker.telemetry.subtract(from: .fillsActive)
  }

  /// The Fill ends in the middle: readers see an abort, never an end; nothing is kept.
  func breakOff(_ fill: Fill) {
    let object = fill.object
    if object.progress == .awaitingHead { object.fail(status: 502, reason: 0) }
    worker.node.table.detach(object)
    worker.telemetry.add(to: .fillsAborted)
    finish(fill)
    wake(object, object.body.abort())
  }

  /// Sets the timer of a Fill that waits for memory.
  func setTimer(_ fill: Fill, after length: Milliseconds) {
    nextTimer &+= 1
    fill.timerNumber = nextTimer
    byTimer[nextTimer] = fill
    let worker = worker
    fill.timer = worker.loop.timers.set(
      worker.loop.now + length,
      for: Token(bits: WorkerTokens.fill << 56 | UInt64(nextTimer)))
  }

  func timerExpired(_ token: Token) {
    guard let fill = byTimer.removeValue(forKey: UInt32(token.bits & 0xFFFF_FFFF)),
      fill.phase == .awaitingMemory
    else { return }
    fill.timer = .none
    admit(fill)
  }
}
