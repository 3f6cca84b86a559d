internal import Bytes
internal import Loop
internal import Synchronization
internal import Wire

/// The made-up origin: it answers from a `StreamLibrary`, late by a fixed delay, on its own thread.
@safe final class StreamOrigin: @unchecked Sendable {
  // Exception: unchecked, because all but the atomics belongs to its thread; what it counted is
  // read after that has ended.

  /// A connection of a cache's, and what it is waiting for.
  private final class Client {
    let connection: LoadConnection
    var isAnswering = false

    init(_ connection: LoadConnection) { self.connection = connection }
  }

  /// Bytes that are to be sent at some time.
  private struct Delivery {
    var due: Int64
    var slot: Int
    var generation: UInt64
    var bytes: [UInt8]
    var isLast: Bool
    var isCut: Bool
  }

  private static let listenerToken = Token(bits: .max)
  private static let longestWait: Int64 = 100_000_000

  private let library: StreamLibrary
  private let network: KernelNetwork
  private let listener: Socket
  /// Nanoseconds of Unix time minus those of the monotonic clock.
  private let offset: Int64
  private let delay: Int64
  private var clients: [Client] = []
  private var free: [Int] = []
  /// What is to be sent, the last due first.
  private var deliveries: [Delivery] = []
  private var asked: Set<PublishedVersion> = []
  private let buffer: UnsafeMutableRawBufferPointer
  private let isEnding = Atomic<Bool>(false)
  private var thread: WorkerThread?
  /// Requests that came.
  private(set) var requests = 0

  /// What one state of an object is known by.
  private struct PublishedVersion: Hashable {
    var target: String
    var version: Int64
  }

  /// States of objects that were asked for.
  var publications: Int { asked.count }

  /// Listens; `start` begins to answer.
  ///
  /// - Parameters:
  ///   - library: what to answer.
  ///   - address: where to listen.
  ///   - delay: how long each answer waits, in nanoseconds: the way to a far origin and back.
  ///   - offset: nanoseconds of Unix time minus those of the monotonic clock.
  /// - Throws: `LoadError.failed` where the address cannot be listened on.
  init(
    _ library: StreamLibrary, at address: SocketAddress, delay: Int64, offset: Int64
  ) throws(LoadError) {
    self.library = library
    self.delay = delay
    self.offset = offset
    do throws(SystemError) {
      network = try KernelNetwork()
      listener = try ListeningSocket.open(address, workers: 1)[0].socket
    } catch {
      throw .failed("cannot listen as the origin: \(error)")
    }
    network.watch(listener, for: StreamOrigin.listenerToken)
    unsafe buffer = .allocate(byteCount: 65_536, alignment: 64)
  }

  deinit { unsafe buffer.deallocate() }

  /// Begins to answer.
  ///
  /// - Throws: `LoadError.failed` where no thread can be had.
  func start() throws(LoadError) {
    do throws(SystemError) {
      thread = try WorkerThread(name: "load-origin") { self.run() }
    } catch {
      throw .failed("\(error)")
    }
  }

  /// Ends, and waits for the end.
  func stop() {
    isEnding.store(true, ordering: .releasing)
    thread?.join()
    thread = nil
  }

  private func run() {
    var events: [ReadyEvent] = []
    while !isEnding.load(ordering: .acquiring) {
      let now = network.instant().nanoseconds
      sendWhatIsDue(at: now)
      let due = min(deliveries.last?.due ?? .max, now &+ StreamOrigin.longestWait)
      network.wait(until: Instant(nanoseconds: due), into: &events)
      _ = network.wakeup.takeNotice()
      for event in events { handle(event) }
      events.removeAll(keepingCapacity: true)
    }
    for client in clients where client.connection.phase != .closed { close(client) }
    network.close(listener)
  }

  // MARK: connections

  private func handle(_ event: ReadyEvent) {
    guard event.token != StreamOrigin.listenerToken else { return accept() }
    let client = clients[Int(event.token.bits & 0xFFFF_FFFF)]
    guard client.connection.phase != .closed, client.connection.token == event.token else { return }
    if event.readiness.contains(.writable) { client.connection.sendRest(over: network) }
    if event.readiness.contains(.readable) { read(client) }
  }

  private func accept() {
    while case .accepted(let accepted) = network.accept(listener) {
      let slot = free.popLast() ?? clients.count
      if slot == clients.count { clients.append(Client(LoadConnection(slot: slot))) }
      clients[slot].connection.open(accepted.socket, at: 0)
      clients[slot].connection.phase = .idle
      clients[slot].isAnswering = false
      network.watch(accepted.socket, for: clients[slot].connection.token)
    }
  }

  private func close(_ client: Client) {
    network.close(client.connection.socket)
    client.connection.phase = .closed
    free.append(client.connection.slot)
  }

