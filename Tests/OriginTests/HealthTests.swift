import Bytes
import Testing

@testable import Origin

private let start = Instant(nanoseconds: 1_000_000_000_000)

private func after(_ milliseconds: Int64) -> Instant { start + Milliseconds(milliseconds) }

@Suite struct `The health of a server` {
  @Test func `is suspect after one failure, and cleared by one good answer`() {
    var health = Health()
    health.failed(at: start, isTrial: false)
    #expect(health.state == .suspect && !health.mayBeTried(at: after(999)))

    let isTried = health.beginTrial(at: after(1000))
    #expect(isTried && !health.mayBeTried(at: after(1000)))
    health.succeeded(at: after(1001), isTrial: true)
    #expect(
      health.state == .healthy && health.failures == 0 && health.share(at: after(1001)) == 1000)
  }

  @Test func `counts failures side by side once, and waits longer each time`() {
    var health = Health()
    for _ in 0..<50 { health.failed(at: start, isTrial: false) }
    #expect(health.failures == 1 && health.wait(at: start) == 1000)

    health.failed(at: after(1000), isTrial: true)
    #expect(health.wait(at: after(1000)) == 2000 && health.state == .suspect)
    health.failed(at: after(3000), isTrial: true)
    #expect(health.wait(at: after(3000)) == 4000 && health.state == .down)
    health.failed(at: after(7000), isTrial: true)
    health.failed(at: after(12_000), isTrial: true)
    #expect(health.wait(at: after(12_000)) == 5000)
  }

  @Test func `is up again after three good answers, its share by and by`() {
    var health = Health()
    for trial in [0, 1000, 3000] as [Int64] { health.failed(at: after(trial), isTrial: true) }
    #expect(health.state == .down)

    for number in 0..<3 {
      #expect(health.state != .healthy)
      let isTried = health.beginTrial(at: after(7000))
      #expect(isTried, "answer \(number)")
      #expect(health.state == .halfOpen)
      health.succeeded(at: after(7000), isTrial: true)
    }
    #expect(health.state == .healthy)
    #expect(health.share(at: after(7000)) == 50)
    #expect(health.share(at: after(12_000)) == 500 && health.share(at: after(17_000)) == 1000)
  }

  @Test func `is down at once when it fails again half open`() {
    var health = Health()
    for trial in [0, 1000, 3000] as [Int64] { health.failed(at: after(trial), isTrial: true) }
    for _ in 0..<2 {
      _ = health.beginTrial(at: after(7000))
      health.succeeded(at: after(7000), isTrial: true)
    }
    _ = health.beginTrial(at: after(7001))
    health.failed(at: after(7001), isTrial: true)

    #expect(health.state == .down && !health.mayBeTried(at: after(7002)))
    _ = health.beginTrial(at: after(12_001))
    health.succeeded(at: after(12_001), isTrial: true)
    #expect(health.state == .halfOpen, "the good answers before count no more")
  }

  @Test func `takes five error answers in a row for a failure, and one path's for none`() {
    var mixed = Health()
    for _ in 0..<20 {
      for _ in 0..<4 { mixed.answeredError(at: start, isTrial: false) }
      mixed.succeeded(at: start, isTrial: false)
    }
    #expect(mixed.state == .healthy)

    var sick = Health()
    for _ in 0..<5 { sick.answeredError(at: start, isTrial: false) }
    #expect(sick.state == .suspect)
  }

  @Test func `gives the permit back when a trial tells nothing`() {
    var health = Health()
    health.failed(at: start, isTrial: false)
    let isTried = health.beginTrial(at: after(1000))
    health.endTrial()

    let isTriedAgain = health.beginTrial(at: after(1000))
    #expect(isTried && isTriedAgain)
  }

  @Test func `is down after two failed probes in a row, and not after one`() {
    var health = Health(probes: Health.ProbeRule(fall: 2, rise: 3))
    probe(&health, passes: false, at: 0)
    #expect(health.state == .healthy)

    probe(&health, passes: true, at: 1000)
    probe(&health, passes: false, at: 2000)
    #expect(health.state == .healthy, "they were not in a row")
    probe(&health, passes: false, at: 3000)
    #expect(health.state == .down && health.failures == 2)
  }

  @Test func `is up again after three passed probes, and fetches never try it`() {
    var health = Health(probes: Health.ProbeRule(fall: 2, rise: 3))
    for second in 0..<2 { probe(&health, passes: false, at: Int64(second) * 1000) }

    for second in 2..<5 {
      let isTried = health.beginTrial(at: after(Int64(second) * 1000))
      #expect(!isTried && health.state != .healthy)
      probe(&health, passes: true, at: Int64(second) * 1000)
    }
    #expect(health.state == .healthy && health.share(at: after(4000)) == 50)
  }

  @Test func `is not brought up by fetches that had no better choice`() {
    var health = Health(probes: Health.ProbeRule(fall: 2, rise: 3))
    for second in 0..<2 { probe(&health, passes: false, at: Int64(second) * 1000) }

    for _ in 0..<10 { health.succeeded(at: after(2000), isTrial: false) }
    #expect(health.state == .down)
    probe(&health, passes: true, at: 3000)
    probe(&health, passes: true, at: 4000)
    health.failed(at: after(4500), isTrial: false)
    #expect(health.state == .down, "a fetch that fails ends the row")
    probe(&health, passes: true, at: 5000)
    #expect(health.state == .halfOpen)
  }

  @Test func `is down although it passes probes when it fails fetches again and again`() {
    var health = Health(probes: Health.ProbeRule(fall: 2, rise: 3))
    health.failed(at: start, isTrial: false)
    probe(&health, passes: true, at: 500)
    #expect(health.state == .suspect, "the pause is not over")
    probe(&health, passes: true, at: 1000)
    #expect(health.state == .healthy)

    health.failed(at: after(1100), isTrial: false)
    probe(&health, passes: true, at: 3100)
    health.failed(at: after(3200), isTrial: false)
    #expect(health.state == .down)
  }

  private func probe(_ health: inout Health, passes: Bool, at milliseconds: Int64) {
    let begins = health.beginProbe()
    let beginsTwice = health.beginProbe()
    #expect(begins && !beginsTwice)
    if passes {
      health.probeSucceeded(at: after(milliseconds))
    } else {
      health.probeFailed(at: after(milliseconds))
    }
  }

  /// Never a fetch that tries it, never two probes at a time, never up from down without `rise`
  /// passed probes since it last failed in any way.
  @Test(arguments: 0..<200)
  func `keeps its rules with probes whatever happens`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let rule = Health.ProbeRule(fall: 1 + Int(seed % 3), rise: 1 + Int(seed / 3 % 4))
    var health = Health(probes: rule)
    var now: Int64 = 0
    var isProbed = false
    var failedInRow = 0
    var passedSinceDown = 0
    for _ in 0..<500 {
      now += Int64(random.next() % 1500)
      let before = health.state
      switch random.next() % 6 {
      case 0:
        let begins = health.beginProbe()
        #expect(begins == !isProbed, "two probes at a time")
        isProbed = true
      case 1 where isProbed:
        isProbed = false
        health.probeSucceeded(at: after(now))
        failedInRow = 0
        passedSinceDown += 1
      case 2 where isProbed:
        isProbed = false
        health.probeFailed(at: after(now))
        failedInRow += 1
        #expect(failedInRow < rule.fall || health.state == .down)
      case 3: health.failed(at: after(now), isTrial: false)
      case 4: health.answeredError(at: after(now), isTrial: false)
      default: health.succeeded(at: after(now), isTrial: false)
      }
      let isTried = health.beginTrial(at: after(now))
      #expect(!isTried, "a fetch tries it")
      if health.state == .down { passedSinceDown = 0 }
      if health.state == .healthy, before == .down || before == .halfOpen {
        #expect(passedSinceDown >= rule.rise, "up too early")
      }
      if before == .down || before == .halfOpen { #expect(health.state != .suspect) }
    }
  }

  /// Never two trials at a time, never up from down without three good answers since.
  @Test(arguments: 0..<200)
  func `keeps its rules whatever happens`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var health = Health()
    var now: Int64 = 0
    var trials = 0
    var goodSinceDown = 0
    for _ in 0..<500 {
      now += Int64(random.next() % 1500)
      let before = health.state
      let isTrial = trials > 0 && random.next() % 2 == 0
      switch random.next() % 5 {
      case 0, 1:
        if health.beginTrial(at: after(now)) { trials += 1 }
      case 2:
        health.succeeded(at: after(now), isTrial: isTrial)
        if isTrial { trials -= 1 }
        goodSinceDown += 1
      case 3:
        health.failed(at: after(now), isTrial: isTrial)
        if isTrial { trials -= 1 }
      default:
        health.answeredError(at: after(now), isTrial: isTrial)
        if isTrial { trials -= 1 }
      }
      #expect((0...1).contains(trials), "two trials at a time")
      if health.state == .down { goodSinceDown = 0 }
      if health.state == .healthy, before == .down || before == .halfOpen {
        #expect(goodSinceDown >= 3, "up too early")
      }
      if health.state == .healthy { #expect(!health.mayBeTried(at: after(now))) }
    }
  }
}

