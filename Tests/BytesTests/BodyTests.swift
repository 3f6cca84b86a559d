import Bytes
import Testing

private let block = BytesLimits.blockBytes

@Suite struct `A body that is kept` {
  @Test func `is whole when it is sealed, and gives every byte by offset`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(200_000)

    let admission = lab.body.admit(length: 200_000, keepAtMost: .max)
    lab.append(bytes)
    _ = lab.body.seal()

    #expect(admission == .kept)
    #expect(lab.body.phase == .whole && lab.body.count == 200_000 && lab.body.isKept)
    #expect(lab.readAll() == bytes)
    #expect(lab.readAll(from: 131_071) == Array(bytes[131_071...]))
    #expect(lab.next(200_000) == .end && lab.next(.max) == .end)
  }

  @Test func `keeps its blocks when it is large and gives the unused promise back`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: .max)
    lab.append(pattern(70_000))

    _ = lab.body.seal()

    #expect(lab.body.heldBytes == 2 * block)
    #expect(lab.arena.usedBytes == 2 * block)
  }

  @Test func `lends neighbouring blocks in one range`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: UInt64(4 * block), keepAtMost: .max)
    lab.append(pattern(4 * block))
    _ = lab.body.seal()

    guard case .range(let range) = lab.next(100) else {
      Issue.record("no range")
      return
    }

    #expect(range.count == 4 * block - 100)
    #expect(range.mayLend && !range.isPinned)
  }

  @Test func `moves into a slot when it is small, and its block is free again`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(1000)
    _ = lab.body.admit(length: 1000, keepAtMost: .max)
    lab.append(bytes)

    _ = lab.body.seal()

    #expect(lab.body.heldBytes == 1024)
    #expect(lab.arena.usedBytes == block)
    #expect(lab.readAll() == bytes)
    guard case .range(let range) = lab.next(0) else {
      Issue.record("no range")
      return
    }
    #expect(!range.mayLend && !range.isPinned)
  }

  @Test func `keeps the block that it grew up in for as long as a reader sends from it`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(1000)
    _ = lab.body.admit(length: 1000, keepAtMost: .max)
    lab.append(bytes)
    let piece = lab.next(0)

    _ = lab.body.seal()
    let during = (lab.bytes(of: piece), lab.arena.usedBytes)
    _ = lab.body.unpin()

    #expect(during.0 == bytes && during.1 == 2 * block)
    #expect(lab.arena.usedBytes == block)
  }

  @Test func `of no length at all is whole at once`() throws {
    let lab = try BodyLab(blocks: 1)

    let admission = lab.body.admit(length: 0, keepAtMost: 10)
    _ = lab.body.seal()

    #expect(admission == .kept && lab.body.phase == .whole)
    #expect(lab.next(0) == .end)
    #expect(lab.body.copyWhole(atMost: 0) == [])
  }

  @Test func `gives its memory back when nobody holds it any more`() throws {
    let arena = try Arena(bytes: 16 * block)
    for count in [100, 40_000, 300_000] {
      let lab = BodyLab(arena: arena)
      _ = lab.body.admit(length: nil, keepAtMost: .max)
      lab.append(pattern(count))
      if count != 40_000 { _ = lab.body.seal() }
    }

    #expect(arena.usedBytes == 0)
  }

  @Test func `punches what was lent before it is used again`() throws {
    let arena = try Arena(bytes: block)
    do {
      let lab = BodyLab(arena: arena)
      _ = lab.body.admit(length: nil, keepAtMost: .max)
      lab.append(pattern(block))
      _ = lab.body.seal()
      lab.body.markLent()
    }

    #expect(arena.reserve(blocks: 1))
    let again = arena.take(after: nil)
    #expect(arena.bytes(offset: Int(again) * block).allSatisfy { $0 == 0 })
    arena.give(back: [again].span, lent: false)
  }

  @Test func `is copied for reading, as far as it has come`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(100_000)
    _ = lab.body.admit(length: nil, keepAtMost: .max)
    lab.append(bytes)

    #expect(lab.body.copyWhole(atMost: 100_000) == bytes)
    #expect(lab.body.copyWhole(atMost: 99_999) == nil)
  }
}

