public import Bytes
import Glibc
public import Loop

/// A network without a kernel: virtual time, connections as byte queues, one seed.
///
/// The node under test has a `SimulatedNetwork` per worker; the test plays everybody else through
/// `listen` and `connect`. Everything runs on one thread. The same seed and the same script give
/// the same run, byte for byte.
public final class SimulatedWorld {
  /// How `run` ended.
  public enum Outcome: Equatable, Sendable {
    /// The condition was met.
    case met
    /// Virtual time ran out first.
    case timedOut
    /// Nothing will happen any more.
    case idle
  }

  /// The present virtual time.
  public private(set) var now = Instant(nanoseconds: 1_000_000_000)
  /// The wall clock at the world's start; a test may jump it.
  public var wallAtStart = WallTime(milliseconds: 1_750_000_000_000)
  /// The conditions of connections made from now on, unless `links` has their target.
  public var link = LinkConditions()
  /// The conditions of connections to single addresses.
  public var links: [SocketAddress: LinkConditions] = [:]
  /// Addresses that never answer a connect.
  public var blackholes: Set<SocketAddress> = []
  /// While set, every `accept` of the node fails with this `errno`.
  public var acceptFailure: Int32?
  /// The world's dice; a scenario may throw them too.
  public var random: RandomSource
  /// `wait` of a network moves the time by itself; `run` does it for several loops instead.
  public internal(set) var movesTimeInWait = true

  private var agenda = SimulatedAgenda()
  private var sides: [Int32: SimulatedSide] = [:]
  private var listening: [SocketAddress: [SimulatedSide]] = [:]
  private var nextNumber: Int32 = 1_000_000
  private var nextPort: UInt16 = 40_000

  /// Makes a world from `seed`.
  public init(seed: UInt64) { random = RandomSource(seed: seed) }

  deinit { end() }

  /// Ends the world: forgets every connection and script.
  ///
  /// Call it when a scenario is over whose scripts (`onAccept`, `onChange`, `after`) mention the
  /// world or a loop, or they hold each other for ever.
  public func end() {
    for side in sides.values { side.forgetOthers() }
    agenda = SimulatedAgenda()
  }

  /// Lets something happen after `delay` of virtual time.
  public func after(_ delay: Milliseconds, _ action: @escaping () -> Void) {
    agenda.add(at: now + delay, action)
  }

  /// Listens at `address` for the test.
  public func listen(_ address: SocketAddress) -> SimulatedAcceptor {
    SimulatedAcceptor(world: self, side: addListener(address))
  }

  /// Connects the test to `address`, from a made-up client address if none is given.
  public func connect(
    to address: SocketAddress, from client: SocketAddress? = nil
  ) -> SimulatedEndpoint {
    let side = startConnect(to: address, from: client)
    let endpoint = SimulatedEndpoint(world: self, side: side)
    side.endpoint = endpoint
    return endpoint
  }

  /// Moves the time to the next thing that happens, but not past `limit`.
  ///
  /// - Returns: `false` when nothing happens until then; the time is `limit` if there is one.
  @discardableResult
  public func step(until limit: Instant? = nil) -> Bool {
    guard let next = agenda.next, next <= limit ?? .distantFuture else {
      if let limit, limit > now { now = limit }
      return false
    }
    now = max(now, next)
    while let action = agenda.take(until: now) { action() }
    return true
  }

  /// Lets the loops turn and the time pass until `condition` holds.
  ///
  /// Loops whose network is a simulated one of this world and that have something to do turn in an
  /// order by the seed; when none has, the time moves to the next event or deadline.
  public func run(
    _ loops: [EventLoop], limit: Milliseconds = Milliseconds(60_000), until condition: () -> Bool
  ) -> Outcome {
    let end = now + limit
    movesTimeInWait = false
    defer { movesTimeInWait = true }
    while !condition() {
      var mayTurn = loops.filter { hasWork($0) }
      if !mayTurn.isEmpty {
        mayTurn.shuffle(using: &random)
        for loop in mayTurn { loop.turn() }
        continue
      }
      let deadlines = loops.compactMap(\.nextDeadline)
      guard let next = ([agenda.next].compactMap { $0 } + deadlines).min() else { return .idle }
      guard next <= end else {
        now = end
        return .timedOut
      }
      step(until: next)
    }
    return .met
  }

  /// The present of the wall clock.
  public var wall: WallTime {
    WallTime(milliseconds: wallAtStart.milliseconds + now.nanoseconds / 1_000_000 - 1000)
  }

  private func hasWork(_ loop: EventLoop) -> Bool {
    if loop.network.wakeup.hasNotice { return true }
    if let deadline = loop.nextDeadline, deadline <= now { return true }
    return (loop.network as? SimulatedNetwork)?.hasReadySocket ?? false
  }
}

extension SimulatedWorld {
  func side(_ socket: Socket) -> SimulatedSide {
    guard let side = sides[socket.descriptor] else {
      preconditionFailure("socket \(socket.descriptor) is not of this world")
    }
    return side
  }

  func addListener(_ address: SocketAddress) -> SimulatedSide {
    let side = add(.listening, link, address)
    listening[address, default: []].append(side)
    return side
  }

  /// Makes both sides and sends the SYN; the caller's side is `connecting`.
  func startConnect(to address: SocketAddress, from client: SocketAddress?) -> SimulatedSide {
    let link = links[address] ?? self.link
    nextPort = nextPort == .max ? 40_000 : nextPort + 1
    let origin = client ?? SocketAddress(host: .ipv4(0x0A00_0001), port: nextPort)
    let side = add(.connecting, link, origin)
    guard !blackholes.contains(address) else { return side }
    let far = add(.open, link, address)
    side.peer = far
    far.peer = side
    agenda.add(at: now + link.latency) { [unowned self] in arrive(far, at: address) }
    return side
  }

