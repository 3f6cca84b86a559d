import Bytes
import Streams
import TestKit
import Testing

@testable import Origin

@Suite struct `A live presentation with a twin` {
  /// Two packagers that agree in nothing but the programme.
  private static func unlike(_ statesTimes: Bool) -> [ModelEncoder] {
    [
      ModelEncoder(firstNumber: 1256, begun: 0, statesTimes: statesTimes, prefix: "a"),
      ModelEncoder(firstNumber: 1056, begun: 700, statesTimes: statesTimes, prefix: "b"),
    ]
  }

  @Test func `passes a healthy server's playlists as they come and asks nobody else`() {
    var lab = TwinLab(Self.unlike(true))
    var isSame = true
    for time in stride(from: 20_000, to: 60_000, by: 500) {
      let sent = lab.poll(at: time)
      isSame = isSame && sent == lab.encoders[0].playlist(at: time).map { Array($0.utf8) }
    }
    #expect(isSame)
    #expect(lab.events.isEmpty)
    #expect(lab.asked == 80)
  }

  @Test(arguments: [true, false])
  func `leaves a frozen server before viewers saw 1.5 target durations without change`(
    statesTimes: Bool
  ) {
    for moment in stride(from: 40_000, to: 42_000, by: 130) {
      var lab = TwinLab(Self.unlike(statesTimes))
      var viewer = StrictViewer()
      _ = lab.watch(20_000..<40_000, every: 250, by: &viewer)
      lab.encoders[0].fault = .frozen(at: moment)
      _ = lab.watch(40_000..<80_000, every: 250, by: &viewer)
      #expect(viewer.complaints == [])
      #expect(lab.presentation.server == 1)
      #expect(lab.events.filter { $0 == .switched }.count == 1)
      // Without stated times a twin has to be seen to move.
      #expect(viewer.worstAge <= (statesTimes ? 3000 : 4000), "frozen at \(moment)")
    }
  }

  @Test(arguments: [true, false])
  func `goes on from the twin when its server is dead`(statesTimes: Bool) {
    var lab = TwinLab(Self.unlike(statesTimes))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .dead
    let missed = lab.watch(40_000..<90_000, by: &viewer)
    #expect(viewer.complaints == [])
    #expect(missed == [])
    #expect(viewer.worstAge <= 3000)
    #expect(viewer.discontinuities == 1)
  }

