import Bytes
import Policy
import Testing

@Suite struct `The freshness of an answer` {
  private let arrival = Instant(nanoseconds: 5_000_000_000)

  @Test(arguments: [
    (0, FreshnessState.fresh(left: Milliseconds(800))), (799, .fresh(left: Milliseconds(1))),
    (800, .staleWhileRevalidate), (1299, .staleWhileRevalidate), (1300, .staleIfError),
    (2799, .staleIfError), (2800, .stale), (-9000, .fresh(left: Milliseconds(800))),
  ])
  func `runs out in steps`(after: Int, state: FreshnessState) {
    let freshness = Freshness(
      lifetime: Milliseconds(1000), initialAge: Milliseconds(200),
      staleWhileRevalidate: Milliseconds(500), staleIfError: Milliseconds(2000))

    let found = freshness.state(arrival: arrival, now: arrival + Milliseconds(Int64(after)))

    #expect(found == state)
  }

  @Test func `ends at once where nothing stale is allowed`() {
    let freshness = Freshness(
      lifetime: Milliseconds(1000), staleWhileRevalidate: Milliseconds(500),
      staleIfError: Milliseconds(500), mustRevalidate: true)

    #expect(freshness.state(arrival: arrival, now: arrival + Milliseconds(1000)) == .stale)
    #expect(
      freshness.left(arrival: arrival, now: arrival + Milliseconds(1500)) == Milliseconds(-500))
    #expect(
      freshness.age(arrival: arrival, now: arrival + Milliseconds(1500)) == Milliseconds(1500))
  }

  @Test func `is a question for a request that wants no age at all, even at once`() {
    let freshness = Freshness(lifetime: Milliseconds(1000))
    var terms = ReuseTerms()

    terms.maxAge = .zero
    #expect(freshness.state(arrival: arrival, now: arrival, terms: terms) == .staleIfError)
    terms.maxAge = Milliseconds(1000)
    #expect(
      freshness.state(arrival: arrival, now: arrival, terms: terms)
        == .fresh(left: Milliseconds(1000)))
  }

  @Test func `is settled by the body only where it waits for it`() {
    let waiting = Freshness(lifetime: Milliseconds(200), source: .kindDefault, awaitsBody: true)
    let stated = Freshness(lifetime: Milliseconds(200))

    let settled = waiting.settled(
      lifetime: Milliseconds(2000), staleWhileRevalidate: .zero, staleIfError: Milliseconds(4000))

    #expect(settled.lifetime == Milliseconds(2000))
    #expect(settled.staleIfError == Milliseconds(4000))
    #expect(!settled.awaitsBody)
    #expect(
      stated.settled(lifetime: .zero, staleWhileRevalidate: .zero, staleIfError: .zero) == stated)
  }
}
