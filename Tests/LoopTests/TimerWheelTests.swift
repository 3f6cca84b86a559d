import Bytes
import Loop
import Testing

/// Instants `milliseconds` after the start of a test's clock.
private func at(_ milliseconds: Int64) -> Instant {
  Instant(nanoseconds: 5_000_000_000) + Milliseconds(milliseconds)
}

private func token(_ bits: UInt64) -> Token { Token(bits: bits) }

extension TimerWheel {
  fileprivate func expire(_ now: Instant) -> [UInt64] {
    advance(to: now)
    var expired: [UInt64] = []
    while let token = popExpired() { expired.append(token.bits) }
    return expired
  }
}

@Suite struct `A timer wheel` {
  @Test func `reports a timer once, at its deadline or one tick later, never before`() {
    let wheel = TimerWheel(now: at(0))

    let id = wheel.set(at(25), for: token(7))

    #expect(wheel.nextDeadline == at(30))
    #expect(wheel.expire(at(24)).isEmpty)
    #expect(wheel.expire(at(29)).isEmpty)
    #expect(wheel.expire(at(30)) == [7])
    #expect(wheel.expire(at(500)).isEmpty)
    #expect(!wheel.isSet(id))
    #expect(wheel.count == 0)
    #expect(wheel.nextDeadline == nil)
  }

  @Test func `keeps hours apart from milliseconds`() {
    let wheel = TimerWheel(now: at(0))
    let hour: Int64 = 3_600_000

    _ = wheel.set(at(12 * hour), for: token(12))
    _ = wheel.set(at(hour), for: token(1))
    _ = wheel.set(at(10), for: token(0))

    #expect(wheel.expire(at(10)) == [0])
    var now: Int64 = 10
    while now < hour - 10_000 {
      now += 10_000
      #expect(wheel.expire(at(now)).isEmpty)
    }
    #expect(wheel.expire(at(hour)) == [1])
    #expect(wheel.expire(at(12 * hour - 10)).isEmpty)
    #expect(wheel.expire(at(12 * hour)) == [12])
  }

  @Test func `comes to each timer of a long round by following its next deadline`() {
    let wheel = TimerWheel(now: at(0))
    _ = wheel.set(at(200_000), for: token(1))

    var wakings = 0
    var reported: [UInt64] = []
    while let next = wheel.nextDeadline {
      wakings += 1
      reported += wheel.expire(next)
    }

    #expect(reported == [1])
    #expect(wakings <= 6)
  }

  @Test func `moves a timer later without reporting the old deadline`() {
    let wheel = TimerWheel(now: at(0))
    let id = wheel.set(at(100), for: token(1))

    #expect(wheel.move(id, to: at(300)))

    #expect(wheel.expire(at(200)).isEmpty)
    #expect(wheel.nextDeadline == at(300))
    #expect(wheel.expire(at(300)) == [1])
    #expect(!wheel.move(id, to: at(400)))
  }

  @Test func `moves a timer earlier`() {
    let wheel = TimerWheel(now: at(0))
    let id = wheel.set(at(30_000), for: token(1))

    wheel.move(id, to: at(50))

    #expect(wheel.nextDeadline == at(50))
    #expect(wheel.expire(at(50)) == [1])
  }

  @Test func `does not report a timer that is cancelled in the tick it has come up`() {
    let wheel = TimerWheel(now: at(0))
    _ = wheel.set(at(50), for: token(1))
    let second = wheel.set(at(50), for: token(2))
    let third = wheel.set(at(50), for: token(3))

    wheel.advance(to: at(50))
    let first = wheel.popExpired()
    wheel.cancel(second)
    wheel.move(third, to: at(90))

    #expect(first == token(1))
    #expect(wheel.popExpired() == nil)
    #expect(wheel.expire(at(90)) == [3])
  }

  @Test func `leaves a later timer alone when an old name in its place is cancelled`() {
    let wheel = TimerWheel(now: at(0))
    let old = wheel.set(at(10), for: token(1))
    #expect(wheel.expire(at(10)) == [1])
    let new = wheel.set(at(50), for: token(2))

    wheel.cancel(old)
    wheel.cancel(.none)

    #expect(wheel.isSet(new))
    #expect(wheel.expire(at(50)) == [2])
  }

  @Test func `reports a deadline of the past in the next tick`() {
    let wheel = TimerWheel(now: at(1000))

    _ = wheel.set(at(0), for: token(1))
    _ = wheel.set(.distantFuture, for: token(2))

    #expect(wheel.expire(at(1010)) == [1])
    #expect(wheel.count == 1)
  }

  @Test func `catches up after a jump of many rounds`() {
    let wheel = TimerWheel(now: at(0))
    for number in 0..<100 { _ = wheel.set(at(Int64(number) * 1_000), for: token(UInt64(number))) }

    let reported = wheel.expire(at(86_400_000))

    #expect(Set(reported) == Set(0..<100))
    #expect(wheel.count == 0)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `agrees with a list of deadlines, whatever is done to it`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let wheel = TimerWheel(now: at(0))
    var model: [UInt64: (id: TimerID, tick: Int64)] = [:]
    var now: Int64 = 0
    var next: UInt64 = 0
    func dueTick(_ deadline: Int64) -> Int64 { max((deadline + 9) / 10, now / 10 + 1) }
    func someDeadline() -> Int64 {
      let span: Int64 = [50, 2_000, 40_950, 41_000, 500_000].randomElement(using: &random) ?? 50
      return now + Int64.random(in: -20...span, using: &random)
    }

    for _ in 0..<4_000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4:
        let deadline = someDeadline()
        model[next] = (wheel.set(at(deadline), for: token(next)), dueTick(deadline))
        next += 1
      case 4..<6:
        guard let key = model.keys.sorted().randomElement(using: &random) else { continue }
        let deadline = someDeadline()
        #expect(model[key].map { wheel.move($0.id, to: at(deadline)) } == true)
        model[key]?.tick = dueTick(deadline)
      case 6:
        guard let key = model.keys.sorted().randomElement(using: &random) else { continue }
        if let entry = model.removeValue(forKey: key) { wheel.cancel(entry.id) }
      default:
        let far = Int.random(in: 0..<200, using: &random) == 0
        now += Int64.random(in: 0...(far ? 100_000 : 30), using: &random)
        let expected = model.filter { $0.value.tick <= now / 10 }.keys
        if let next = wheel.nextDeadline, let first = model.values.map(\.tick).min() {
          #expect(next <= at(first * 10))
        }
        #expect(Set(wheel.expire(at(now))) == Set(expected))
        for key in Array(expected) { model.removeValue(forKey: key) }
      }
      #expect(wheel.count == model.count)
    }
  }
}
