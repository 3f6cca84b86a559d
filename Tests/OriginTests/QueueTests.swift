import Bytes
import Policy
import Telemetry
import Testing

@testable import Origin

private let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

@Suite struct `An origin with as many fetches as it may have` {
  private func lab(_ fills: Int, sibling: Lab? = nil) throws -> Lab {
    try Lab(sibling: sibling) { $0.fillsMax = fills }
  }

  @Test func `lets the next one run when one has ended`() throws {
    let lab = try lab(1)
    let first = Listener()
    let second = Listener()

    _ = lab.fetch(first)
    _ = lab.fetch(second)
    #expect(lab.network.lines.count == 1 && lab.counted(.originFetchesWaiting) == 1)
    lab.network.lines[0].sends(hello)
    lab.turn()
    lab.network.lines[0].sends(hello)
    lab.turn()

    #expect(first.bodyText == "hello" && second.bodyText == "hello")
    #expect(lab.counted(.originFetchesWaiting) == 0 && lab.counted(.originFetchesQueued) == 1)
    #expect(lab.counted(.originFetchesRefused) == 0)
  }

  @Test func `lets those run first on which most depends`() throws {
    let lab = try lab(1)
    var order: [FetchUrgency] = []
    let wanted: [FetchUrgency] = [
      .other, .liveEdge, .initialization, .liveEdge, .playlist, .other, .playlist,
    ]

    _ = lab.fetch(Listener())
    for urgency in wanted {
      let listener = Listener()
      listener.onEnd = { _ in order.append(urgency) }
      _ = lab.fetch(listener) { $0.urgency = urgency }
    }
    for _ in 0...wanted.count {
      lab.network.lines[0].sends(hello)
      lab.turn()
    }

    #expect(order == wanted.sorted())
    #expect(lab.network.lines.count == 1 && lab.pool.fetchCount == 0)
  }

  @Test func `says 503 to one that waited as long as for an answer`() throws {
    let lab = try lab(1)
    let held = Listener()
    let waiting = Listener()

    _ = lab.fetch(held) { $0.firstByteTimeout = .seconds(9) }
    _ = lab.fetch(waiting)
    lab.pass(1990)
    #expect(waiting.failure == nil)
    lab.pass(30)

    #expect(waiting.failure == FetchFailure(kind: .originBusy, server: -1, headGiven: false))
    #expect(waiting.failure?.status == 503)
    #expect(lab.counted(.originFetchesRefused) == 1 && lab.counted(.originFetchesWaiting) == 0)
    lab.network.lines[0].sends(hello)
    lab.turn()
    _ = lab.fetch(Listener())
    #expect(held.bodyText == "hello" && lab.network.lines[0].requestText.contains("GET"))
    #expect(lab.counted(.originRequests) == 2)
  }

  @Test func `gives the place of one that left to the next`() throws {
    let lab = try lab(1)
    let last = Listener()
    let first = lab.fetch(Listener())
    let second = lab.fetch(Listener())
    _ = lab.fetch(last)

    lab.pool.cancel(second)
    lab.pool.cancel(first)
    lab.turn()
    lab.network.open[0].sends(hello)
    lab.turn()

    #expect(last.bodyText == "hello" && lab.pool.fetchCount == 0)
    #expect(lab.counted(.originFetchesWaiting) == 0)
  }

  @Test func `gives a permit on that finds nobody any more`() throws {
    let lab = try lab(1)
    let last = Listener()
    let first = lab.fetch(Listener())
    let second = lab.fetch(Listener())
    _ = lab.fetch(last)

    // The permit of the first is on its way to the second when that is cancelled.
    lab.pool.cancel(first)
    lab.pool.cancel(second)
    lab.turn()
    lab.network.open[0].sends(hello)
    lab.turn()

    #expect(last.bodyText == "hello" && lab.counted(.originFetchesWaiting) == 0)
  }

  @Test func `counts the fetches of all workers, and wakes another's`() throws {
    let here = try lab(1)
    let there = try lab(1, sibling: here)
    let first = Listener()
    let second = Listener()

    _ = here.fetch(first)
    _ = there.fetch(second)
    #expect(there.network.lines.isEmpty)
    here.network.lines[0].sends(hello)
    here.turn()
    there.turn()
    there.network.lines[0].sends(hello)
    there.turn()

    #expect(first.bodyText == "hello" && second.bodyText == "hello")
  }

  @Test func `lets a bounded number wait for each urgency`() throws {
    let lab = try lab(1)
    let crowd = (0..<OriginLimits.waitingMax).map { _ in Listener() }
    let late = Listener()
    let urgent = Listener()

    _ = lab.fetch(Listener())
    for listener in crowd { _ = lab.pool.start(lab.order(), for: listener) }
    _ = lab.fetch(late)
    _ = lab.fetch(urgent) { $0.urgency = .playlist }

    #expect(late.failure?.kind == .originBusy && urgent.failure == nil)
    #expect(crowd.allSatisfy { $0.failure == nil })
  }

  /// Never more run than may, and no permit is ever lost.
  @Test(arguments: 0..<60 as Range<UInt64>)
  func `keeps its number whatever happens`(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let here = try lab(3)
    let labs = [here, try lab(3, sibling: here)]
    var running = [(lab: 0, id: here.fetch(Listener()))]
    for _ in 0..<150 {
      let number = Int.random(in: 0...1, using: &random)
      let lab = labs[number]
      switch Int.random(in: 0...5, using: &random) {
      case 0, 1:
        let id = lab.pool.start(
          lab.order { $0.urgency = FetchUrgency.allCases.randomElement(using: &random) ?? .other },
          for: Listener())
        running.append((number, id))
      case 2:
        guard !running.isEmpty else { continue }
        let gone = running.remove(at: Int.random(in: 0..<running.count, using: &random))
        labs[gone.lab].pool.cancel(gone.id)
      case 3: lab.network.open.randomElement(using: &random)?.sends(hello)
      case 4: lab.network.open.randomElement(using: &random)?.ends()
      default: for lab in labs { lab.pass(Int64.random(in: 0...900, using: &random)) }
      }
      lab.turn(Int.random(in: 0...2, using: &random))
      #expect(here.origins.running(of: 0) <= 3)
    }
    for gone in running { labs[gone.lab].pool.cancel(gone.id) }
    for lab in labs + labs { lab.pass(3000) }

    #expect(here.origins.running(of: 0) == 0)
    #expect(labs.allSatisfy { $0.counted(.originFetchesWaiting) == 0 })
  }
}
