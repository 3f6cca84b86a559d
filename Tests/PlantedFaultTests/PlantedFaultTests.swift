import Bytes
import Glibc
import Testing

/// Faults that a sanitizer must catch before its silence about the rest means anything.
///
/// Each runs only when `SPILLWAY_PLANT` names it: `Packaging/run-sanitizer` does, and expects a
/// crash with the right report.
@Suite struct `A planted fault` {
  @Test(.enabled(if: planted == "use-after-free"))
  func `reads a block of the arena after it was given back`() throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)
    #expect(arena.reserve(blocks: 1))
    let block = arena.take(after: nil)
    let bytes = arena.bytes(offset: Int(block) * BytesLimits.blockBytes)
    let first = bytes.baseAddress?.assumingMemoryBound(to: Int.self)
    first?.pointee = 1

    arena.give(back: [block].span, lent: false)

    #expect(first?.pointee == 1, "the sanitizer should have ended the process here")
  }

  @Test(.enabled(if: planted == "heap-use-after-free"))
  func `reads memory of the heap after it was freed`() {
    let memory = UnsafeMutablePointer<Int>.allocate(capacity: 8)
    memory.initialize(repeating: 1, count: 8)

    memory.deallocate()

    #expect(memory[3] == 1, "the sanitizer should have ended the process here")
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
}

private let planted: String? = getenv("SPILLWAY_PLANT").map { String(cString: $0) }
