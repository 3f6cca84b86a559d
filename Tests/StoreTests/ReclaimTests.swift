import Bytes
import Glibc
import Store
import Testing

/// Lets only objects of even numbers be carried.
private final class EvenJudge: CarryJudge, @unchecked Sendable {
  // Exception: unchecked because its superclass is; it has no state.
  override func mayCarry(
    hash: Hash128, primary: Hash128, usableUntil: WallTime, meta: Span<UInt8>
  ) -> Bool {
    let text = meta.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    return (text.split(separator: " ").first.flatMap { Int($0) } ?? 1) % 2 == 0
  }
}

extension StoreLab {
  /// Writes `bytes` of new objects, each seen at once and never again; returns what went wrong.
  func stream(_ bytes: Int, of count: Int, from start: Int, keepingHot hot: [Int] = []) throws {
    for number in start..<(start + bytes / count) {
      try write(number, count: count)
      try commit()
      for number in hot { hit(number) }
      #expect(try see(number) == .whole(version: 1))
    }
  }
}

@Suite struct `A volume that is full` {
  @Test(arguments: [30_000, 300_000, 2_200_000])
  func `forgets the oldest, many times around`(count: Int) throws {
    let lab = try StoreLab()

    try lab.stream(100 << 20, of: count, from: 0)

    let all = 100 << 20 / count
    for number in 0..<all {
      let sighting = try lab.see(number)
      let age = (all - number) * count
      if age < 7 << 20 { #expect(sighting == .whole(version: 1), "number \(number)") }
      if age > 16 << 20 { #expect(sighting == .absent, "number \(number)") }
      #expect(sighting == .whole(version: 1) || sighting == .absent)
    }
    #expect(lab.counters[.zonesReclaimed] >= 24)
    #expect(lab.counters[.checksumErrors] == 0)
    #expect(lab.counters[.fragmentsCarried] == 0)
  }

  @Test func `lists no more than it holds`() throws {
    let lab = try StoreLab()

    try lab.stream(60 << 20, of: 100_000, from: 0)

    let entries = try lab.store.index.entryCount()
    #expect(entries < 2 * 16 << 20 / 100_000)
    #expect(lab.store.directory.count < 16 << 20 / 100_000)
    #expect(entries >= UInt64(2 * (7 << 20) / 100_000))
  }

  @Test(arguments: [20_000, 1_500_000])
  func `carries over what was hit`(count: Int) throws {
    let lab = try StoreLab()
    for number in 0..<2 { try lab.write(number, count: count) }
    try lab.commit()

    try lab.stream(60 << 20, of: 200_000, from: 100, keepingHot: [1])

    #expect(try lab.see(0) == .absent)
    #expect(try lab.see(1) == .whole(version: 1))
    #expect(lab.counters[.fragmentsCarried] > 0)
  }

  @Test func `carries what was hit once over once`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 20_000)
    try lab.commit()
    lab.hit(1)

    try lab.stream(20 << 20, of: 200_000, from: 100)
    let after = try lab.see(1)
    try lab.stream(20 << 20, of: 200_000, from: 1000)

    #expect(after == .whole(version: 1))
    #expect(try lab.see(1) == .absent)
  }

  @Test func `carries neither what has expired nor what the judge refuses`() throws {
    let lab = try StoreLab(judge: EvenJudge())
    try lab.write(1, count: 20_000)
    try lab.write(2, count: 20_000)
    try lab.write(3, count: 1_300_000)
    try lab.write(4, count: 200_000)
    try lab.write(6, count: 20_000, until: StoreLab.past)
    try lab.write(8, count: 200_000, until: StoreLab.past)
    try lab.commit()

    try lab.stream(20 << 20, of: 200_000, from: 100, keepingHot: [1, 2, 3, 4, 6, 8])

    for number in [1, 3, 6, 8] { #expect(try lab.see(number) == .absent, "number \(number)") }
    for number in [2, 4] { #expect(try lab.see(number) == .whole(version: 1), "number \(number)") }
  }

  @Test func `carries the rule of variants with them`() throws {
    let lab = try StoreLab()
    let rule = Array("accept-encoding".utf8)
    for number in [11, 12] { try lab.write(number, count: 100, vary: rule, primary: 1) }
    for number in [21, 22] { try lab.write(number, count: 100, vary: rule, primary: 2) }
    try lab.commit()

    try lab.stream(40 << 20, of: 200_000, from: 100, keepingHot: [11])

    guard case .vary(let found) = try lab.reader.find(StoreLab.hash(1)) else {
      Issue.record("no rule")
      return
    }
    #expect(found.rule == rule)
    #expect(try lab.see(11) == .whole(version: 1))
    #expect(try lab.see(12) == .absent)
    guard case .absent = try lab.reader.find(StoreLab.hash(2)) else {
      Issue.record("a rule without variants")
      return
    }
  }

  @Test func `does not write itself around for ever when everything is hot`() throws {
    let lab = try StoreLab()
    var hot: [Int] = []

    for number in 0..<600 {
      try lab.write(number, count: 100_000)
      try lab.commit()
      hot.append(number)
      for number in hot.suffix(200) { lab.hit(number) }
    }

    let written = 60_000_000
    #expect(lab.counters[.bytesCarried] > 10 << 20)
    #expect(lab.counters[.bytesCarried] < UInt64(written) * 11 / 10)
    #expect(lab.counters[.fragmentsBeyondShare] > 0)
  }

  @Test func `keeps what it carried when it stops right after`() throws {
    let lab = try StoreLab()
    for number in 0..<15 { try lab.write(number, count: 100_000) }
    try lab.commit()
    for number in 0..<15 { lab.hit(number) }
    var next = 100
    // Until the first zone has been looked through, without a commit of what was carried.
    while lab.counters[.zonesReclaimed] == 0 {
      try lab.write(next, count: 100_000)
      if lab.counters[.zonesReclaimed] == 0 { try lab.commit() }
      next += 1
    }
    #expect(lab.counters[.fragmentsCarried] > 0)

    try lab.reopen()

    for number in 0..<15 { #expect(try lab.see(number) == .whole(version: 1)) }
  }

  @Test func `turns readers away from a zone that is written anew`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 2 << 20)
    try lab.commit()
    let found = try #require(try lab.find(1))
    let volume = lab.store.volumes[0]
    let place = found.record.place

    try lab.stream(17 << 20, of: 500_000, from: 100)

    #expect(!volume.isAlive(place))
    #expect(!volume.pin(zone: place.zone, epoch: place.epoch))
    #expect(try lab.bytes(of: found, 1) == nil)
    #expect(try lab.bytes(of: found, 1, proves: false) == nil)
  }

  @Test func `waits for the system calls that still read a zone`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 1000)
    try lab.commit()
    let place = try #require(try lab.place(1))
    let volume = lab.store.volumes[0]
    #expect(volume.pin(zone: place.zone, epoch: place.epoch))
    let release = TestThread {
      // The writer announces the new life first, then it waits.
      while volume.isAlive(place) { sched_yield() }
      for _ in 0..<100 { sched_yield() }
      volume.unpin(zone: place.zone)
    }

