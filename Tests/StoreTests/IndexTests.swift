import Bytes
import Store
import Testing

@Suite struct `The index` {
  let lab = IndexLab()

  @Test func `finds what was put, also after it was opened anew`() throws {
    var index: Index? = try lab.open()
    try index?.apply([.put(hash: .test(1), number: 0, .object(serial: 5))])
    let before = try index?.reader().record(.test(1))
    index = nil

    let after = try lab.open().reader().record(.test(1))

    #expect(before == .object(serial: 5) && after == before)
  }

  @Test func `answers nothing to a hash that was not put`() throws {
    let index = try lab.open()
    try index.apply([.put(hash: .test(1), number: 0, .object(serial: 5))])

    #expect(try index.reader().record(.test(2)) == nil)
  }

  @Test func `keeps the higher serial whichever comes last`() throws {
    let index = try lab.open()
    let reader = try index.reader()

    try index.apply([.put(hash: .test(1), number: 0, .object(id: 1, serial: 5))])
    try index.apply([.put(hash: .test(1), number: 0, .object(id: 2, serial: 4))])
    let kept = try reader.record(.test(1))
    try index.apply([.put(hash: .test(1), number: 0, .vary("accept", serial: 6))])
    let replaced = try reader.record(.test(1))
    try index.apply([.put(hash: .test(1), number: 0, .object(id: 3, serial: 6))])
    let equal = try reader.record(.test(1))

    #expect(kept == .object(id: 1, serial: 5))
    #expect(try replaced == .vary("accept", serial: 6))
    #expect(equal == .object(id: 3, serial: 6), "the same serial is the same writer")
  }

  @Test func `removes a record only from where it is said to be`() throws {
    let index = try lab.open()
    let reader = try index.reader()
    try index.apply([.put(hash: .test(1), number: 0, .object(serial: 5, place: .test(sector: 8)))])

    try index.apply([.removeIfAt(hash: .test(1), number: 0, .test(sector: 9))])
    let kept = try reader.record(.test(1))
    try index.apply([.removeIfAt(hash: .test(1), number: 0, .test(sector: 8))])
    try index.apply([.removeIfAt(hash: .test(1), number: 0, .test(sector: 8))])

    #expect(kept != nil)
    #expect(try reader.record(.test(1)) == nil)
  }

  @Test func `removes a rule with its zone, wherever in the zone its variant lies`() throws {
    let index = try lab.open()
    let reader = try index.reader()
    let place = Place.test(zone: 3, epoch: 7, sector: 8)
    try index.apply([.put(hash: .test(1), number: 0, .vary("accept", serial: 5, place: place))])

    try index.apply([.removeIfAt(hash: .test(1), number: 0, .test(zone: 3, epoch: 6))])
    let kept = try reader.record(.test(1))
    try index.apply([.removeIfAt(hash: .test(1), number: 0, .test(zone: 3, epoch: 7, sector: 1))])

    #expect(kept != nil)
    #expect(try reader.record(.test(1)) == nil)
  }