  private func read(_ client: Client) {
    switch unsafe network.read(client.connection.socket, into: buffer) {
    case .moved(let count):
      unsafe client.connection.held.append(contentsOf: buffer[..<count])
      guard client.connection.held.count <= LoadLimits.headBytes else { return close(client) }
      answerNext(client)
    case .wait: break
    case .end, .failed: close(client)
    }
  }

  /// Answers the request that has come whole, one after the other.
  private func answerNext(_ client: Client) {
    guard !client.isAnswering else { return }
    let held = client.connection.held
    var parser = RequestHeadParser()
    var head = RequestHead()
    let used: Int
    do throws(HeadError) {
      guard let count = try parser.parse(held.span, into: &head) else { return }
      used = count
    } catch {
      return close(client)
    }
    client.connection.held.removeFirst(used)
    client.isAnswering = true
    let text = head.target.text
    let target = String(decoding: held[Int(text.start)..<text.end], as: UTF8.self)
    var tag: String?
    if let line = head.fields.firstIndex(of: .ifNoneMatch) {
      let value = head.fields[line].value
      tag = String(decoding: held[Int(value.start)..<value.end], as: UTF8.self)
    }
    answer(client, target: target, tag: tag, hasBody: head.method != .head)
  }

  // MARK: answers

  private func answer(_ client: Client, target: String, tag: String?, hasBody: Bool) {
    let now = network.instant().nanoseconds
    requests += 1
    var object = library.answer(to: target, at: (now &+ offset) / 1_000_000)
    if object.status == 200 {
      asked.insert(PublishedVersion(target: target, version: object.version))
    }
    let ownTag = "\"\(object.version)\""
    var head: String
    if object.status == 200, tag == ownTag {
      object.pieces = []
      head = "HTTP/1.1 304 Not Modified\r\n"
    } else {
      head = "HTTP/1.1 \(object.status) \(object.status == 200 ? "OK" : "No")\r\n"
      head += "Content-Type: \(object.type)\r\n"
      head +=
        object.pieces.count > 1
        ? "Transfer-Encoding: chunked\r\n"
        : "Content-Length: \(object.pieces.first?.bytes.count ?? 0)\r\n"
    }
    head += "ETag: \(ownTag)\r\nCache-Control: max-age=\(object.lifetime)\r\n"
    if !hasBody { object.pieces = [] }
    let date = OriginHead.dateAndEnd(WallTime(milliseconds: (now &+ offset) / 1_000_000))
    schedule(client, head: Array(head.utf8) + date, object, at: now)
  }

  private func schedule(
    _ client: Client, head: [UInt8], _ object: PublishedObject, at now: Int64
  ) {
    let isChunked = object.pieces.count > 1
    var bytes = head
    var due = time(of: object.due, at: now)
    for (index, piece) in object.pieces.enumerated() {
      let pieceDue = time(of: piece.due, at: now)
      if pieceDue > due {
        plan(client, bytes, at: due, isLast: false)
        (bytes, due) = ([], pieceDue)
      }
      if isChunked {
        bytes += Array("\(String(piece.bytes.count, radix: 16))\r\n".utf8) + piece.bytes + [13, 10]
        if index == object.pieces.count - 1, !object.isCut { bytes += Array("0\r\n\r\n".utf8) }
      } else if object.isCut {
        bytes += piece.bytes[..<(piece.bytes.count / 2)]
      } else {
        bytes += piece.bytes
      }
    }
    plan(client, bytes, at: due, isLast: true, isCut: object.isCut)
  }

  /// A time of the library's, on this clock and as late as the origin is far.
  private func time(of milliseconds: Int64, at now: Int64) -> Int64 {
    max(now, milliseconds &* 1_000_000 &- offset) &+ delay
  }

  private func plan(
    _ client: Client, _ bytes: [UInt8], at due: Int64, isLast: Bool, isCut: Bool = false
  ) {
    let delivery = Delivery(
      due: due, slot: client.connection.slot, generation: client.connection.token.bits,
      bytes: bytes, isLast: isLast, isCut: isCut)
    var place = deliveries.count
    while place > 0, deliveries[place - 1].due <= due { place -= 1 }
    deliveries.insert(delivery, at: place)
  }

  private func sendWhatIsDue(at now: Int64) {
    while let delivery = deliveries.last, delivery.due <= now {
      deliveries.removeLast()
      let client = clients[delivery.slot]
      guard client.connection.phase != .closed,
        client.connection.token.bits == delivery.generation
      else { continue }
      client.connection.send(delivery.bytes, over: network)
      guard delivery.isLast else { continue }
      if delivery.isCut {
        network.finishWriting(client.connection.socket)
      } else {
        client.isAnswering = false
        answerNext(client)
      }
    }
  }
}