@Suite struct `The board of a node` {
  @Test func `knows one server under one place, and gives one permit to all workers`() {
    let board = HealthBoard()
    let places = [
      board.place(host: "a", port: 80), board.place(host: "b", port: 80),
      board.place(host: "a", port: 80),
    ]
    #expect(places == [0, 1, 0])

    board.note(.failure, of: 0, at: start, isTrial: false)
    #expect(board.view(of: [0, 1], at: start).sound == 0b10)
    #expect(board.view(of: [0, 1], at: after(1000)).open == 0b01)
    let trials = (0..<2).map { _ in
      board.ask([0, 1], at: after(1000), mayTry: true) { _ in 0 }?.isTrial
    }
    #expect(trials == [true, false])
    board.note(.nothing, of: 0, at: after(1000), isTrial: true)
    #expect(board.view(of: [0, 1], at: after(1000)).open == 0b01)
    #expect(board.view(of: [0, 1], at: after(1000)).running == [2, 0])
  }

  @Test func `puts the least bad first`() {
    let board = HealthBoard()
    let places = ["a", "b", "::1"].map { board.place(host: $0, port: 80) }
    for place in places { board.note(.failure, of: place, at: after(Int64(place)), isTrial: false) }
    board.note(.failure, of: 0, at: after(2000), isTrial: true)

    #expect(board.view(of: places, at: after(2000)).leastBad == [1, 2, 0])
    #expect(board.rows(at: after(2000)).map(\.name) == ["a:80", "b:80", "[::1]:80"])
    #expect(board.rows(at: after(2000))[0].state == .suspect)
  }
}
