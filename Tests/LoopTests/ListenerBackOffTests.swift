import Bytes
import Glibc
import Loop
import TestKit
import Testing

private let listening = Token(bits: 1)

@Suite struct `A listener whose process has no descriptor left` {
  @Test func `rests for a tenth of a second, counts it, and then takes who waited`() {
    let world = SimulatedWorld(seed: 1)
    let network = SimulatedNetwork(world: world)
    let driver = ScriptedDriver()
    let loop = EventLoop(index: 0, network: network, driver: driver)
    let address = SocketAddress.loopback(port: 80)
    let listener = Listener(network.listen(address), token: listening, loop: loop)
    var accepted: [Accepted] = []
    driver.onReady = { _, loop in listener.accept(into: &accepted, loop: loop) }
    driver.onTimer = { _, loop in listener.resume(loop: loop) }
    world.acceptFailure = EMFILE

    let viewer = world.connect(to: address)
    let failed = world.run([loop]) { listener.backOffs == 1 }
    let started = world.now
    let turns = loop.turns
    world.after(Milliseconds(50)) { world.acceptFailure = nil }
    let served = world.run([loop]) { !accepted.isEmpty }

    #expect(failed == .met)
    #expect(served == .met)
    #expect(world.now - started >= LoopLimits.acceptBackOff)
    #expect(loop.turns - turns < 5)
    #expect(listener.backOffs == 1)
    #expect(viewer.isOpen)
  }

  @Test func `takes at most a portion in a turn`() {
    let world = SimulatedWorld(seed: 1)
    let network = SimulatedNetwork(world: world)
    let driver = ScriptedDriver()
    let loop = EventLoop(index: 0, network: network, driver: driver)
    let address = SocketAddress.loopback(port: 80)
    let listener = Listener(network.listen(address), token: listening, loop: loop)
    var portions: [Int] = []
    driver.onReady = { _, loop in
      var accepted: [Accepted] = []
      listener.accept(into: &accepted, loop: loop)
      portions.append(accepted.count)
    }

    let viewers = (0..<100).map { _ in world.connect(to: address) }
    let outcome = world.run([loop]) { listener.accepted == 100 }

    #expect(outcome == .met)
    #expect(viewers.count == 100)
    #expect(portions == [64, 36])
  }
}
