import Bytes
import Policy
import Testing

@testable import Origin

@Suite struct `Servers that share an origin's fetches` {
  private static let sharing: [OriginSettings.Policy] = [.roundRobin, .leastLatency, .hash]

  private func choice(
    _ policy: OriginSettings.Policy, weights: [Int], backups: Int = 0
  ) -> ServerChoice {
    let candidates = (weights + Array(repeating: 1, count: backups)).enumerated().map {
      ServerChoice.Candidate(
        weight: $1, isBackup: $0 >= weights.count, name: UInt64($0 + 1) &* 0x9E37_79B9_7F4A_7C15)
    }
    return ServerChoice(policy: policy, candidates: candidates, seed: 7)
  }

  /// Sound servers by bits; all others are bad, the first the least.
  private func view(_ count: Int, sound: ServerSet, running: [Int] = []) -> HealthBoard.View {
    HealthBoard.View(
      sound: sound, leastBad: (0..<count).filter { !sound.contains($0) },
      running: running)
  }

  private func pick(
    _ choice: inout ServerChoice, _ view: HealthBoard.View, key: UInt64, tried: ServerSet = []
  ) -> Int? {
    var source = RandomSource(seed: key)
    return choice.next(tried: tried, view, mayTry: true, keyHash: source.next())
  }

  @Test func `get the keys that are theirs, in proportion to their weights`() {
    var choice = choice(.hash, weights: [1, 2, 1])
    var counts = [0, 0, 0]
    for key in 0..<4000 as Range<UInt64> {
      let first = pick(&choice, view(3, sound: 0b111), key: key)
      let again = pick(&choice, view(3, sound: 0b111), key: key)
      #expect(first == again)
      if let first { counts[first] += 1 }
    }

    #expect((900...1100).contains(counts[0]) && (1900...2100).contains(counts[1]))
  }

  @Test func `keep their keys when one goes away, and share out its own`() {
    var choice = choice(.hash, weights: [1, 1, 1, 1])
    var moved = [0, 0, 0, 0]
    for key in 0..<2000 as Range<UInt64> {
      let before = pick(&choice, view(4, sound: 0b1111), key: key)
      let after = pick(&choice, view(4, sound: 0b1011), key: key)
      let retried = pick(&choice, view(4, sound: 0b1111), key: key, tried: 0b0100)
      #expect(before == 2 || before == after)
      #expect(after == retried)
      if before == 2, let after { moved[after] += 1 }
    }

    #expect(moved[2] == 0 && moved.allSatisfy { $0 < 240 })
    #expect([0, 1, 3].allSatisfy { moved[$0] > 100 })
  }

  @Test func `are never loaded with more than their bound by a hot key`() {
    var choice = choice(.hash, weights: [1, 1, 1, 1])
    var running = [0, 0, 0, 0]
    for count in 1...400 {
      guard let server = pick(&choice, view(4, sound: 0b1111, running: running), key: 5) else {
        continue
      }
      running[server] += 1
      let bound = (count * OriginLimits.hashLoadPercent + 399) / 400
      #expect(running.allSatisfy { $0 <= bound }, "with \(count) fetches")
    }
  }

  @Test func `are asked as they are fast, busy and heavy`() {
    var choice = choice(.leastLatency, weights: [1, 1, 4])
    var fast = view(3, sound: 0b011)
    fast.latencies = [80_000, 20_000, 0]
    var busy = fast
    busy.running = [0, 9, 0]
    var heavy = view(3, sound: 0b101)
    heavy.latencies = [30_000, 0, 90_000]

    for key in 0..<50 as Range<UInt64> {
      #expect(pick(&choice, fast, key: key) == 1)
      #expect(pick(&choice, busy, key: key) == 0)
      #expect(pick(&choice, heavy, key: key) == 2)
    }
  }

  @Test func `are drawn by lot in pairs, so that the fastest does not get all`() {
    var choice = choice(.leastLatency, weights: [1, 1, 1])
    var view = view(3, sound: 0b111)
    view.latencies = [10_000, 20_000, 30_000]
    var counts = [0, 0, 0]

    for key in 0..<3000 as Range<UInt64> {
      if let server = pick(&choice, view, key: key) { counts[server] += 1 }
    }

    #expect((1850...2150).contains(counts[0]) && (850...1150).contains(counts[1]))
    #expect(counts[2] == 0)
  }

