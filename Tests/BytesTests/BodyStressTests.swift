import Bytes
import Glibc
import Loop
import Testing

/// Counting semaphores: one for each reader and one for the writer.
private final class Bells: Sendable {
  // Exception: semaphores are made for many threads.
  private nonisolated(unsafe) let bells: UnsafeMutablePointer<sem_t>
  private let count: Int

  init(_ count: Int) {
    self.count = count
    bells = .allocate(capacity: count)
    for index in 0..<count { sem_init(bells + index, 0, 0) }
  }

  deinit {
    for index in 0..<count { sem_destroy(bells + index) }
    bells.deallocate()
  }

  func ring(_ index: Int) { sem_post(bells + index) }

  func ring(mask: UInt64) {
    for index in 0..<count where mask & (1 << UInt64(index)) != 0 { ring(index) }
  }

  func wait(_ index: Int) { while sem_wait(bells + index) != 0 {} }
}

/// What became of a reader.
private enum Fate: Equatable { case pending, complete, lapped, aborted, wrong(at: Int) }

/// One writer and several readers of a Body, each on a thread of its own.
private final class Race: @unchecked Sendable {
  // Exception: unchecked, because a reader writes its own fate alone, and threads are joined.
  let body: Body
  let arena: Arena
  private let bells: Bells
  private let expected: [UInt8]
  private let readers: Int
  private let writerBell: Int
  private(set) var fates: [Fate]
  private let lock = Lock()

  init(arena: Arena, readers: Int, bytes: Int) {
    self.arena = arena
    self.readers = readers
    body = Body(arena: arena)
    bells = Bells(readers + 1)
    writerBell = readers
    expected = pattern(bytes)
    fates = Array(repeating: .pending, count: readers)
    for _ in 0..<readers { body.join() }
  }

  func run(pieces: Int) throws {
    let threads = try (0..<readers).map { index in
      try WorkerThread(name: "reader") { [self] in
        let fate = read(index)
        lock.withLock { fates[index] = fate }
      }
    }
    let writer = try WorkerThread(name: "writer") { [self] in write(pieces: pieces) }
    writer.join()
    for thread in threads { thread.join() }
  }

  private func write(pieces: Int) {
    var sent = 0
    let bytes = expected
    while sent < bytes.count {
      let room = min(body.room, pieces, bytes.count - sent)
      if body.gaveUpKeeping() { bells.ring(mask: body.wakeAll()) }
      guard room > 0 else {
        bells.wait(writerBell)
        continue
      }
      bells.ring(mask: body.append(bytes.span.extracting(sent..<(sent + room))))
      sent += room
    }
    bells.ring(mask: body.seal())
  }

  private func read(_ index: Int) -> Fate {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { scratch.deallocate() }
    var offset = 0
    while true {
      switch body.next(
        offset: UInt64(offset), limit: 10_000 + 7000 * index, worker: index, scratch: scratch)
      {
      case .range(let range):
        let bytes = UnsafeRawBufferPointer(arena.bytes(offset: range.offset, count: range.count))
        let isRight = matches(bytes, at: offset)
        if index == 0 { body.markLent() }
        if range.isPinned, body.unpin() { bells.ring(writerBell) }
        guard isRight else { return .wrong(at: offset) }
        offset += range.count
      case .copied(let count, let wakesWriter):
        if wakesWriter { bells.ring(writerBell) }
        let bytes = UnsafeRawBufferPointer(rebasing: scratch[..<count])
        guard matches(bytes, at: offset) else { return .wrong(at: offset) }
        // A socket often takes less than it is given.
        offset += count > 1000 ? count - 500 : count
      case .wait(let wakesWriter):
        if wakesWriter { bells.ring(writerBell) }
        bells.wait(index)
      case .end: return offset == expected.count ? .complete : .wrong(at: offset)
      case .aborted: return .aborted
      case .lapped:
        return .lapped
      case .file, .absent:
        preconditionFailure("bytes of the arena lie in no file")
      }
    }
  }

