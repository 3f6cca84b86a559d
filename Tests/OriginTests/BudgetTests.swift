import Bytes
import Loop
import Policy
import Telemetry
import Testing

@testable import Origin

@Suite struct `The retry budget of an origin` {
  private func after(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 5_000_000_000_000) + Milliseconds(milliseconds)
  }

  @Test func `gives ten a second at rest, and a fifth of the fetches`() {
    var budget = RetryBudget()
    let atRest = (0..<200).count { _ in budget.take(at: after(0)) }
    for _ in 0..<1000 { budget.began(at: after(20_000)) }
    let busy = (0..<500).count { _ in budget.take(at: after(20_000)) }
    let later = (0..<500).count { _ in budget.take(at: after(40_000)) }

    #expect(atRest == 100 && busy == 300 && later == 100)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `is never exceeded in any ten seconds`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var budget = RetryBudget()
    var fetches: [Int64] = []
    var retries: [Int64] = []
    var now: Int64 = 0
    for _ in 0..<1500 {
      now += Int64(random.next() % 80)
      if random.next() % 3 == 0 {
        budget.began(at: after(now))
        fetches.append(now)
      } else if budget.take(at: after(now)) {
        retries.append(now)
        let recent = retries.count { $0 > now - 10_000 }
        let allowed = 100 + fetches.count { $0 > now - 10_000 } / 5
        #expect(recent <= allowed, "at \(now)")
      }
    }
  }

  @Test func `ends a fetch with its first failure when it is used up`() throws {
    let lab = try Lab((1...2).map { ServerSettings(host: "10.0.0.\($0)") })
    lab.network.doors[Lab.address(1)] = .refuses
    while lab.pool.takeRetry(of: lab.order()) {}
    let listener = Listener()

    _ = lab.fetch(listener)

    #expect(listener.failure == FetchFailure(kind: .refused, server: 0, headGiven: false))
    #expect(lab.network.lines.count == 1 && lab.counted(.originRetriesRefused) == 2)
    #expect(lab.counted(.originRetriesNextServer) == 0)
  }

  @Test func `is not touched by a fresh connection or the next address`() throws {
    let lab = try Lab([ServerSettings(host: "localhost")])
    lab.book.publish(
      [Lab.address(1), Lab.address(2)], for: lab.book.register(host: "localhost", port: 80))
    lab.network.doors[Lab.address(1)] = .refuses
    while lab.pool.takeRetry(of: lab.order()) {}

    _ = lab.fetch(Listener())

    #expect(lab.network.open.map(\.address) == [Lab.address(2)])
  }
}
