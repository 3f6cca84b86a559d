import Bytes
import Store
import Testing

@Suite struct `The directory` {
  let directory = Directory()
  let hash = Hash128.test(1)

  @Test func `says maybe to everything until it is filled`() {
    let before = directory.mayHold(hash)
    directory.finishFilling()
    let filled = directory.mayHold(hash)
    directory.beginFilling()

    #expect(before && !filled)
    #expect(directory.mayHold(hash))
  }

  @Test func `holds what was inserted until it is removed`() {
    directory.finishFilling()

    directory.insert(hash, volume: 255, zone: StoreLimits.zonesMax - 1)
    let held = directory.mayHold(hash)
    directory.remove(hash)

    #expect(held)
    #expect(!directory.mayHold(hash) && directory.count == 0)
  }

  @Test func `counts its objects by volume`() {
    for number in 0..<100 {
      directory.insert(
        Hash128.test(UInt64(number)), volume: number < 30 ? 0 : 2, zone: UInt32(number))
    }

    #expect(directory.counts(volumes: 3) == [30, 0, 70])
  }

  @Test func `removes an object from the zone that it names alone`() {
    directory.finishFilling()
    directory.insert(hash, volume: 1, zone: 5)
    directory.insert(hash, volume: 2, zone: 6)

    directory.remove(hash, volume: 1, zone: 5)
    directory.remove(hash, volume: 1, zone: 6)
    directory.remove(hash, volume: 2, zone: 5)
    let held = directory.mayHold(hash)
    directory.remove(hash, volume: 2, zone: 6)

    #expect(held && !directory.mayHold(hash))
  }

  @Test func `remembers a hit until it is taken or the object is written anew`() {
    directory.markHit(hash)
    let absent = directory.takeHit(hash)
    directory.insert(hash, volume: 1, zone: 5)
    let new = directory.takeHit(hash)
    directory.markHit(hash)
    let marked = directory.takeHit(hash)
    let taken = directory.takeHit(hash)
    directory.markHit(hash)
    directory.insert(hash, volume: 1, zone: 6)

    #expect(!absent && !new && marked && !taken)
    #expect(!directory.takeHit(hash))
  }

  @Test func `removes by zone what was hit, too`() {
    directory.finishFilling()
    directory.insert(hash, volume: 1, zone: 5)
    directory.markHit(hash)

    directory.remove(hash, volume: 1, zone: 5)

    #expect(!directory.mayHold(hash))
  }

  @Test func `believes a commit more than the walk that fills it`() {
    directory.insert(hash, volume: 1, zone: 6)
    directory.markHit(hash)

    directory.fill(hash, volume: 1, zone: 5)
    directory.fill(.test(2), volume: 1, zone: 5)
    directory.finishFilling()
    directory.remove(hash, volume: 1, zone: 5)

    #expect(directory.mayHold(hash) && directory.takeHit(hash))
    #expect(directory.mayHold(.test(2)))
  }

  @Test func `takes at most sixteen bytes an object, growing and shrinking`() {
    var worst = 0.0
    func weigh(_ count: Int) {
      #expect(directory.count == count)
      guard count > 0 else { return }
      worst = max(worst, Double(directory.heldBytes - Directory.fixedBytes) / Double(count))
    }

    for number in 1...4000 as ClosedRange<UInt64> {
      directory.insert(.test(number), volume: 0, zone: 0)
      weigh(Int(number))
    }
    for number in 4001...100_000 as ClosedRange<UInt64> {
      directory.insert(.test(number), volume: 0, zone: 0)
      if number % 1000 == 0 { weigh(Int(number)) }
    }
    let grown = directory.heldBytes
    for number in (1...100_000 as ClosedRange<UInt64>).reversed() {
      directory.remove(.test(number))
      if number < 4000 || number % 1000 == 1 { weigh(Int(number) - 1) }
    }

    #expect(worst <= 16)
    #expect(grown <= 16 * 100_000, "with all that it holds")
    #expect(directory.heldBytes == Directory.fixedBytes)
  }

