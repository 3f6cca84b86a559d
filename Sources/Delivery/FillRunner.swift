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
  private var byTimer: [UInt32: CachedObject] = [:]
  /// Questions to a volume for requests that no Fill may stand for, with their timers.
  var questions: [ObjectIdentifier: UInt32] = [:]
  private var nextTimer: UInt32 = 0
  /// Playlists that wait for the segments that they name.
  var awaiting: [ObjectIdentifier: [CachedObject]] = [:]
  var trust = ContainerTrust()
  var random: RandomSource

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  var worker: Worker {
    guard let owner else { preconditionFailure("a Fill runs without its worker") }
    return owner
  }

  /// Whether a Fill is running: a draining worker lets it finish.
  var isBusy: Bool { !byObject.isEmpty }

  /// Fills and passes that run.
  var count: Int { byObject.count }

  /// Starts a Fill or pass: a volume is asked first where it may have the object.
  func start(_ order: FillOrder, upload: Upload? = nil) {
    let worker = worker
    let fill = Fill(order, upload: upload, started: worker.loop.now)
    byObject[ObjectIdentifier(order.object)] = fill
    worker.telemetry.add(to: .fillsActive)
    if mayLieOnDisk(order) { askDisk(fill) } else { fetch(fill) }
  }

  /// Asks the origin; the pool calls back later, never from within.
  func fetch(_ fill: Fill) {
    guard mayAsk(fill) else { return }
    let worker = worker
    fill.phase = .awaitingHead
    fill.started = worker.loop.now
    countPlaylist(fill)
    fetch(fill, routed(fill))
    fill.upload?.fetch = fill.fetch
    worker.telemetry.add(to: fill.order.isPass ? .fillsPassed : .fillsStarted)
  }

  /// Asks the origin for more, or for something else, for the same object; the last fetch is over.
  func fetchAgain(_ fill: Fill, _ condition: OriginCondition) {
    if let fetch = fill.fetch { forget(fetch) }
    var order = fill.order.fetch
    order.condition = condition
    fill.isConditional = condition.allowsNotModified
    fetch(fill, routed(fill, order))
  }

  /// Asks the origin so for the object.
  func fetch(_ fill: Fill, _ order: FetchOrder) {
    var order = order
    if order.mayHedge {
      order.mayHedge = worker.node.streams.switches.isOn(.hedge, origin: order.originIndex)
    }
    let fetch = worker.origins.start(order, for: self)
    fill.fetch = fetch
    byFetch[fetch] = fill
  }

  /// A fetch is over: nothing that it tells is the Fill's any more.
  func forget(_ fetch: FetchID) { byFetch[fetch] = nil }

  /// The origin is spared the rest, if it was asked.
  func cancelFetch(_ fill: Fill) {
    if let fetch = fill.fetch { worker.origins.cancel(fetch) }
  }

  /// The origin is spared the rest, and nothing of it is the Fill's any more.
  func dropFetch(_ fill: Fill) {
    cancelFetch(fill)
    if let fetch = fill.fetch { forget(fetch) }
  }

  /// The Body takes more of what the origin sends.
  func resumeFetch(_ fill: Fill) {
    if let fetch = fill.fetch { worker.origins.resume(fetch) }
  }

  /// The Fill that writes this object, if it is running.
  func fill(of object: CachedObject) -> Fill? { byObject[ObjectIdentifier(object)] }

  /// A reader made room.
  func resume(_ object: CachedObject) {
    guard let fill = fill(of: object) else { return }
    if fill.assembly != nil { return pump(fill) }
    if fill.copies != nil { return readDisk(fill) }
    resumeFetch(fill)
  }

  /// Nobody reads it any more and it is not kept: the origin is spared the rest.
  func abandon(_ object: CachedObject) {
    guard let fill = fill(of: object), !fill.object.body.isKept || fill.order.isPass,
      !object.body.hasReaders
    else { return }
    cancelFetch(fill)
    breakOff(fill)
  }

  /// The node stops and time is up.
  func cancelAll() {
    for fill in byObject.values {
      cancelFetch(fill)
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
    if let rest = fill.rest { return goOn(fill, rest, head: head, bytes: bytes) }
    if fill.manifest?.asked != nil {
      return twinAnswered(fill, server, head: head, bytes: bytes)
    }
    fill.arrival = worker.loop.now
    fill.object.noteServer(server)
    answered(fill, head: head, bytes: bytes)
  }

  override func fetchRoom(_ id: FetchID) -> Int {
    guard let fill = byFetch[id], fill.phase == .streaming else { return 0 }
    if fill.isGathering { return roomToGather(fill) }
    var room = fill.object.body.room
    if let assembly = fill.assembly { room = min(room, Int(assembly.room)) }
    if fill.object.body.gaveUpKeeping() { stopKeeping(fill) }
    return fill.phase == .streaming ? room : 0
  }

  override func fetchBuffer(_ id: FetchID, limit: Int) -> UnsafeMutableRawBufferPointer? {
    guard let fill = byFetch[id], fill.phase == .streaming, !fill.isGathering,
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
    if fill.isGathering { return gather(fill, bytes) }
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
    if fill.isGathering { return gathered(fill) }
    ended(fill, closeDelimited: closeDelimited)
  }

  override func fetchFailed(_ id: FetchID, _ failure: FetchFailure) {
    guard let fill = byFetch[id] else { return }
    if asksTwin(fill, after: failure) || asksOn(fill, after: failure)
      || resumesBody(fill, after: failure)
    {
      return
    }
    failed(fill, failure)
  }

  // MARK: shared by the steps

  /// Tells the workers of the mask that this object's readers can go on.
  func wake(_ object: CachedObject, _ workers: UInt64) {
    var left = workers
    while left != 0 {
      let index = left.trailingZeroBitCount
      left &= left - 1
      if index == DeliveryLimits.volumeBit {
        worker.node.disk.grew(object)
      } else {
        worker.tell(index, .wake(object))
      }
    }
  }

  /// The Fill is over, however it went.
  func finish(_ fill: Fill) {
    fill.phase = .over
    let worker = worker
    worker.loop.timers.cancel(fill.timer)
    byTimer[fill.timerNumber] = nil
    if let fetch = fill.fetch { byFetch[fetch] = nil }
    byObject[ObjectIdentifier(fill.object)] = nil
    if fill.order.reload != nil { worker.node.waiting.remove(fill.object) }
    noteSegment(fill, .unknown)
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
    giveUpSlice(fill)
  }

  /// Sets the timer of a Fill that waits for memory or for a volume.
  func setTimer(_ fill: Fill, after length: Milliseconds) {
    (fill.timer, fill.timerNumber) = setTimer(of: fill.object, after: length)
  }

  /// Sets a timer that finds an object; with it the number to cancel it by.
  func setTimer(
    of object: CachedObject, after length: Milliseconds
  ) -> (timer: TimerID, number: UInt32) {
    nextTimer &+= 1
    byTimer[nextTimer] = object
    let worker = worker
    let timer = worker.loop.timers.set(
      worker.loop.now + length,
      for: Token(bits: WorkerTokens.fill << 56 | UInt64(nextTimer)))
    return (timer, nextTimer)
  }

  /// The Fill whose timer has this number, if that is running.
  func fill(ofTimer number: UInt32) -> Fill? { byTimer[number].flatMap { fill(of: $0) } }

  /// The timer of this number is not awaited any more: it finds nothing.
  func forgetTimer(_ number: UInt32) { byTimer[number] = nil }

  func timerExpired(_ token: Token) {
    guard let object = byTimer.removeValue(forKey: UInt32(token.bits & 0xFFFF_FFFF)) else {
      return
    }
    guard let fill = fill(of: object) else {
      if questions[ObjectIdentifier(object)] != nil { worker.telemetry.add(to: .diskAnswersLate) }
      return diskAnswered(object, .absent)
    }
    fill.timer = .none
    switch fill.phase {
    case .awaitingDisk:
      worker.telemetry.add(to: .diskAnswersLate)
      diskAnswered(object, .absent)
    case .awaitingMemory: admit(fill)
    case .streaming: askForRest(fill)
    case .awaitingSegments: judge(fill)
    case .awaitingState: askAgain(fill)
    case .awaitingVerdict: fetch(fill)
    case .awaitingSegment: askForSegment(fill)
    case .awaitingHead, .over: break
    }
  }
}
