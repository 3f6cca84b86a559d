import Bytes
import Glibc
import Cache
import Delivery
import Loop
import Policy
import Telemetry
import TestKit
import Testing

/// The seed of the scenario that runs: every issue in it names the seed that replays it.
enum ScenarioSeed {
  @TaskLocal static var current: UInt64?

  /// `SPILLWAY_SEED`, which replays one run.
  static var asked: UInt64? { getenv("SPILLWAY_SEED").flatMap { UInt64(String(cString: $0)) } }

  /// How many seeds the chaos runs: `SPILLWAY_SEEDS`, else few enough for every build.
  static var chaosCount: UInt64 {
    getenv("SPILLWAY_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 50
  }
}

extension Trait where Self == IssueHandlingTrait {
  /// Adds the seed to every issue.
  static var seeded: Self {
    .compactMapIssues { issue in
      guard let seed = ScenarioSeed.current else { return issue }
      var issue = issue
      issue.comments.append("seed \(seed): make scenarios SEED=\(seed)")
      return issue
    }
  }
}

/// Runs a scenario with each of the seeds, or with the one that was asked for.
///
/// An odd seed has fast links; an even one cuts and delays all bytes, unless links are to be fast.
func scenario(
  seeds: ClosedRange<UInt64> = 1...4, isAlwaysFast: Bool = false,
  _ body: (Lab) throws -> Void
) rethrows {
  for seed in ScenarioSeed.asked.map({ $0...$0 }) ?? seeds {
    try ScenarioSeed.$current.withValue(seed) {
      let lab = Lab(seed: seed, isRough: !isAlwaysFast && seed.isMultiple(of: 2))
      try body(lab)
    }
  }
}

extension Lab {
  /// Lets time pass until `condition` holds, and says so if it never does.
  func until(
    _ what: Comment, limit: Milliseconds = Milliseconds.seconds(120),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
  ) {
    let outcome = run(limit: limit, until: condition)
    #expect(outcome == .met, what, sourceLocation: sourceLocation)
  }

  /// Lets time pass until each of the viewers has its answer or lost its connection.
  func untilDone(
    _ viewers: [LabViewer], limit: Milliseconds = Milliseconds.seconds(120),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    until("every viewer is answered", limit: limit, sourceLocation: sourceLocation) {
      viewers.allSatisfy(\.isDone)
    }
  }

  /// Ends the world: everybody leaves, everything is evicted, and nothing may be left.
  func expectNothingLeft(
    of edge: LabEdge, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for viewer in viewers where viewer.over == nil { viewer.leaves() }
    let outcome = run(limit: Milliseconds.seconds(60)) {
      edge.workers.allSatisfy { $0.census == .nothing }
    }
    #expect(
      outcome == .met, "what is left: \(edge.workers.map(\.census))",
      sourceLocation: sourceLocation)
    edge.forgetsEverything()
    wait(Milliseconds(10))
    #expect(
      edge.node.arena.usedBytes == 0, "memory is left in use", sourceLocation: sourceLocation)
    #expect(edge.counted(.fillsActive) == 0, sourceLocation: sourceLocation)
    #expect(edge.counted(.requestsActive) == 0, sourceLocation: sourceLocation)
    #expect(edge.counted(.viewerConnectionsActive) == 0, sourceLocation: sourceLocation)
  }
}

extension LabViewer {
  /// The last answer is whole and has this status and body.
  func expect(
    _ status: Int, _ body: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(last.status == status, sourceLocation: sourceLocation)
    #expect(last.end == .whole, sourceLocation: sourceLocation)
    let isSame = Payload.areSame(last.body, body)
    #expect(
      isSame, "\(last.body.count) bytes instead of \(body.count)", sourceLocation: sourceLocation)
    #expect(fault == nil, sourceLocation: sourceLocation)
  }

  /// The last answer has this status.
  func expect(_ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(last.status == status, sourceLocation: sourceLocation)
    #expect(last.end == .whole, sourceLocation: sourceLocation)
  }

  /// The last answer was cut, and looks cut.
  func expectCut(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(over != nil, sourceLocation: sourceLocation)
    #expect(last.end == .cut, sourceLocation: sourceLocation)
  }
}