  private func matches(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    expected[offset..<(offset + bytes.count)].withUnsafeBytes {
      guard let left = bytes.baseAddress, let right = $0.baseAddress else { return false }
      return memcmp(left, right, bytes.count) == 0
    }
  }
}

@Suite struct `A body with its writer and its readers on different threads` {
  @Test(arguments: [1000, 20_000, 100_000, 1_500_000])
  func `gives every reader every byte when it is kept`(_ count: Int) throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)

    for round in 0..<10 {
      let race = Race(arena: arena, readers: 4, bytes: count)
      _ = race.body.admit(length: round % 2 == 0 ? UInt64(count) : nil, keepAtMost: .max)
      try race.run(pieces: 3000 + 5000 * round)
      #expect(race.fates == Array(repeating: .complete, count: 4))
      #expect(race.body.phase == .whole)
    }

    #expect(arena.usedBytes == 0)
  }

  @Test func `gives its only reader every byte through a window`() throws {
    let arena = try Arena(bytes: 8 * BytesLimits.blockBytes)

    for round in 0..<5 {
      let race = Race(arena: arena, readers: 1, bytes: 1_000_000)
      _ = race.body.admit(length: nil, keepAtMost: 0)
      try race.run(pieces: 3000 + 9000 * round)
      #expect(race.fates == [.complete])
    }

    #expect(arena.usedBytes == 0)
  }

  @Test func `gives right bytes or none through a window to several readers`() throws {
    let arena = try Arena(bytes: 16 * BytesLimits.blockBytes)

    for round in 0..<5 {
      let race = Race(arena: arena, readers: 4, bytes: 1_000_000)
      _ = race.body.admit(length: nil, keepAtMost: 0)
      try race.run(pieces: 3000 + 9000 * round)
      #expect(race.fates.allSatisfy { $0 == .complete || $0 == .lapped })
      #expect(race.fates.contains(.complete))
    }

    #expect(arena.usedBytes == 0)
  }

  @Test func `goes on when its memory ends in the middle`() throws {
    let arena = try Arena(bytes: 8 * BytesLimits.blockBytes)

    for round in 0..<5 {
      let race = Race(arena: arena, readers: 3, bytes: 1_000_000)
      _ = race.body.admit(length: nil, keepAtMost: .max)
      try race.run(pieces: 3000 + 9000 * round)
      #expect(race.fates.allSatisfy { $0 == .complete || $0 == .lapped })
      #expect(race.fates.contains(.complete))
      #expect(race.body.phase == .ended)
    }

    #expect(arena.usedBytes == 0)
  }
}

@Suite struct `An arena used by several threads` {
  @Test func `gives no block and no slot to two of them`() throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)
    let threads = try (0..<4).map { index in
      try WorkerThread(name: "taker") {
        var random = RandomSource(seed: UInt64(index))
        for _ in 0..<2000 {
          if Bool.random(using: &random), arena.reserve(blocks: 2) {
            let first = arena.take(after: nil)
            let blocks = [first, arena.take(after: first)]
            for block in blocks { stamp(arena, Int(block) * BytesLimits.blockBytes, index) }
            arena.give(back: blocks.span, lent: index == 0)
          } else if let slot = arena.takeSlot(count: Int.random(in: 1...9000, using: &random)) {
            stamp(arena, slot.offset, index)
            arena.give(back: slot)
          }
        }
      }
    }

    for thread in threads { thread.join() }

    #expect(arena.usedBytes == 0)
  }
}

/// Writes to memory that must be ours alone; ThreadSanitizer sees it if it is not.
private func stamp(_ arena: Arena, _ offset: Int, _ index: Int) {
  let bytes = arena.bytes(offset: offset, count: 256)
  for place in bytes.indices { bytes[place] = UInt8(index) }
  precondition(bytes.allSatisfy { $0 == UInt8(index) }, "somebody else writes here")
}