  @Test(arguments: sharing)
  func `get little at first after one came up again`(policy: OriginSettings.Policy) {
    var choice = choice(policy, weights: [1, 1])
    var view = view(2, sound: 0b11)
    view.shares = [1000, 100]
    var counts = [0, 0]

    for key in 0..<2000 as Range<UInt64> {
      if let server = pick(&choice, view, key: key) { counts[server] += 1 }
    }

    #expect((30...300).contains(counts[1]))
  }

  @Test(arguments: sharing)
  func `use backups only when no primary is good`(policy: OriginSettings.Policy) {
    var choice = choice(policy, weights: [1, 1], backups: 1)

    for key in 0..<50 as Range<UInt64> {
      #expect(pick(&choice, view(3, sound: 0b111), key: key) != 2)
      #expect(pick(&choice, view(3, sound: 0b101), key: key) == 0)
      #expect(pick(&choice, view(3, sound: 0b100), key: key) == 2)
      #expect(pick(&choice, view(3, sound: 0b000), key: key) == 0)
    }
  }

  @Test(arguments: sharing)
  func `are left out by half at most`(policy: OriginSettings.Policy) {
    var choice = choice(policy, weights: [1, 1, 1, 1, 1])
    var seen: Set<Int> = []
    for key in 0..<500 as Range<UInt64> {
      if let server = pick(&choice, view(5, sound: 0b10000), key: key) { seen.insert(server) }
    }
    var careful: Set<Int?> = []
    for _ in 0..<50 {
      careful.insert(choice.next(tried: 0, view(5, sound: 0b10000), mayTry: false))
    }

    // Of five two may be left out; the least bad of the others are the first two.
    #expect(seen == [0, 1, 4])
    // What cannot go on elsewhere is not sent to a bad one.
    #expect(careful == [4])
  }
}

@Suite struct `What is known of a server's times` {
  private func after(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000) + Milliseconds(milliseconds)
  }

  @Test func `follows the last ones, and is forgotten`() {
    var latency = Latency()
    #expect(latency.microseconds(at: after(0)) == 0)
    latency.add(40_000, at: after(0))
    #expect(latency.microseconds(at: after(0)) == 40_000)
    for _ in 0..<40 { latency.add(8000, at: after(0)) }

    #expect((7900...8100).contains(latency.microseconds(at: after(9999))))
    #expect(latency.microseconds(at: after(20_000)) < 2100)
    #expect(latency.microseconds(at: after(10_000_000)) == 0)
  }
}

@Suite struct `The board of a node under policies` {
  private struct Asked {
    var server: Int
    var isTrial: Bool
  }

  /// Never two trials of a server at a time, never up from down without three good answers.
  @Test(arguments: OriginSettings.Policy.allCases, 0..<10 as Range<UInt64>)
  func `keeps the rules of health`(policy: OriginSettings.Policy, seed: UInt64) {
    var random = RandomSource(seed: seed)
    let board = HealthBoard()
    let places = (0..<4).map { board.place(host: "s\($0)", port: 80) }
    var choice = ServerChoice(
      policy: policy,
      candidates: (0..<4).map { .init(weight: 1 + $0 % 2, isBackup: $0 == 3, name: UInt64($0)) })
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var running: [Asked] = []
    var good = [0, 0, 0, 0]
    for _ in 0..<400 {
      now = now + Milliseconds(Int64(random.next() % 700))
      let before = board.rows(at: now).map(\.state)
      if random.next() % 2 == 0 || running.isEmpty {
        let key = random.next()
        let mayTry = random.next() % 4 != 0
        let asked = board.ask(places, at: now, mayTry: mayTry) {
          choice.next(tried: 0, $0, mayTry: mayTry, keyHash: key)
        }
        guard let asked else { continue }
        running.append(Asked(server: asked.server, isTrial: asked.isTrial))
      } else {
        let one = running.remove(at: Int(random.next() % UInt64(running.count)))
        let sign = [HealthBoard.Sign.success, .failure, .failure, .nothing, .errorAnswer][
          Int(random.next() % 5)]
        if sign == .success { good[one.server] += 1 }
        board.note(sign, of: one.server, at: now, isTrial: one.isTrial)
        board.left(one.server)
      }
      for (server, row) in board.rows(at: now).enumerated() {
        #expect(running.count { $0.server == server && $0.isTrial } <= 1, "two trials at a time")
        if row.state == .down { good[server] = 0 }
        if row.state == .healthy, [.down, .halfOpen].contains(before[server]) {
          #expect(good[server] >= 3, "up too early")
        }
      }
      #expect(
        board.view(of: places, at: now).running
          == places.map { place in running.count { $0.server == place } })
    }
  }
}