  /// Sends bytes as segments, as many as the peer has room for.
  func send(_ bytes: UnsafeRawBufferPointer, from side: SimulatedSide) -> Transfer {
    switch side.state {
    case .failed(let code): return .failed(code == ECONNRESET ? EPIPE : code)
    case .connecting: return .wait
    case .closed, .listening: return .failed(EBADF)
    case .open: break
    }
    guard !side.hasEnded, let peer = side.peer else { return .failed(EPIPE) }
    guard !bytes.isEmpty else { return .moved(0) }
    let count = min(bytes.count, peer.room)
    guard count > 0 else { return .wait }
    var start = 0
    while start < count {
      let most = min(side.link.segmentBytesMax, count - start)
      let length = side.link.segmentsAreRandom ? Int.random(in: 1...most, using: &random) : most
      dispatch(Array(bytes[start..<start + length]), from: side, to: peer)
      start += length
    }
    return .moved(count)
  }

  /// Hands out what has arrived, then the end or the failure.
  func receive(_ side: SimulatedSide, limit: Int) -> (Transfer, ArraySlice<UInt8>) {
    if side.unreadBytes > 0 && limit > 0 {
      let taken = side.takeUnread(limit: min(limit, side.link.readBytesMax))
      side.peer?.endpoint?.pump()
      return (.moved(taken.count), taken)
    }
    switch side.state {
    case .failed(let code): return (.failed(code), [])
    case .closed, .listening: return (.failed(EBADF), [])
    case .connecting: return (.wait, [])
    case .open: return (side.peerHasEnded ? .end : .wait, [])
    }
  }

  /// Sends the end of the stream behind all bytes.
  func finish(_ side: SimulatedSide) {
    guard side.state == .open, !side.hasEnded, let peer = side.peer else { return }
    side.hasEnded = true
    agenda.add(at: arrivalTime(bytes: 0, from: side, to: peer)) {
      guard peer.state == .open else { return }
      peer.peerHasEnded = true
      peer.endpoint?.changed()
    }
  }

  /// Closes; with unread bytes the peer gets a reset, as from the kernel.
  func close(_ side: SimulatedSide) {
    if side.state == .listening { return closeListener(side) }
    if side.unreadBytes > 0 { return reset(side) }
    finish(side)
    side.state = .closed
  }

  /// Closes with a reset, which overtakes what is still on the way.
  func reset(_ side: SimulatedSide) {
    if side.state == .listening { return closeListener(side) }
    let wasOpen = side.state == .open
    side.state = .closed
    side.incoming.removeAll()
    side.incomingStart = 0
    if wasOpen { sendReset(from: side) }
  }

  private func add(
    _ state: SimulatedSide.State, _ link: LinkConditions, _ address: SocketAddress
  ) -> SimulatedSide {
    let side = SimulatedSide(number: nextNumber, state: state, link: link, address: address)
    sides[nextNumber] = side
    nextNumber += 1
    return side
  }

  private func closeListener(_ side: SimulatedSide) {
    side.state = .closed
    listening[side.address]?.removeAll { $0 === side }
    for waiting in side.backlog { reset(self.side(waiting.socket)) }
    side.backlog.removeAll()
  }

  /// The SYN has arrived: a listener takes it, by the seed where several share the address.
  private func arrive(_ far: SimulatedSide, at address: SocketAddress) {
    guard let near = far.peer else { return }
    let back = now + near.link.latency
    guard let listener = listening[address]?.randomElement(using: &random) else {
      far.state = .closed
      agenda.add(at: back) {
        guard near.state == .connecting else { return }
        near.state = .failed(ECONNREFUSED)
        near.endpoint?.changed()
      }
      return
    }
    near.lastArrival = back
    agenda.add(at: back) { [unowned self] in
      guard near.state == .connecting else { return sendReset(from: near) }
      near.state = .open
      near.endpoint?.pump()
      near.endpoint?.changed()
    }
    let accepted = Accepted(socket: Socket(descriptor: far.number), peer: near.address)
    if let acceptor = listener.acceptor {
      acceptor.take(far)
    } else {
      listener.backlog.append(accepted)
    }
  }

  private func dispatch(_ bytes: [UInt8], from side: SimulatedSide, to peer: SimulatedSide) {
    peer.bytesOnTheWay += bytes.count
    agenda.add(at: arrivalTime(bytes: bytes.count, from: side, to: peer)) { [unowned self] in
      peer.bytesOnTheWay -= bytes.count
      switch peer.state {
      case .open:
        peer.incoming.append(contentsOf: bytes)
        peer.endpoint?.changed()
      case .closed:
        sendReset(from: peer)
      case .failed, .connecting, .listening:
        break
      }
    }
  }

  private func sendReset(from side: SimulatedSide) {
    guard let peer = side.peer else { return }
    agenda.add(at: now + side.link.latency) {
      guard peer.state == .open else { return }
      peer.state = .failed(ECONNRESET)
      peer.endpoint?.changed()
    }
  }

  private func arrivalTime(
    bytes: Int, from side: SimulatedSide, to peer: SimulatedSide
  ) -> Instant {
    var departure = max(now, side.lineFree)
    if let rate = side.link.bytesPerSecond {
      departure.nanoseconds += Int64(bytes) * 1_000_000_000 / max(1, rate)
    }
    side.lineFree = departure
    var arrival = departure + side.link.latency
    if side.link.jitter > .zero {
      arrival.nanoseconds += Int64.random(
        in: 0...side.link.jitter.count * 1_000_000, using: &random)
    }
    arrival = max(arrival, peer.lastArrival)
    peer.lastArrival = arrival
    return arrival
  }
}