@Suite struct `A body that is still growing` {
  @Test func `makes a reader at its end wait and wakes its worker with the next bytes`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: .max)

    let first = lab.next(0, worker: 3)
    let second = lab.next(0, worker: 5)
    let wake = lab.body.append([1, 2, 3].span)
    let again = lab.body.append([4].span)

    #expect(first == .wait(wakesWriter: false) && second == .wait(wakesWriter: false))
    #expect(wake == 1 << 3 | 1 << 5)
    #expect(again == 0, "a bit stands for one message")
  }

  @Test func `wakes who waits for a change of another kind`() throws {
    let lab = try BodyLab(blocks: 16)

    lab.body.waitForChange(worker: 63)

    #expect(lab.body.wakeAll() == 1 << 63)
    #expect(lab.body.wakeAll() == 0)
  }

  @Test func `wakes its readers when it is sealed and when it breaks`() throws {
    let sealed = try BodyLab(blocks: 4)
    let broken = try BodyLab(blocks: 4)
    for lab in [sealed, broken] { _ = lab.next(0, worker: 1) }

    let wakes = (sealed.body.seal(), broken.body.abort())

    #expect(wakes == (2, 2))
    #expect(sealed.next(0) == .end && broken.next(0) == .aborted)
  }

  @Test func `pins what it lends until the system call is over`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: .max)
    lab.append(pattern(10))

    guard case .range(let range) = lab.next(0) else {
      Issue.record("no range")
      return
    }

    #expect(range.isPinned && range.count == 10)
    #expect(!lab.body.unpin())
  }

  @Test func `never ends cleanly once it broke, whatever is there`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: 100, keepAtMost: .max)
    lab.append(pattern(50))

    _ = lab.body.abort()

    #expect(lab.next(0) == .aborted && lab.next(50) == .aborted && lab.next(100) == .aborted)
  }

  @Test func `gives the promise back that it did not use when it breaks`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: UInt64(10 * block), keepAtMost: .max)
    lab.append(pattern(10))

    _ = lab.body.abort()

    #expect(lab.arena.usedBytes == block)
  }

  @Test func `tells whether its last reader has left one that is not kept`() throws {
    let kept = try BodyLab(blocks: 16)
    let windowed = try BodyLab(blocks: 16)
    _ = kept.body.admit(length: nil, keepAtMost: .max)
    _ = windowed.body.admit(length: nil, keepAtMost: 0)
    for lab in [kept, windowed] {
      lab.body.join()
      lab.body.join()
    }

    let first = (kept.body.leave(), windowed.body.leave())
    let second = (kept.body.leave(), windowed.body.leave())

    #expect(first == (.unnoticed, .unnoticed) && second == (.unnoticed, .last))
    #expect(!kept.body.hasReaders)
  }
}

@Suite struct `What a head announces` {
  @Test(arguments: [1 << 60, UInt64.max - 65_535, UInt64.max - 1, UInt64.max])
  func `may be any length without harm`(_ length: UInt64) throws {
    let lab = try BodyLab(blocks: 16)

    #expect(lab.body.admit(length: length, keepAtMost: .max) == .windowed)
    #expect(lab.body.room > 0)
  }

  @Test func `is kept up to the limit and passes through a window above it`() throws {
    let lab = try BodyLab(blocks: 64)
    let other = BodyLab(arena: lab.arena)

    #expect(lab.body.admit(length: 100_000, keepAtMost: 100_000) == .kept)
    #expect(other.body.admit(length: 100_001, keepAtMost: 100_000) == .windowed)
    #expect(lab.arena.usedBytes == 4 * block)
  }

  @Test func `is refused when there is no block left`() throws {
    let lab = try BodyLab(blocks: 4)
    _ = lab.arena.reserve(blocks: 4)

    #expect(lab.body.admit(length: 10, keepAtMost: .max) == .refused)
    lab.arena.unreserve(blocks: 1)
    #expect(lab.body.admit(length: 10, keepAtMost: .max) == .kept)
    lab.arena.unreserve(blocks: 3)
  }

  @Test func `gets a smaller window when memory is short`() throws {
    let lab = try BodyLab(blocks: 64)
    _ = lab.arena.reserve(blocks: 62)

    #expect(lab.body.admit(length: nil, keepAtMost: 0) == .windowed)
    #expect(lab.body.room == 2 * block)
    lab.arena.unreserve(blocks: 62)
  }
}
