import Bytes
import Testing

private let block = BytesLimits.blockBytes

/// An arena of a few blocks.
private func arena(blocks: Int) throws -> Arena { try Arena(bytes: blocks * block) }

/// Evicts what a test tells it to.
private final class ScriptedReclaimer: Reclaimer, @unchecked Sendable {
  // Exception: unchecked, because the test has one thread.
  var asked: [Int] = []
  var onReclaim: (Int) -> Bool = { _ in false }

  override func reclaim(blocks: Int) -> Bool {
    asked.append(blocks)
    return onReclaim(blocks)
  }
}

@Suite struct `An arena` {
  @Test func `gives out each promised block once and counts what is in use`() throws {
    let arena = try arena(blocks: 100)

    let isReserved = arena.reserve(blocks: 100)
    let taken = (0..<100).map { _ in arena.take(after: nil) }

    #expect(isReserved)
    #expect(Set(taken).count == 100)
    #expect(arena.usedBytes == 100 * block)
    arena.give(back: taken.span, lent: false)
    #expect(arena.usedBytes == 0)
  }

  @Test func `never promises more than it has`() throws {
    let arena = try arena(blocks: 8)

    #expect(arena.reserve(blocks: 5))
    #expect(!arena.reserve(blocks: 4))
    #expect(arena.reserve(blocks: 3))
    #expect(!arena.reserve(blocks: 1))
    #expect(!arena.reserve(blocks: .max))
    arena.unreserve(blocks: 3)
    #expect(arena.reserve(blocks: 3))
  }

  @Test func `counts promises as used and takes them back`() throws {
    let arena = try arena(blocks: 8)

    _ = arena.reserve(blocks: 5)
    let promised = arena.usedBytes
    arena.unreserve(blocks: 5)

    #expect(promised == 5 * block)
    #expect(arena.usedBytes == 0)
  }

  @Test func `prefers the block behind the previous one, so that runs form`() throws {
    let arena = try arena(blocks: 130)
    _ = arena.reserve(blocks: 130)
    var taken: [UInt32] = []

    for _ in 0..<130 { taken.append(arena.take(after: taken.last)) }

    #expect(taken == Array(0..<130))
    arena.give(back: taken.span, lent: false)
  }

  @Test func `finds the last free block wherever it lies`() throws {
    let arena = try arena(blocks: 200)
    _ = arena.reserve(blocks: 200)
    let taken = (0..<200).map { _ in arena.take(after: nil) }

    for block in [UInt32](arrayLiteral: 0, 63, 64, 127, 199) {
      arena.give(back: [block].span, lent: false)
      #expect(arena.reserve(blocks: 1))
      #expect(arena.take(after: 5) == block)
    }

    arena.give(back: taken.span, lent: false)
    #expect(arena.usedBytes == 0)
  }

  @Test func `evicts what is missing before it refuses`() throws {
    let arena = try arena(blocks: 4)
    let reclaimer = ScriptedReclaimer()
    arena.setReclaimer(reclaimer)
    _ = arena.reserve(blocks: 4)
    let taken = (0..<4).map { _ in arena.take(after: nil) }
    var evicted = 0
    reclaimer.onReclaim = { _ in
      arena.give(back: [taken[evicted]].span, lent: false)
      evicted += 1
      return true
    }

    let isReserved = arena.reserve(blocks: 2)

    #expect(isReserved)
    #expect(reclaimer.asked == [2, 1])
    reclaimer.onReclaim = { _ in false }
    #expect(!arena.reserve(blocks: 1))
    arena.unreserve(blocks: 2)
    arena.give(back: taken.span.extracting(2...), lent: false)
  }

  @Test func `punches lent blocks, so that a slow viewer never sees the next owner's bytes`() throws
  {
    let arena = try arena(blocks: 4)
    _ = arena.reserve(blocks: 4)
    let taken = (0..<4).map { _ in arena.take(after: nil) }
    for block in taken { fill(arena, block, with: 0xAB) }

    arena.give(back: taken.span.extracting(..<2), lent: true)
    arena.give(back: taken.span.extracting(2...), lent: false)
    _ = arena.reserve(blocks: 4)
    let again = (0..<4).map { _ in arena.take(after: nil) }

    #expect(again.filter { taken[..<2].contains($0) }.allSatisfy { isZero(arena, $0) })
    arena.give(back: again.span, lent: false)
  }

