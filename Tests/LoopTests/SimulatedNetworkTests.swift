import Bytes
import Glibc
import Loop
import TestKit
import Testing

private let address = SocketAddress.loopback(port: 80)
private let listening = Token(bits: 0)

/// A worker that sends back what it reads, with back-pressure.
private final class Echo: LoopDriver {
  var listener: Listener?
  var sockets: [UInt64: Socket] = [:]
  var waiting: [UInt64: [UInt8]] = [:]
  var log: [String] = []
  private var next: UInt64 = 1

  override func socketReady(_ event: ReadyEvent, loop: EventLoop) {
    if event.token == listening { return accept(loop) }
    guard let socket = sockets[event.token.bits] else { return }
    let key = event.token.bits
    if waiting[key, default: []].isEmpty {
      var bytes = [UInt8](repeating: 0, count: 4096)
      switch bytes.withUnsafeMutableBytes({ loop.network.read(socket, into: $0) }) {
      case .moved(let count):
        log.append("\(loop.index) \(key) read \(count)")
        waiting[key] = Array(bytes[..<count])
      case .wait:
        return
      case .end:
        log.append("\(loop.index) \(key) end")
        sockets[key] = nil
        return loop.network.close(socket)
      case .failed(let code):
        log.append("\(loop.index) \(key) failed \(code)")
        sockets[key] = nil
        return loop.network.close(socket)
      }
    }
    if case .moved(let count) = loop.network.send(socket, [waiting[key] ?? []]) {
      waiting[key]?.removeFirst(count)
    }
    let isBlocked = !(waiting[key] ?? []).isEmpty
    loop.network.setInterest(socket, isBlocked ? .writable : .readable)
  }

  private func accept(_ loop: EventLoop) {
    var accepted: [Accepted] = []
    listener?.accept(into: &accepted, loop: loop)
    for connection in accepted {
      sockets[next] = connection.socket
      loop.network.watch(connection.socket, for: Token(bits: next))
      next += 1
    }
  }
}

/// `count` echoing workers in one world, all listening on one address.
private func makeWorkers(_ count: Int, in world: SimulatedWorld) -> [(EventLoop, Echo)] {
  (0..<count).map { index in
    let network = SimulatedNetwork(world: world)
    let echo = Echo()
    let loop = EventLoop(index: index, network: network, driver: echo)
    echo.listener = Listener(network.listen(address), token: listening, loop: loop)
    return (loop, echo)
  }
}

/// Twenty viewers echo through two workers over a rough link; what happened, in order.
private func roughRun(seed: UInt64) -> [String] {
  let world = SimulatedWorld(seed: seed)
  world.link.jitter = Milliseconds(5)
  world.link.segmentBytesMax = 700
  world.link.segmentsAreRandom = true
  world.link.bufferBytes = 1000
  world.link.bytesPerSecond = 1_000_000
  let workers = makeWorkers(2, in: world)
  let text = [UInt8]((0..<5_000).map { UInt8(truncatingIfNeeded: $0) })
  let viewers = (0..<20).map { _ in world.connect(to: address) }

  for viewer in viewers { viewer.send(text) }
  let outcome = world.run(workers.map(\.0)) { viewers.allSatisfy { $0.received.count == 5_000 } }

  #expect(outcome == .met)
  #expect(viewers.allSatisfy { $0.received == text })
  return ["\(world.now)"] + workers.flatMap { $0.1.log }
}

@Suite struct `A simulated network` {
  @Test func `carries bytes both ways, and gives the same run for the same seed`() {
    let first = roughRun(seed: 7)
    let second = roughRun(seed: 7)
    let third = roughRun(seed: 8)

    #expect(first == second)
    #expect(first != third)
  }

  @Test func `serves one loop that runs by itself, in virtual time`() {
    let world = SimulatedWorld(seed: 1)
    let (loop, _) = makeWorkers(1, in: world)[0]
    let started = world.now
    let viewer = world.connect(to: address)
    viewer.onChange = { if $0.received.count == 5 { loop.stop() } }

    viewer.send("hello")
    loop.run()
    world.end()

    #expect(viewer.text == "hello")
    #expect(world.now - started == Milliseconds(4))
  }

  @Test func `hands over one byte at a time`() {
    let world = SimulatedWorld(seed: 1)
    world.links[address] = .oneByteAtATime
    let workers = makeWorkers(1, in: world)
    let viewer = world.connect(to: address)

    viewer.send("hello")
    _ = world.run(workers.map(\.0)) { viewer.text == "hello" }

    #expect(workers[0].1.log == Array(repeating: "0 1 read 1", count: 5))
  }