  @Test func `seldom takes an object for another`() {
    directory.finishFilling()
    for number in 0..<100_000 as Range<UInt64> {
      directory.insert(.test(number), volume: 0, zone: 0)
    }

    let strangers = (1_000_000..<1_300_000 as Range<UInt64>).filter {
      directory.mayHold(.test($0))
    }

    #expect(strangers.count <= 2)
    #expect((0..<100_000 as Range<UInt64>).allSatisfy { directory.mayHold(.test($0)) })
  }

  @Test func `forgets all at once`() {
    directory.finishFilling()
    for number in 0..<1000 as Range<UInt64> { directory.insert(.test(number), volume: 0, zone: 0) }

    directory.removeAll()

    #expect(directory.count == 0 && !directory.mayHold(.test(1)))
  }

  @Test func `traps over a zone that it has no bits for`() async {
    await #expect(processExitsWith: .failure) {
      Directory().insert(.test(1), volume: 0, zone: StoreLimits.zonesMax)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `agrees with a dictionary of truth but for hashes that it cannot tell apart`(
    _ seed: UInt64
  ) {
    var random = RandomSource(seed: seed)
    var truth = Truth()
    directory.finishFilling()
    // Few homes: long runs, across the end of a table too; and tags that are equal, or 0.
    let hashes = (0..<600).map { _ in
      Hash128(
        low: UInt64.random(in: 0..<8, using: &random) << 61
          | UInt64.random(in: 0..<16, using: &random) << 28,
        high: UInt64.random(in: 0..<3, using: &random) << 32 | random.next() >> 32)
    }

    for _ in 0..<20_000 {
      let hash = hashes[Int.random(in: 0..<hashes.count, using: &random)]
      let zone = UInt32.random(in: 0..<3, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1:
        directory.insert(hash, volume: 1, zone: zone)
        truth[hash] = Truth.Entry(zone: zone)
      case 2:
        directory.fill(hash, volume: 1, zone: zone)
        if truth[hash] == nil { truth[hash] = Truth.Entry(zone: zone) }
      case 3:
        directory.remove(hash, volume: 1, zone: zone)
        if truth[hash]?.zone == zone { truth[hash] = nil }
      case 4:
        directory.remove(hash)
        truth[hash] = nil
      case 5:
        directory.markHit(hash)
        truth[hash]?.wasHit = true
      case 6:
        #expect(directory.takeHit(hash) == (truth[hash]?.wasHit ?? false))
        truth[hash]?.wasHit = false
      default:
        #expect(directory.mayHold(hash) == (truth[hash] != nil))
      }
    }

    #expect(directory.count == truth.count)
    #expect(hashes.allSatisfy { directory.mayHold($0) == (truth[$0] != nil) })
  }

  @Test func `is used by many threads at once`() async {
    directory.finishFilling()

    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<4 as Range<UInt64> {
        group.addTask { [directory] in
          var random = RandomSource(seed: thread)
          var mine: [UInt64: UInt32] = [:]
          for _ in 0..<20_000 {
            // Each has hashes of its own, in shards that all share.
            let number = thread << 32 | UInt64.random(in: 0..<2000, using: &random)
            let zone = UInt32.random(in: 0..<4, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
              directory.insert(.test(number), volume: 0, zone: zone)
              mine[number] = zone
            case 2:
              directory.remove(.test(number), volume: 0, zone: zone)
              if mine[number] == zone { mine[number] = nil }
            case 3: directory.markHit(.test(number))
            default: #expect(directory.mayHold(.test(number)) == (mine[number] != nil))
            }
          }
          for number in mine.keys { directory.remove(.test(number)) }
        }
      }
    }

    #expect(directory.count == 0)
  }
}

/// What the directory should know: by the bits of a hash that it keeps.
private struct Truth {
  struct Entry {
    var zone: UInt32
    var wasHit = false
  }
  private struct Key: Hashable {
    var shard: UInt64
    var tag: UInt64
  }

  private var known: [Key: Entry] = [:]

  var count: Int { known.count }

  subscript(hash: Hash128) -> Entry? {
    get { known[key(of: hash)] }
    set { known[key(of: hash)] = newValue }
  }

  private func key(of hash: Hash128) -> Key {
    Key(shard: hash.high >> 32 & 1023, tag: max(hash.low >> 29, 1))
  }
}