  @Test func `traps when a block is given back twice`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(bytes: 4 * BytesLimits.blockBytes)
      _ = arena.reserve(blocks: 1)
      let block = arena.take(after: nil)
      arena.give(back: [block].span, lent: false)
      arena.give(back: [block].span, lent: false)
    }
  }

  @Test func `traps when a block is taken without a promise`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(bytes: 4 * BytesLimits.blockBytes)
      _ = arena.take(after: nil)
    }
  }

  @Test func `traps when more is unreserved than was promised`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(bytes: 4 * BytesLimits.blockBytes)
      _ = arena.reserve(blocks: 1)
      arena.unreserve(blocks: 2)
    }
  }

  private func fill(_ arena: Arena, _ block: UInt32, with byte: UInt8) {
    let bytes = arena.bytes(offset: Int(block) * BytesLimits.blockBytes)
    for index in bytes.indices { bytes[index] = byte }
  }

  private func isZero(_ arena: Arena, _ block: UInt32) -> Bool {
    arena.bytes(offset: Int(block) * BytesLimits.blockBytes).allSatisfy { $0 == 0 }
  }
}

@Suite struct `The slots of an arena` {
  @Test(arguments: [1, 256, 257, 4096, 21_824, 32_767, 32_768])
  func `lie apart from each other within their blocks`(_ count: Int) throws {
    let arena = try arena(blocks: 8)
    var taken: [Range<Int>] = []
    var slots: [Slot] = []

    while let slot = arena.takeSlot(count: count) {
      slots.append(slot)
      taken.append(slot.offset..<(slot.offset + count))
    }

    let sorted = taken.sorted { $0.lowerBound < $1.lowerBound }
    #expect(sorted.count >= 8 * (block / 2 / max(count, 256)))
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    #expect(sorted.allSatisfy { $0.lowerBound / block == ($0.upperBound - 1) / block })
    for slot in slots { arena.give(back: slot) }
    #expect(arena.usedBytes == 0)
  }

  @Test func `are reused, and their block is freed with the last one`() throws {
    let arena = try arena(blocks: 4)
    let first = try #require(arena.takeSlot(count: 1000))
    let second = try #require(arena.takeSlot(count: 1000))

    arena.give(back: first)
    let third = try #require(arena.takeSlot(count: 1000))

    #expect(third == first)
    #expect(arena.usedBytes == block)
    arena.give(back: second)
    arena.give(back: third)
    #expect(arena.usedBytes == 0)
  }

  @Test func `become free again in a block that was full`() throws {
    let arena = try arena(blocks: 1)
    let full = (0..<2).compactMap { _ in arena.takeSlot(count: 32_768) }

    let none = arena.takeSlot(count: 32_768)
    arena.give(back: full[0])
    let again = arena.takeSlot(count: 32_768)

    #expect(full.count == 2 && none == nil && again == full[0])
    arena.give(back: full[1])
    arena.give(back: full[0])
    #expect(arena.usedBytes == 0)
  }

  @Test func `are refused above their largest size`() throws {
    let arena = try arena(blocks: 4)

    #expect(arena.takeSlot(count: 32_769) == nil)
  }

  @Test func `do not take blocks that a Fill was promised`() throws {
    let arena = try arena(blocks: 2)
    _ = arena.reserve(blocks: 2)

    #expect(arena.takeSlot(count: 100) == nil)
    arena.unreserve(blocks: 1)
    let slot = try #require(arena.takeSlot(count: 100))
    arena.give(back: slot)
    arena.unreserve(blocks: 1)
  }

  @Test func `evict when there is no block left`() throws {
    let arena = try arena(blocks: 1)
    let reclaimer = ScriptedReclaimer()
    arena.setReclaimer(reclaimer)
    _ = arena.reserve(blocks: 1)
    let taken = arena.take(after: nil)
    reclaimer.onReclaim = { _ in
      arena.give(back: [taken].span, lent: false)
      return true
    }

    let slot = try #require(arena.takeSlot(count: 100))

    #expect(reclaimer.asked == [1])
    arena.give(back: slot)
  }

  @Test func `trap when one is given back twice`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(bytes: 4 * BytesLimits.blockBytes)
      let slots = (0..<2).compactMap { _ in arena.takeSlot(count: 100) }
      arena.give(back: slots[0])
      arena.give(back: slots[0])
    }
  }

  @Test func `keep to a model however they are taken and given back`() throws {
    let arena = try arena(blocks: 32)
    var random = RandomSource(seed: 1)
    var held: [(slot: Slot, count: Int)] = []

    for _ in 0..<20_000 {
      if held.isEmpty || Bool.random(using: &random) {
        let count = Int.random(in: 1...32_768, using: &random)
        if let slot = arena.takeSlot(count: count) { held.append((slot, count)) }
      } else {
        arena.give(back: held.remove(at: Int.random(in: held.indices, using: &random)).slot)
      }
    }

    let ranges = held.map { $0.slot.offset..<($0.slot.offset + $0.count) }
      .sorted { $0.lowerBound < $1.lowerBound }
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    for (slot, _) in held { arena.give(back: slot) }
    #expect(arena.usedBytes == 0)
  }
}
