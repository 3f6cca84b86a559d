import Bytes
import Glibc
import Store
import Testing

/// What a store may show of each object: the versions that were possible when the power went.
private struct Expectation {
  /// Version 0 is absence.
  private(set) var certain: [Int: Int] = [:]
  private var pending: [Int: Set<Int>] = [:]

  mutating func wrote(_ number: Int, version: Int) {
    pending[number, default: []].insert(version)
  }

  mutating func committed(_ last: [Int: Int]) {
    for (number, version) in last { certain[number] = version }
    pending = [:]
  }

  /// What a lookup in the index may find; a commit that failed has changed nothing.
  func allows(_ number: Int, _ sighting: Sighting, afterRebuild: Bool) -> Bool {
    let version: Int
    switch sighting {
    case .absent: version = 0
    case .whole(let seen): version = seen
    case .damaged, .wrong: return false
    }
    if version == certain[number, default: 0] { return true }
    // What was durable but not yet listed may come to light.
    return afterRebuild && pending[number, default: []].contains(version)
  }
}

/// A story of inserts, replacements, removals and commits, long enough to turn zones over.
private struct Story {
  var expectation = Expectation()
  private var latest: [Int: Int] = [:]
  private var commits: UInt64 = 0
  private var started: (number: Int, version: Int)?

  /// Runs to the end or to the first failure.
  mutating func run(in lab: StoreLab, from first: Int, rounds: Int, each: Int) {
    commits = lab.counters[.commits]
    do throws(StoreError) {
      for round in first..<(first + rounds) {
        for step in 0..<each { try act(lab, round: round, step: step) }
        try lab.commit()
        noteCommits(lab)
        for number in 0..<12 where number % 3 == 0 { lab.hit(number) }
      }
    } catch {
      noteCommits(lab)
      latest = [:]
    }
  }

  private mutating func act(_ lab: StoreLab, round: Int, step: Int) throws(StoreError) {
    let number = (round * 7 + step * 3) % 12
    let counts = [3000, 1_400_000, -1, 60_000]
    let count = counts[step % 4]
    let version = count < 0 ? 0 : round * 10 + step + 1
    started = (number, version)
    if count < 0 {
      try lab.writer.remove(StoreLab.hash(number))
    } else {
      try lab.write(number, version: version, count: count)
    }
    noteCommits(lab)
    latest[number] = version
    expectation.wrote(number, version: version)
    started = nil
  }

  /// The end of a zone commits by itself what was complete by then.
  private mutating func noteCommits(_ lab: StoreLab) {
    if lab.counters[.commits] > commits {
      expectation.committed(latest)
      latest = [:]
    }
    commits = lab.counters[.commits]
    if let started { expectation.wrote(started.number, version: started.version) }
  }
}

@Suite struct `A power cut` {
  private static let objects = 0..<12

  /// A store on which the story has run for some rounds, closed.
  private func begun(rounds: Int) throws -> (lab: StoreLab, story: Story) {
    let lab = try StoreLab()
    var story = Story()
    story.run(in: lab, from: 0, rounds: rounds, each: 4)
    lab.close()
    return (lab, story)
  }

  /// Goes on with the story, cuts the power at one step, and looks what is left: from the index
  /// and without it.
  ///
  /// - Returns: `false` when the story ended before that step.
  private func cut(
    _ begun: (lab: StoreLab, story: Story), from first: Int, rounds: Int, at step: Int,
    leaving remains: FaultyDisk.Remains
  ) throws -> Bool {
    let disk = FaultyDisk()
    let lab = try StoreLab(copyOf: begun.lab, disk: disk)
    var story = begun.story
    disk.cutPower(atStep: step, leaving: remains, seed: UInt64(step) &* 7919)
    story.run(in: lab, from: first, rounds: rounds, each: 4)
    let wasCut = disk.isOff
    lab.close()

    let place = "step \(step), leaving \(remains)"
    try lab.open(disk: SystemDisk())
    for number in Self.objects {
      let sighting = try lab.see(number)
      #expect(story.expectation.allows(number, sighting, afterRebuild: false), "\(place)")
    }
    // The store works: what comes now is kept, and is kept over a restart.
    for number in 50..<53 { try lab.write(number, count: 400_000) }
    try lab.commit()
    try lab.reopen()
    for number in 50..<53 { #expect(try lab.see(number) == .whole(version: 1), "\(place)") }

    lab.close()
    lab.removeIndex()
    try lab.open()
    #expect(lab.store.needsRebuild)
    #expect(try lab.store.rebuild { _ in true })
    for number in Self.objects where story.expectation.certain[number] != nil {
      let sighting = try lab.see(number)
      // The three new objects may have pushed an old one out.
      let isFine =
        story.expectation.allows(number, sighting, afterRebuild: true) || sighting == .absent
      #expect(isFine, "\(place), \(number) is \(sighting)")
    }
    return wasCut
  }

  @Test(arguments: FaultyDisk.Remains.allCases)
  fileprivate func `at any step of a write leaves all of an object or nothing`(
    remains: FaultyDisk.Remains
  ) throws {
    let begun = try begun(rounds: 1)
    var step = 0
    while try cut(begun, from: 1, rounds: 2, at: step, leaving: remains) { step += 1 }

    #expect(step >= 4)
  }

  @Test(arguments: FaultyDisk.Remains.allCases)
  fileprivate func `at any step of the turn to another zone loses nothing that was committed`(
    remains: FaultyDisk.Remains
  ) throws {
    // Nine rounds fill the volume: the next ones empty zones, carry and open them.
    let begun = try begun(rounds: 9)
    var step = 0
    while try cut(begun, from: 9, rounds: 4, at: step, leaving: remains) { step += 1 }

    #expect(step >= 12)
  }
}