    try lab.stream(17 << 20, of: 500_000, from: 100)
    release.join()

    #expect(!volume.isAlive(place))
    #expect(try lab.see(1) == .absent)
  }

  @Test func `is read by other threads while it goes round`() throws {
    let lab = try StoreLab()
    let store = lab.store
    let flag = Flag()
    let readers = (0..<2).map { seed in
      TestThread { RandomReads(store, seed: UInt64(seed), until: flag).run() }
    }

    for number in 0..<1500 {
      try lab.write(number % 300, version: number / 300, count: 10_000 + number % 7 * 40_000)
      if number % 10 == 0 { try lab.commit() }
    }
    flag.raise()
    for reader in readers { reader.join() }

    #expect(lab.counters[.checksumErrors] == 0)
    #expect(lab.counters[.zonesReclaimed] > 20)
    #expect(flag.mistakes == 0)
    #expect(flag.found > 0)
  }
}

/// Tells readers to end, and gathers what they saw.
private final class Flag: @unchecked Sendable {
  // Exception: unchecked, because the lock guards the rest.
  private let lock = Lock()
  private var isRaised = false
  private var counts = (found: 0, mistakes: 0)

  var isUp: Bool { lock.withLock { isRaised } }
  var found: Int { lock.withLock { counts.found } }
  var mistakes: Int { lock.withLock { counts.mistakes } }

  func raise() { lock.withLock { isRaised = true } }
  func note(found: Bool) {
    lock.withLock { if found { counts.found += 1 } else { counts.mistakes += 1 } }
  }
}

/// Reads objects at random while another thread writes.
private struct RandomReads {
  let store: ObjectStore
  let flag: Flag
  var random: RandomSource

  init(_ store: ObjectStore, seed: UInt64, until flag: Flag) {
    self.store = store
    self.flag = flag
    random = RandomSource(seed: seed)
  }

  func run() {
    var copy = self
    do throws(StoreError) { try copy.read() } catch { flag.note(found: false) }
  }

  private mutating func read() throws(StoreError) {
    let reader = try store.makeReader()
    while !flag.isUp {
      let number = Int.random(in: 0..<300, using: &random)
      guard case .object(let object) = try reader.find(StoreLab.hash(number)) else { continue }
      guard let bytes = try bytes(of: object, number, reader) else { continue }
      let words = String(decoding: object.meta, as: UTF8.self).split(separator: " ")
        .compactMap { Int($0) }
      let isRight =
        words.count == 3 && words[0] == number
        && StoreLab.isBody(bytes, number, version: words[1], count: words[2])
      flag.note(found: isRight)
    }
  }

  private func bytes(
    of object: FoundObject, _ number: Int, _ reader: ObjectReader
  ) throws(StoreError) -> [UInt8]? {
    if let body = object.inlineBody { return body }
    var bytes: [UInt8] = []
    for case let body? in object.bodies {
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Int(body.length), alignment: 16)
      defer { memory.deallocate() }
      // Without a proof: the pin alone keeps the bytes right.
      let outcome = try reader.read(
        body, of: StoreLab.hash(number), number: 1, from: 0, into: memory, proves: false)
      guard outcome == .read else { return nil }
      bytes += memory
    }
    return bytes
  }
}
