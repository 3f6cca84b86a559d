import Bytes
import Loop
import Policy
import Telemetry
import Wire

@testable import Origin

/// A client that writes down what it is told and obeys the test.
final class Listener: FetchClient {
  var interims: [UInt16] = []
  var status: UInt16?
  var server: Int?
  var body: [UInt8] = []
  var ended: Bool?
  var failure: FetchFailure?
  /// How many bytes it takes in all.
  var room = Int.max
  /// Bytes taken in place; -1 when it offers no memory.
  var inPlace = -1
  /// What it gives of a request's body, piece by piece.
  var upload: [UploadStep] = []
  var uploadText: [UInt8] = []
  var uploadCalls = 0
  /// Called at each piece of body.
  var onBody: (FetchID) -> Void = { _ in }
  /// Called at the end.
  var onEnd: (FetchID) -> Void = { _ in }

  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
  deinit { memory.deallocate() }

  var bodyText: String { String(decoding: body, as: UTF8.self) }

  override func fetchInterim(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) { interims.append(head.status) }

  override func fetchHead(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>, server: Int
  ) {
    precondition(status == nil && bytes.count == head.byteCount)
    status = head.status
    self.server = server
  }

  override func fetchRoom(_ id: FetchID) -> Int { room - body.count }

  override func fetchBuffer(_ id: FetchID, limit: Int) -> UnsafeMutableRawBufferPointer? {
    inPlace < 0 ? nil : UnsafeMutableRawBufferPointer(rebasing: memory.prefix(limit))
  }

  override func fetchFilled(_ id: FetchID, count: Int) {
    inPlace += count
    body += Array(memory.prefix(count))
    if count > 0 { onBody(id) }
  }

  override func fetchBody(_ id: FetchID, bytes: Span<UInt8>) {
    precondition(bytes.count <= room - body.count, "more than there was room")
    for index in bytes.indices { body.append(bytes[index]) }
    onBody(id)
  }

  override func fetchUpload(_ id: FetchID, into buffer: UnsafeMutableRawBufferPointer)
    -> UploadStep
  {
    uploadCalls += 1
    guard !upload.isEmpty else { return .wait }
    let step = upload.removeFirst()
    if case .bytes(let count) = step {
      let given = min(count, buffer.count)
      buffer.copyBytes(from: uploadText.prefix(given))
      uploadText.removeFirst(given)
      if given < count { upload.insert(.bytes(count - given), at: 0) }
      return .bytes(given)
    }
    return step
  }

  override func fetchEnded(_ id: FetchID, closeDelimited: Bool) {
    precondition(ended == nil && failure == nil, "told twice")
    ended = closeDelimited
    onEnd(id)
  }

  override func fetchFailed(_ id: FetchID, _ failure: FetchFailure) {
    precondition(ended == nil && self.failure == nil, "told twice")
    self.failure = failure
  }
}

extension HealthBoard {
  /// What is known of these places.
  func view(of places: [Int], at now: Instant) -> View {
    var seen = View()
    _ = ask(places, at: now, mayTry: false) {
      seen = $0
      return nil
    }
    return seen
  }
}

/// Grants that are under way to workers.
final class Grants: GrantNotifier, @unchecked Sendable {
  // Exception: unchecked, because tests use it on one thread.
  private var pending: [(worker: Int, grant: FetchGrant)] = []

  override func granted(_ grant: FetchGrant, to worker: Int) { pending.append((worker, grant)) }

  /// Takes those of one worker.
  func take(of worker: Int) -> [FetchGrant] {
    let own = pending.filter { $0.worker == worker }.map(\.grant)
    pending.removeAll { $0.worker == worker }
    return own
  }
}

/// A worker with an origin of scripted servers, in virtual time.
final class Lab {
  private final class Driver: LoopDriver {
    var pool: OriginPool?
    override func socketReady(_ event: ReadyEvent, loop: EventLoop) { pool?.socketReady(event) }
    override func timerExpired(_ token: Token, loop: EventLoop) { pool?.timerExpired(token) }
    override func endTurn(loop: EventLoop) -> Bool { pool?.endTurn() ?? false }
  }

  let network = ScriptedNetwork()
  let telemetry = WorkerTelemetry(accessRecords: 0)
  let book: AddressBook
  let board = HealthBoard()
  let grants: Grants
  let errors = ErrorQueue(level: .debug)
  let origins: OriginBoard
  let pool: OriginPool
  let snapshot: Snapshot
  private let loop: EventLoop
  private let driver = Driver()

  /// An origin of `servers`: hosts are address literals on port 80, or names for `book`.
  ///
  /// Another worker of a node shares the board of origins of `sibling`.
  init(
    _ servers: [ServerSettings] = [ServerSettings(host: "10.0.0.1")], host: HostSent = .origin,
    sibling: Lab? = nil, change: (inout OriginSettings) -> Void = { _ in }
  ) throws {
    book = try AddressBook()
    grants = sibling?.grants ?? Grants()
    origins = sibling?.origins ?? OriginBoard(notifier: grants)
    loop = EventLoop(index: sibling == nil ? 0 : 1, network: network, driver: driver)
    pool = OriginPool(
      loop: loop, addresses: book, health: board, origins: origins, errors: errors,
      telemetry: telemetry)
    var origin = OriginSettings(name: "live", host: host, servers: servers)
    change(&origin)
    snapshot = try Snapshot(
      NodeSettings(
        name: "edge", origins: [origin],
        sites: [SiteSettings(name: "live", hosts: ["*"], origin: 0)]))
    driver.pool = pool
  }

  deinit { driver.pool = nil }

  static func address(_ last: UInt32) -> SocketAddress {
    SocketAddress(host: .ipv4(0x0A00_0000 + last), port: 80)
  }

  func order(_ change: (inout FetchOrder) -> Void = { _ in }) -> FetchOrder {
    var order = FetchOrder(
      snapshot: snapshot, originIndex: 0,
      request: OriginRequest(
        method: .get, framing: .none, methodText: Array("GET".utf8),
        target: Array("/a.ts".utf8), host: nil, fields: Array("Accept: */*\r\n".utf8)))
    change(&order)
    return order
  }

  /// Starts a GET and lets the request reach the server.
  func fetch(_ listener: Listener, _ change: (inout FetchOrder) -> Void = { _ in }) -> FetchID {
    let id = pool.start(order(change), for: listener)
    turn()
    return id
  }

  /// Lets the worker do what can be done now.
  func turn(_ count: Int = 4) {
    for _ in 0..<count {
      for grant in grants.take(of: loop.index) { pool.granted(grant) }
      loop.turn()
    }
  }

  /// Lets time pass, in steps of a tick.
  func pass(_ milliseconds: Int64) {
    for _ in 0..<(milliseconds / 10) {
      network.pass(Milliseconds(10))
      turn(1)
    }
    turn()
  }

  func counted(_ counter: Counter) -> UInt64 { telemetry.value(of: counter) }
}