  @Test func `removes an object with its body and leaves its neighbours`() throws {
    let index = try lab.open()
    let hash = Hash128(low: 10, high: 1)
    let neighbours = [Hash128(low: 9, high: 1), Hash128(low: 11, high: 1)]
    for each in neighbours + [hash] {
      try index.apply((1...300).map { .put(hash: each, number: $0, .body(serial: 5)) })
      try index.apply([.put(hash: each, number: 0, .object(serial: 5))])
    }

    try index.apply([.removeObject(hash: hash, serialAtMost: 5)])

    #expect(try numbers(index, hash).isEmpty)
    #expect(try index.reader().record(hash) == nil)
    for each in neighbours { #expect(try numbers(index, each) == Array(1...300)) }
    #expect(try index.entryCount() == 602)
  }

  @Test func `leaves what was written after the object that is removed`() throws {
    let index = try lab.open()
    try index.apply([
      .put(hash: .test(1), number: 0, .object(serial: 9)),
      .put(hash: .test(1), number: 1, .body(serial: 5)),
      .put(hash: .test(1), number: 2, .body(serial: 8)),
    ])

    try index.apply([.removeObject(hash: .test(1), serialAtMost: 7)])

    #expect(try index.reader().record(.test(1)) == .object(serial: 9))
    #expect(try numbers(index, .test(1)) == [2])
  }

  @Test func `lists the fragments of a body that there are`() throws {
    let index = try lab.open()
    try index.apply([.put(hash: .test(1), number: 0, .object(serial: 5))])
    try index.apply([1, 2, 5, 9].map { .put(hash: .test(1), number: $0, .body(serial: 5)) })

    #expect(try numbers(index, .test(1), from: 1, count: 5) == [1, 2, 5])
    #expect(try numbers(index, .test(1), from: 3, count: 2) == [])
    #expect(try numbers(index, .test(1), from: 0, count: 0) == [])
    #expect(try numbers(index, .test(1), from: 5, count: .max) == [5, 9])
    #expect(try numbers(index, .test(2)) == [])
  }

  @Test func `does the changes of a batch in their order`() throws {
    let index = try lab.open()

    try index.apply([
      .put(hash: .test(1), number: 0, .object(serial: 5)),
      .removeObject(hash: .test(1), serialAtMost: 5),
      .put(hash: .test(1), number: 0, .object(id: 2, serial: 3)),
    ])

    #expect(try index.reader().record(.test(1)) == .object(id: 2, serial: 3))
  }

  @Test func `is walked in steps that meet every entry once, while it changes`() throws {
    let index = try lab.open()
    let reader = try index.reader()
    try index.apply((0..<1000).map { .put(hash: .test($0), number: 0, .object(serial: $0)) })

    var seen: [UInt64] = []
    var cursor: IndexCursor?
    repeat {
      cursor = try reader.forEach(from: cursor, limit: 64) { seen.append($2.serial) }
      // Behind the cursor or before it: the walk goes on at the next that there is.
      try index.apply([.removeObject(hash: .test(seen[0]), serialAtMost: .max)])
    } while cursor != nil

    #expect(seen.sorted() == Array(0..<1000))
  }

  @Test func `keeps no old pages for a reader that is not looking`() throws {
    let index = try lab.open()
    let reader = try index.reader()
    func rewrite(_ round: UInt64) throws {
      try index.apply((0..<500).map { .put(hash: .test($0), number: 0, .object(serial: round)) })
      _ = try reader.record(.test(1))
      _ = try reader.forEach(from: nil, limit: 1) { _, _, _ in }
    }
    for round in 0..<5 as Range<UInt64> { try rewrite(round) }
    let before = index.usedBytes

    for round in 5..<60 as Range<UInt64> { try rewrite(round) }

    #expect(index.usedBytes < before * 2, "pages were not used again")
  }

  @Test func `knows the volumes that it was built of, in their order`() throws {
    let index = try lab.open()
    let isNewKnown = try index.belongs(to: [])

    try index.adopt(volumes: [7, 8])

    #expect(!isNewKnown)
    #expect(try index.belongs(to: [7, 8]))
    #expect(try !index.belongs(to: [8, 7]))
    #expect(try !index.belongs(to: [7]))
  }

  @Test func `is nobody's once it was emptied`() throws {
    let index = try lab.open()
    try index.apply((0..<1000).map { .put(hash: .test($0), number: 0, .object(serial: 1)) })
    try index.adopt(volumes: [7])

    try index.removeAll()

    #expect(try index.entryCount() == 0)
    #expect(try !index.belongs(to: [7]))
  }

  @Test func `serves readers on other threads while it is written`() async throws {
    let index = try lab.open()
    let hashes = (0..<100).map { Hash128.test($0) }
    try index.apply(hashes.map { .put(hash: $0, number: 0, .object(serial: 0)) })

    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let reader = try index.reader()
          for round in 0..<3000 {
            #expect(try reader.record(hashes[round % 100]) != nil)
          }
        }
      }
      for writer in 0..<2 as Range<UInt64> {
        group.addTask {
          for round in 0..<20 as Range<UInt64> {
            try index.apply(
              hashes.map { .put(hash: $0, number: 0, .object(id: writer, serial: round)) })
          }
        }
      }
      try await group.waitForAll()
    }

    #expect(try index.reader().record(hashes[0])?.serial == 19)
  }

  @Test func `takes no more bytes an object than it promises`() throws {
    let index = try lab.open()
    var random = RandomSource(seed: 3)

    for batch in 0..<20 as Range<UInt64> {
      try index.apply(
        (0..<1000).map { _ in
          .put(
            hash: Hash128(low: random.next(), high: random.next()), number: 0,
            .object(serial: batch))
        })
    }

    #expect(index.usedBytes / 20_000 <= 400)
  }
}

private func numbers(
  _ index: Index, _ hash: Hash128, from: UInt32 = 1, count: Int = 1000
) throws -> [UInt32] {
  var found: [(number: UInt32, record: BodyRecord)] = []
  try index.reader().bodies(hash, from: from, count: count, into: &found)
  return found.map(\.number)
}