  @Test func `takes time for bytes by its bandwidth`() {
    let world = SimulatedWorld(seed: 1)
    world.link.bytesPerSecond = 10_000
    let workers = makeWorkers(1, in: world)
    let viewer = world.connect(to: address)
    let started = world.now

    viewer.send([UInt8](repeating: 0, count: 10_000))
    let outcome = world.run(workers.map(\.0)) { viewer.received.count == 10_000 }

    #expect(outcome == .met)
    #expect(world.now - started >= .seconds(2))
  }

  @Test func `makes the node wait for a viewer that does not read`() {
    let world = SimulatedWorld(seed: 1)
    world.link.bufferBytes = 100
    let workers = makeWorkers(1, in: world)
    let viewer = world.connect(to: address)
    viewer.isReadingPaused = true
    viewer.send([UInt8](repeating: 1, count: 1_000))

    let stuck = world.run(workers.map(\.0)) { false }
    let unsent = viewer.unsentBytes
    viewer.isReadingPaused = false
    let freed = world.run(workers.map(\.0)) { viewer.received.count == 1_000 }

    #expect(stuck == .idle)
    #expect(unsent > 0)
    #expect(freed == .met)
  }

  @Test func `refuses, never answers, and resets`() throws {
    let world = SimulatedWorld(seed: 1)
    let network = SimulatedNetwork(world: world)
    let driver = ScriptedDriver()
    let loop = EventLoop(index: 0, network: network, driver: driver)
    let silent = SocketAddress.loopback(port: 81)
    let origin = SocketAddress.loopback(port: 82)
    world.blackholes = [silent]
    let acceptor = world.listen(origin)
    acceptor.onAccept = { endpoint in
      endpoint.send("begun")
      world.after(Milliseconds(20)) { endpoint.reset() }
    }

    var sockets: [Socket] = []
    for (number, target) in [address, silent, origin].enumerated() {
      let socket = try network.connect(to: target)
      network.watch(socket, for: Token(bits: UInt64(number)))
      network.setInterest(socket, .writable)
      sockets.append(socket)
    }
    driver.onReady = { event, loop in
      loop.network.setInterest(sockets[Int(event.token.bits)], [])
    }
    defer { world.end() }
    let outcome = world.run([loop]) { driver.ready.count == 2 }
    let results = sockets.map { network.connectResult($0) }
    let later = world.run([loop], limit: .seconds(1)) { driver.ready.count == 3 }

    #expect(outcome == .met)
    #expect(later == .idle)
    #expect(Set(driver.ready.map(\.token.bits)) == [0, 2])
    #expect(results == [ECONNREFUSED, 0, 0])
    #expect(network.receive(sockets[2]) == Array("begun".utf8))
    #expect(network.send(sockets[2], "x") == .failed(EPIPE))
    var byte: UInt8 = 0
    #expect(
      withUnsafeMutableBytes(of: &byte) { network.read(sockets[2], into: $0) }
        == .failed(ECONNRESET))
  }

  @Test func `lets one side end while the other goes on`() {
    let world = SimulatedWorld(seed: 1)
    let workers = makeWorkers(1, in: world)
    let viewer = world.connect(to: address)

    viewer.send("last words")
    viewer.finish()
    let outcome = world.run(workers.map(\.0)) { viewer.isEnded }

    #expect(outcome == .met)
    #expect(viewer.text == "last words")
    #expect(workers[0].1.log == ["0 1 read 10", "0 1 end"])
  }

  @Test func `sends a file's bytes from a real descriptor`() throws {
    let world = SimulatedWorld(seed: 1)
    let network = SimulatedNetwork(world: world)
    let origin = world.listen(address)
    let socket = try network.connect(to: address)
    let file = memfd_create("test", 0)
    #expect(write(file, "0123456789", 10) == 10)
    while world.step() {}

    let outcome = network.sendFile(socket, descriptor: file, offset: 2, count: 5)
    let beyond = network.sendFile(socket, descriptor: file, offset: 10, count: 1)
    while world.step() {}

    #expect(outcome == .moved(5))
    #expect(beyond == .failed(EIO))
    #expect(origin.endpoints[0].text == "23456")
    close(file)
  }

  @Test func `wakes a worker that another one has posted to`() throws {
    let world = SimulatedWorld(seed: 1)
    let workers = makeWorkers(2, in: world)
    let loops = workers.map(\.0)
    #expect(world.run(loops) { false } == .idle)
    let turns = loops[1].turns

    loops[1].network.wakeup.wake()
    #expect(world.run(loops) { false } == .idle)

    #expect(loops[1].turns == turns + 1)
  }
}