  @Test func `never passes on the end of one server while its twin goes on`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .ended(at: 40_100)
    _ = lab.watch(40_000..<70_000, by: &viewer)
    #expect(viewer.complaints == [])
    #expect(viewer.worstAge <= 3000)
  }

  @Test func `passes the end on once all servers ended`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .ended(at: 40_100)
    lab.encoders[1].fault = .ended(at: 40_100)
    let sent = lab.poll(at: 41_000).flatMap { MediaPlaylist.read($0.span) }
    #expect(sent?.hasEndlist == true)
  }

  @Test func `needs no discontinuity between servers of one timeline`() {
    var lab = TwinLab([ModelEncoder(), ModelEncoder()])
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0].fault = .dead
    _ = lab.watch(40_000..<60_000, by: &viewer)
    #expect(viewer.complaints == [])
    #expect(viewer.discontinuities == 0)
    #expect(viewer.worstAge <= 2500)
  }

  @Test func `bridges a restart of its only server at lower numbers`() {
    var lab = TwinLab([ModelEncoder(firstNumber: 500, begun: 0)])
    var viewer = StrictViewer()
    _ = lab.watch(20_000..<40_000, by: &viewer)
    lab.encoders[0] = ModelEncoder(firstNumber: 0, begun: 38_000, prefix: "s")
    _ = lab.watch(40_200..<70_000, by: &viewer)
    #expect(viewer.complaints == [])
    #expect(viewer.discontinuities == 1)
    #expect(lab.events.contains(.restarted))
  }

  @Test func `sends what a replica that lags has not got yet once more`() {
    var lab = TwinLab([ModelEncoder(firstNumber: 500, begun: 0)])
    var viewer = StrictViewer()
    for (index, time) in stride(from: 20_000, to: 60_000, by: 500).enumerated() {
      lab.encoders[0].fault = index % 3 == 0 ? .frozen(at: time - 2500) : .none
      if let body = lab.poll(at: time) { viewer.see(body, at: time) }
    }
    #expect(viewer.complaints == [])
    #expect(viewer.discontinuities == 0)
  }

  @Test func `counts discontinuities alike where the one that missed an epoch comes first`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    var late = StrictViewer()
    let name = Hash128(low: 2, high: 2)
    for round in 0..<12 {
      lab.encoders[round % 2].fault = .none
      lab.encoders[1 - round % 2].fault = .dead
      let start = 20_000 + round * 10_000
      let isThere = round % 3 == 0
      if isThere {
        for time in stride(from: start, to: start + 5000, by: 500) {
          if let body = lab.poll(at: time, name: name) { late.see(body, at: time) }
        }
      }
      _ = lab.watch((isThere ? start + 5000 : start)..<(start + 10_000), by: &viewer)
      guard isThere else { continue }
      if let body = lab.poll(at: start + 9900, name: name) { late.see(body, at: start + 9900) }
      #expect(late.last == viewer.last)
      #expect(late.discontinuities == viewer.discontinuities)
    }
    #expect(viewer.complaints == [])
    #expect(late.complaints == [])
  }

  @Test func `counts discontinuities alike in renditions that are asked for at other times`() {
    var lab = TwinLab(Self.unlike(true))
    var viewer = StrictViewer()
    var late = StrictViewer()
    for round in 0..<12 {
      lab.encoders[round % 2].fault = .none
      lab.encoders[1 - round % 2].fault = .dead
      let start = 20_000 + round * 10_000
      _ = lab.watch(start..<(start + 10_000), by: &viewer)
      guard round % 3 == 0 else { continue }
      // Nobody looked at it for two epochs.
      let name = Hash128(low: 2, high: 2)
      if let body = lab.poll(at: start + 9900, name: name) { late.see(body, at: start + 9900) }
      #expect(late.last == viewer.last)
      #expect(late.discontinuities == viewer.discontinuities)
    }
    #expect(viewer.complaints == [])
    #expect(late.complaints == [])
  }

  @Test(arguments: [true, false])
  func `goes on where it was when the node restarts in the middle of flapping`(isAlike: Bool) {
    var lab = TwinLab(isAlike ? [ModelEncoder(), ModelEncoder()] : Self.unlike(true))
    var viewer = StrictViewer()
    for round in 0..<12 {
      lab.encoders[round % 2].fault = .none
      lab.encoders[1 - round % 2].fault = .dead
      let start = 20_000 + round * 10_000
      _ = lab.watch(start..<(start + 5000), by: &viewer)
      lab.restart(at: start + 5000)
      _ = lab.watch((start + 5000)..<(start + 10_000), by: &viewer)
    }
    #expect(viewer.complaints == [])
    #expect(viewer.worstAge <= 4000)
  }

  @Test func `never lets viewers see a load-balanced pair at 1256 and 1056 go back`() {
    // hls.js#1225: two packagers behind one name, whichever answers.
    let pair = Self.unlike(false)
    var lab = TwinLab([pair[0]])
    var viewer = StrictViewer()
    var random = RandomSource(seed: 1225)
    for time in stride(from: 20_000, to: 200_000, by: 500) {
      lab.encoders[0] = pair[Int(random.next() % 2)]
      if let body = lab.poll(at: time) { viewer.see(body, at: time) }
    }
    #expect(viewer.complaints == [])
  }
}

@Suite struct `Whatever two servers do` {
  /// The next thing that goes wrong, or right again.
  private static func change(_ lab: inout TwinLab, at time: Int, _ random: inout RandomSource) {
    let index = Int(random.next() % 2)
    let other = lab.encoders[1 - index]
    // One of them is sound at any time.
    guard other.fault == .none else {
      lab.encoders[1 - index].fault = .none
      return
    }
    switch random.next() % 5 {
    case 0: lab.encoders[index].fault = .dead
    case 1: lab.encoders[index].fault = .frozen(at: time)
    case 2: lab.encoders[index].fault = .ended(at: time)
    case 3:
      lab.encoders[index].begun = time - 3000 - Int(random.next() % 4000)
      lab.encoders[index].firstNumber = Int(random.next() % 3000)
      lab.encoders[index].fault = .none
      lab.encoders[index].prefix += "r"
    default: lab.encoders[index].fault = .none
    }
  }

  @Test(arguments: 0..<20)
  func `no viewer sees a playlist go back or contradict itself`(seed: Int) {
    var random = RandomSource(seed: UInt64(seed))
    let statesTimes = seed % 3 != 0
    var lab = TwinLab([
      ModelEncoder(firstNumber: Int(random.next() % 2000), statesTimes: statesTimes, prefix: "a"),
      ModelEncoder(
        firstNumber: Int(random.next() % 2000), begun: Int(random.next() % 3000),
        statesTimes: statesTimes, prefix: "b"),
    ])
    var viewer = StrictViewer()
    var missed: [Int] = []
    for step in 0..<40 {
      let start = 20_000 + step * 10_000
      missed += lab.watch(start..<(start + 10_000), by: &viewer)
      Self.change(&lab, at: start + 10_000 - Int(random.next() % 900), &random)
    }
    #expect(viewer.complaints == [])
    #expect(missed.count < 20)
  }
}
