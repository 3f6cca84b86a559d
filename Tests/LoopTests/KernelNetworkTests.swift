import Bytes
import CLinux
import Glibc
import Loop
import Testing

private let first = Token(bits: 1)
private let second = Token(bits: 2)

@Suite struct `The kernel's network` {
  let network: KernelNetwork
  let driver = ScriptedDriver()
  let loop: EventLoop

  init() throws {
    network = try KernelNetwork()
    loop = EventLoop(index: 0, network: network, driver: driver)
    loop.turn()
  }

  @Test func `reports a readable socket for its token until it is read`() {
    let (near, far) = socketPair()
    network.watch(near, for: first)

    #expect(network.send(far, "hello") == .moved(5))
    loop.turn()
    loop.turn()
    let bytes = network.receive(near)

    #expect(driver.ready.map(\.token) == [first, first])
    #expect(driver.ready.allSatisfy { $0.readiness == .readable })
    #expect(bytes == Array("hello".utf8))
    network.close(near)
    network.close(far)
  }

  @Test func `writes pieces in order with one call, and more of them than one call takes`() {
    let (near, far) = socketPair()
    let pieces = (0..<100).map { [UInt8($0), UInt8($0)] }

    let outcome = network.send(near, pieces)

    #expect(outcome == .moved(LoopLimits.piecesPerWrite * 2))
    #expect(network.receive(far) == Array(pieces.flatMap { $0 }.prefix(128)))
    #expect(network.send(near, [[1], [2, 3], [], [4]]) == .moved(4))
    #expect(network.receive(far) == [1, 2, 3, 4])
    #expect(network.send(near, []) == .moved(0))
    network.close(near)
    network.close(far)
  }

  @Test func `tells a full socket to wait, and reports when there is room`() {
    let (near, far) = socketPair()
    network.watch(near, for: first)
    let block = [UInt8](repeating: 7, count: 65_536)
    while case .moved = network.send(near, [block]) {}

    network.setInterest(near, [.readable, .writable])
    _ = loop.timers.set(loop.now + Milliseconds(20), for: second)
    while driver.expired.isEmpty { loop.turn() }
    let whileFull = driver.ready.count
    while network.receive(far) != nil {}
    loop.turn()

    #expect(whileFull == 0)
    #expect(driver.ready.first?.readiness == .writable)
    network.close(near)
    network.close(far)
  }

  @Test func `is silent about a socket without interest`() {
    let (near, far) = socketPair()
    network.watch(near, for: first)
    _ = network.send(far, "x")

    network.setInterest(near, [])
    _ = loop.timers.set(loop.now + Milliseconds(20), for: second)
    while driver.expired.isEmpty { loop.turn() }

    #expect(driver.ready.isEmpty)
    network.setInterest(near, .readable)
    loop.turn()
    #expect(driver.ready.map(\.token) == [first])
    network.close(near)
    network.close(far)
  }

  @Test func `watches a new socket that got the number of one closed in the same turn`() {
    let (near, far) = socketPair()
    network.watch(near, for: first)
    loop.network.close(near)
    network.close(far)

    let (newNear, newFar) = socketPair()
    network.watch(newNear, for: second)
    _ = network.send(newFar, "x")
    loop.turn()

    #expect(newNear == near)
    #expect(driver.ready.map(\.token) == [second])
    network.close(newNear)
    network.close(newFar)
  }

  @Test func `sends a file's bytes, and calls a file that is too short broken`() throws {
    let (near, far) = socketPair()
    let file = memfd_create("test", 0)
    let content = Array("0123456789".utf8)
    #expect(Glibc.write(file, content, content.count) == 10)

    let middle = network.sendFile(near, descriptor: file, offset: 2, count: 5)
    let beyond = network.sendFile(near, descriptor: file, offset: 10, count: 5)

    #expect(middle == .moved(5))
    #expect(network.receive(far) == Array("23456".utf8))
    #expect(beyond == .failed(EIO))
    network.close(near)
    network.close(far)
    _ = Glibc.close(file)
  }

  @Test func `reports the peer's end, and survives writing to a peer that is gone`() {
    let (near, far) = socketPair()
    network.watch(near, for: first)

    network.finishWriting(far)
    loop.turn()
    let bytes = network.receive(near)
    network.close(far)
    let afterwards = network.send(near, "x")

    #expect(bytes == [])
    #expect(afterwards == .failed(EPIPE))
    network.close(near)
  }

  @Test func `wakes at the earliest timer and keeps it when a later one is set`() {
    let started = Instant.read()
    _ = loop.timers.set(loop.now + Milliseconds(60), for: second)
    _ = loop.timers.set(loop.now + Milliseconds(20), for: first)

    while driver.expired.count < 2 { loop.turn() }

    #expect(driver.expired == [first, second])
    #expect(Instant.read() - started >= Milliseconds(60))
    #expect(loop.turns < 12)
  }

  @Test func `does not wait while work is left`() {
    var left = 3
    driver.onEnd = { _ in
      left -= 1
      return left > 0
    }
    _ = loop.timers.set(loop.now + Milliseconds(60_000), for: first)

    network.wakeup.wake()
    loop.turn()
    loop.turn()
    loop.turn()

    #expect(left == 0)
    #expect(driver.expired.isEmpty)
    #expect(loop.nextDeadline != nil)
  }

  @Test func `counts a turn that takes too long, and names the step when it happens again`() {
    driver.onEnd = { _ in
      let end = Instant.read() + Milliseconds(2)
      while Instant.read() < end {}
      return true
    }

    network.wakeup.wake()
    loop.turn()
    loop.turn()

    #expect(loop.stalls.turns >= 2)
    #expect(loop.stalls.end >= 1)
    #expect(loop.stalls.messages == 0)
  }
}
