public import Bytes
import Glibc
public import Loop

/// The network of one simulated worker: what `KernelNetwork` does, in a `SimulatedWorld`.
public final class SimulatedNetwork: Network {
  private struct Watched {
    let side: SimulatedSide
    let token: Token
    var interest: Readiness

    var readiness: Readiness {
      var ready: Readiness = []
      if side.isReadable { ready.insert(.readable) }
      if side.isWritable { ready.insert(.writable) }
      return ready.intersection(interest)
    }
  }

  private let world: SimulatedWorld
  private var watched: [Int32: Watched] = [:]
  private var order: [Int32] = []

  /// Makes a worker's network in `world`.
  public init(world: SimulatedWorld) {
    self.world = world
    super.init(wakeup: .simulated())
  }

  /// Opens a listening socket of the node at `address`; several share it as with `SO_REUSEPORT`.
  public func listen(_ address: SocketAddress, isShared: Bool = false) -> ListeningSocket {
    let side = world.addListener(address)
    return ListeningSocket(
      socket: Socket(descriptor: side.number), address: address, isShared: isShared)
  }

  /// A watched socket is ready for what it is watched for.
  var hasReadySocket: Bool { watched.values.contains { !$0.readiness.isEmpty } }

  public override func accept(_ listener: Socket) -> Acceptance {
    let side = world.side(listener)
    guard !side.backlog.isEmpty else { return .wait }
    if let code = world.acceptFailure { return .failed(code) }
    return .accepted(side.backlog.removeFirst())
  }

  public override func read(
    _ socket: Socket, into buffer: UnsafeMutableRawBufferPointer
  ) -> Transfer {
    let (outcome, bytes) = world.receive(world.side(socket), limit: buffer.count)
    buffer.copyBytes(from: bytes)
    return outcome
  }

  public override func write(
    _ socket: Socket, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>, more: Bool
  ) -> Transfer {
    let side = world.side(socket)
    var moved = 0
    for piece in pieces where !piece.isEmpty {
      switch world.send(piece, from: side) {
      case .moved(let count):
        moved += count
        if count < piece.count { return .moved(moved) }
      case let outcome:
        return moved > 0 ? .moved(moved) : outcome
      }
    }
    return .moved(moved)
  }

  public override func sendFile(
    _ socket: Socket, descriptor: Int32, offset: Int, count: Int
  ) -> Transfer {
    guard count > 0 else { return .moved(0) }
    let side = world.side(socket)
    let room = min(count, max(1, side.peer?.room ?? 0), LoopLimits.bytesPerSendFile)
    var bytes = [UInt8](repeating: 0, count: room)
    let found = pread(descriptor, &bytes, room, off_t(offset))
    guard found > 0 else { return .failed(found < 0 ? errno : EIO) }
    return bytes.withUnsafeBytes {
      world.send(UnsafeRawBufferPointer(rebasing: $0[..<found]), from: side)
    }
  }

  public override func connect(to address: SocketAddress) throws(SystemError) -> Socket {
    Socket(descriptor: world.startConnect(to: address, from: nil).number)
  }

  public override func connectResult(_ socket: Socket) -> Int32 {
    if case .failed(let code) = world.side(socket).state { return code }
    return 0
  }

  public override func watch(_ socket: Socket, for token: Token) {
    precondition(watched[socket.descriptor] == nil, "the socket is watched already")
    watched[socket.descriptor] = Watched(
      side: world.side(socket), token: token, interest: .readable)
    order.append(socket.descriptor)
  }

  public override func setInterest(_ socket: Socket, _ interest: Readiness) {
    precondition(watched[socket.descriptor] != nil, "an unwatched socket's interest was changed")
    watched[socket.descriptor]?.interest = interest
  }

  public override func finishWriting(_ socket: Socket) { world.finish(world.side(socket)) }

  public override func close(_ socket: Socket) {
    stopWatching(socket)
    world.close(world.side(socket))
  }

  public override func reset(_ socket: Socket) {
    stopWatching(socket)
    world.reset(world.side(socket))
  }

  public override func wait(until deadline: Instant?, into events: inout [ReadyEvent]) {
    while true {
      collect(into: &events)
      if !events.isEmpty || wakeup.hasNotice || !world.movesTimeInWait { return }
      if let deadline, deadline <= world.now { return }
      let happened = world.step(until: deadline)
      precondition(happened || deadline != nil, "the worker would wait for ever")
    }
  }

  public override func instant() -> Instant { world.now }

  public override func wallTime() -> WallTime { world.wall }

  private func stopWatching(_ socket: Socket) {
    guard watched.removeValue(forKey: socket.descriptor) != nil else { return }
    order.removeAll { $0 == socket.descriptor }
  }

  /// Level-triggered, in an order by the world's seed: nobody may rely on one.
  private func collect(into events: inout [ReadyEvent]) {
    var ready: [ReadyEvent] = []
    for number in order {
      guard let watch = watched[number], !watch.readiness.isEmpty else { continue }
      ready.append(ReadyEvent(token: watch.token, readiness: watch.readiness))
    }
    if ready.count > 1 { ready.shuffle(using: &world.random) }
    events.append(contentsOf: ready)
  }
}
