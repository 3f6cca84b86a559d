import Bytes
import Glibc
import Testing

/// Faults that a sanitizer must catch before its silence about the rest means anything.
///
/// Each runs only when `SPILLWAY_PLANT` names it: `Packaging/run-sanitizer` does, and expects a
/// crash with the right report.
@Suite struct `A planted fault` {
  @Test(.enabled(if: planted == "block"))
  func `reads a block of the arena after it was given back`() throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)
    #expect(arena.reserve(blocks: 1))
    let block = arena.take(after: nil)
    let byte = try byte(100, of: arena.bytes(offset: Int(block) * BytesLimits.blockBytes))
    byte.pointee = 1

    arena.give(back: [block].span, lent: false)

    #expect(byte.pointee == 1, "the sanitizer should have ended the process here")
  }

  @Test(.enabled(if: planted == "slot"))
  func `reads a slot of the arena after it was given back, while its neighbour lives`() throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)
    let slot = try #require(arena.takeSlot(count: 1000))
    let neighbour = try #require(arena.takeSlot(count: 1000))
    let byte = try byte(999, of: arena.bytes(offset: slot.offset, count: 1000))
    byte.pointee = 1

    arena.give(back: slot)

    #expect(byte.pointee == 1, "the sanitizer should have ended the process here")
    arena.give(back: neighbour)
  }

  @Test(.enabled(if: planted == "chunk"))
  func `reads a chunk of a worker's pool after it was given back`() throws {
    let pool = ChunkPool()
    var queue = ByteQueue()
    let byte = try byte(100, of: queue.room(101, from: pool))
    byte.pointee = 1

    queue.giveBack(to: pool)

    #expect(byte.pointee == 1, "the sanitizer should have ended the process here")
  }

  @Test(.enabled(if: planted == "data-race"))
  func `counts from two threads without a lock`() {
    let counter = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    counter.initialize(to: 0)
    let count: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
      guard let counter = context?.assumingMemoryBound(to: Int.self) else { return nil }
      for _ in 0..<1_000 { counter.pointee += 1 }
      return nil
    }
    var threads = [pthread_t](repeating: 0, count: 2)

    for index in threads.indices { pthread_create(&threads[index], nil, count, counter) }
    for thread in threads { pthread_join(thread, nil) }

    #expect(counter.pointee <= 2_000)
    counter.deallocate()
  }

  /// A byte whose accesses the compiler writes down here, where the sanitizer sees them; a buffer's
  /// subscript may run inside the standard library, where it does not.
  private func byte(
    _ index: Int, of bytes: UnsafeMutableRawBufferPointer
  ) throws -> UnsafeMutablePointer<UInt8> {
    try #require(bytes.baseAddress).assumingMemoryBound(to: UInt8.self) + index
  }
}

private let planted: String? = getenv("SPILLWAY_PLANT").map { String(cString: $0) }
