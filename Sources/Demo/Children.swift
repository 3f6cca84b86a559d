internal import Glibc

/// The running programs, in the order in which they were started.
struct Children {
  private(set) var running: [Child] = []

  /// Takes care of one more.
  mutating func add(_ child: Child) { running.append(child) }

  /// The first one that has ended by itself, with how; it is not taken care of any more.
  mutating func firstEnded() -> (child: Child, ending: String)? {
    for (index, child) in running.enumerated() {
      guard let ending = child.ending() else { continue }
      running.remove(at: index)
      return (child, ending)
    }
    return nil
  }

  /// Ends all of them: asks, waits a moment, kills.
  ///
  /// A second stop signal shortens the moment.
  mutating func end(_ signals: Signals) {
    for child in running { child.send(SIGTERM) }
    let limit = Moment.now + DemoLimits.farewellMilliseconds
    var isPatient = true
    while !running.isEmpty {
      while firstEnded() != nil {}
      guard !running.isEmpty else { return }
      if isPatient && Moment.now >= limit {
        isPatient = false
        for child in running { child.send(SIGKILL) }
      }
      if signals.next(withinMilliseconds: DemoLimits.lookMilliseconds) == .stop && isPatient {
        isPatient = false
        for child in running { child.send(SIGKILL) }
      }
    }
  }
}
