import Bytes
import Policy
import Telemetry
import Testing

@testable import Origin

private let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

@Suite struct `A hedged fetch` {
  private let two = (1...2).map { ServerSettings(host: "10.0.0.\($0)") }

  /// An origin of which it is known that 95 of 100 answers come within 10 ms.
  private func lab(
    _ servers: [ServerSettings]? = nil, change: (inout OriginSettings) -> Void = { _ in }
  ) throws -> Lab {
    let lab = try Lab(servers ?? two, change: change)
    for _ in 0..<40 {
      let listener = Listener()
      _ = lab.fetch(listener)
      lab.network.open[0].sends(hello)
      lab.turn()
    }
    lab.network.open[0].request.removeAll()
    return lab
  }

  private func hedged(_ lab: Lab, _ listener: Listener) -> FetchID {
    lab.fetch(listener) { $0.mayHedge = true }
  }

  @Test func `is answered by the second server when the first is late`() throws {
    let lab = try lab()
    let listener = Listener()

    _ = hedged(lab, listener)
    lab.pass(30)
    #expect(lab.network.lines.map(\.address) == [Lab.address(1), Lab.address(2)])
    lab.network.lines[1].sends("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + hello)
    lab.turn()

    #expect(listener.server == 1 && listener.bodyText == "hello" && listener.ended == false)
    #expect(listener.interims.isEmpty && lab.pool.fetchCount == 0)
    #expect(lab.network.open.map(\.address) == [Lab.address(2)])
    #expect(lab.counted(.originHedgesStarted) == 1 && lab.counted(.originHedgesWon) == 1)
    #expect(lab.origins.running(of: 0) == 0)
    #expect(lab.board.view(of: [0, 1], at: lab.network.instant()).running == [0, 0])
    #expect(lab.board.view(of: [0, 1], at: lab.network.instant()).sound == 0b11)
  }

  @Test func `is answered by the first server when that is faster after all`() throws {
    let lab = try lab()
    let listener = Listener()

    let id = hedged(lab, listener)
    lab.pass(30)
    lab.network.lines[0].sends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    lab.turn()
    #expect(lab.network.open.map(\.address) == [Lab.address(1)])
    lab.network.lines[0].sends("lo")
    lab.turn()

    #expect(listener.server == 0 && listener.bodyText == "hello" && listener.ended == false)
    #expect(lab.counted(.originHedgesWon) == 0 && lab.origins.running(of: 0) == 0)
    lab.pool.cancel(id)
    #expect(lab.pool.fetchCount == 0)
  }

  @Test func `keeps its name when the second server answers`() throws {
    let lab = try lab()
    let listener = Listener()
    listener.room = 2

    let id = hedged(lab, listener)
    lab.pass(30)
    lab.network.lines[1].sends(hello)
    lab.turn()
    #expect(listener.bodyText == "he")
    listener.room = 4
    lab.pool.resume(id)
    lab.turn()
    #expect(listener.bodyText == "hell")
    lab.pool.cancel(id)
    lab.turn()

    #expect(lab.network.open.isEmpty && lab.pool.fetchCount == 0 && listener.ended == nil)
  }

  @Test func `goes on with the second server when the first fails, and then with a third`() throws {
    let lab = try lab((1...3).map { ServerSettings(host: "10.0.0.\($0)") })
    let listener = Listener()

    _ = hedged(lab, listener)
    lab.pass(30)
    lab.network.lines[0].sends("rubbish\r\n\r\n")
    lab.turn()
    #expect(lab.network.open.map(\.address) == [Lab.address(2)])
    lab.network.lines[1].ends()
    lab.turn()
    lab.network.lines[2].sends(hello)
    lab.turn()

    #expect(listener.server == 2 && listener.bodyText == "hello" && listener.failure == nil)
    #expect(lab.network.lines.count == 3 && lab.origins.running(of: 0) == 0)
  }

  @Test(arguments: ["", "rubbish\r\n\r\n", "HTTP/1.1 404 Not\r\nContent-Length: 0\r\n\r\n"])
  func `waits for the first server when the second is of no use`(answer: String) throws {
    let lab = try lab()
    let listener = Listener()

    _ = hedged(lab, listener)
    lab.pass(30)
    lab.network.lines[1].sends(answer)
    lab.network.lines[1].ends()
    lab.turn()
    #expect(lab.network.open.map(\.address) == [Lab.address(1)])
    lab.network.lines[0].sends(hello)
    lab.turn()

    #expect(listener.server == 0 && listener.bodyText == "hello")
    #expect(lab.network.lines.count == 2 && lab.origins.running(of: 0) == 0)
  }

  @Test func `ends as a whole when it is cancelled`() throws {
    let lab = try lab()
    let listener = Listener()

    let id = hedged(lab, listener)
    lab.pass(30)
    lab.pool.cancel(id)
    lab.turn()

    #expect(lab.network.open.isEmpty && lab.pool.fetchCount == 0)
    #expect(lab.origins.running(of: 0) == 0 && listener.failure == nil)
  }

  @Test func `fails once when both fail`() throws {
    let lab = try lab()
    let listener = Listener()

    _ = hedged(lab, listener)
    lab.pass(30)
    lab.network.lines[1].ends()
    lab.network.lines[0].sends("rubbish\r\n\r\n")
    lab.turn()

    #expect(listener.failure?.headGiven == false && lab.pool.fetchCount == 0)
    #expect(lab.network.lines.count == 2 && lab.origins.running(of: 0) == 0)
  }

  @Test func `is none where nobody allows it, or nobody could answer`() throws {
    let off = try lab { $0.hedge = false }
    let single = try lab([ServerSettings(host: "10.0.0.1")])
    let unknown = try Lab(two)
    let plain = try lab()
    let sick = try lab()
    sick.board.note(.failure, of: 1, at: sick.network.instant(), isTrial: false)

    for lab in [off, single, unknown, sick] { _ = hedged(lab, Listener()) }
    _ = plain.fetch(Listener())
    _ = plain.fetch(Listener()) {
      $0.mayHedge = true
      $0.mayGoElsewhere = false
    }
    for lab in [off, single, unknown, sick, plain] { lab.pass(500) }

    for lab in [off, single, unknown, sick, plain] {
      #expect(lab.counted(.originHedgesStarted) == 0 && lab.counted(.originHedgesRefused) == 0)
    }
  }

  @Test func `is refused without budget, and while others wait for the origin`() throws {
    let poor = try lab()
    while poor.pool.takeRetry(of: poor.order()) {}
    let full = try lab { $0.fillsMax = 1 }

    for lab in [poor, full] {
      _ = hedged(lab, Listener())
      lab.pass(30)
      #expect(lab.network.lines.count == 1 && lab.counted(.originHedgesRefused) == 1)
    }
  }

  /// In any history, whatever answers or does not.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `is never more than one of twenty`(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let lab = try lab()
    var listeners: [Listener] = []
    for count in 41...400 {
      let listener = Listener()
      listeners.append(listener)
      _ = hedged(lab, listener)
      let wait = [0, 0, 10, 60].randomElement(using: &random) ?? 0
      lab.pass(Int64(wait))
      for line in lab.network.open where Bool.random(using: &random) { line.sends(hello) }
      lab.turn()
      #expect(lab.counted(.originHedgesStarted) * 20 <= count)
    }
    lab.pass(4000)

    #expect(listeners.allSatisfy { $0.ended == false || $0.failure != nil })
    #expect(lab.pool.fetchCount == 0 && lab.origins.running(of: 0) == 0)
    #expect(lab.counted(.originHedgesStarted) > 0)
  }
}

@Suite struct `The first byte times of an origin` {
  @Test func `tell when an answer is late, once enough are known`() {
    var times = FirstByteTimes()
    for _ in 0..<19 { times.add(30_000) }
    #expect(times.late == nil)
    times.add(30_000)
    let level = times.late
    for _ in 0..<4 { times.add(900_000) }

    #expect(level.map { (30...40).contains($0.count) } == true)
    #expect(times.late.map { (900...1200).contains($0.count) } == true)
  }

  @Test func `are never told below a tick, and follow a change`() {
    var times = FirstByteTimes()
    for _ in 0..<5000 { times.add(300) }
    #expect(times.late == OriginLimits.hedgeDelayMin)
    for _ in 0..<300 { times.add(200_000) }

    #expect(times.late.map { (200...256).contains($0.count) } == true)
  }

  @Test func `have a place for every number`() {
    var times = FirstByteTimes()
    for time in [-5, 0, 1, 4, 5, 1 << 40, .max] { for _ in 0..<9 { times.add(time) } }

    #expect(times.late != nil)
  }
}
