internal import CLinux
internal import Glibc

/// Frees arena blocks on demand: the memory tier, which evicts.
open class Reclaimer: @unchecked Sendable {
  // Exception: unchecked because subclasses hold locks of their own; this base has no state.

  /// Makes a reclaimer.
  public init() {}

  /// Evicts until at least `blocks` more blocks are free, as far as it can.
  ///
  /// Called on any worker thread, without a lock of the arena or of a Body held.
  /// - Returns: `false` when nothing more can be evicted.
  open func reclaim(blocks: Int) -> Bool { false }
}

/// All memory for bodies: one memfd, mapped once, cut into 64 KiB blocks and size-classed slots.
///
/// Any thread may reserve, take and give back; one lock guards the free map, held for nanoseconds
/// and taken once per 64 KiB of a Fill, never on a hit. Blocks whose pages were lent to `sendfile`
/// are punched before reuse: pages that wait on a socket belong to the kernel until the peer has
/// acknowledged them, also after `close` (measured: overwriting them in place delivered a megabyte
/// of wrong bytes with a clean end; punching delivered none).
@safe public final class Arena: @unchecked Sendable {
  // Exception: unchecked, because the lock guards the free map; the rest never changes.
  /// The memfd: what `sendfile` reads from.
  public let descriptor: Int32
  /// The number of blocks.
  public let blockCount: Int

  let lock = Lock()
  private let base: UnsafeMutableRawPointer
  private var freeMap: [UInt64]
  private var freeCount: Int
  private var promisedCount = 0
  private var cursor = 0
  private weak var reclaimer: Reclaimer?
  var slabs = SlotSlabs()

  /// Makes an arena of `bytes`, rounded down to whole blocks.
  ///
  /// - Throws: `ArenaError` when the kernel gives no memory file or no address space.
  public init(bytes: Int) throws(ArenaError) {
    let blocks = max(1, bytes / BytesLimits.blockBytes)
    let size = blocks * BytesLimits.blockBytes
    let file = unsafe memfd_create("spillway-memory", UInt32(MFD_CLOEXEC))
    guard file >= 0 else { throw ArenaError(call: "memfd_create", code: errno) }
    guard ftruncate(file, off_t(size)) == 0, let mapped = unsafe spillway_map_shared(file, size)
    else {
      let code = errno
      close(file)
      throw ArenaError(call: "mmap", code: code)
    }
    descriptor = file
    blockCount = blocks
    freeMap = Array(repeating: .max, count: (blocks + 63) / 64)
    freeCount = blocks
    unsafe base = mapped
    if blocks % 64 != 0 { freeMap[blocks / 64] = (1 << UInt64(blocks % 64)) - 1 }
    unsafe AddressSanitizer.poison(unsafe UnsafeMutableRawBufferPointer(start: base, count: size))
  }

  deinit {
    let size = blockCount * BytesLimits.blockBytes
    unsafe AddressSanitizer.unpoison(unsafe UnsafeMutableRawBufferPointer(start: base, count: size))
    unsafe munmap(base, size)
    close(descriptor)
  }

  /// Names the one that evicts when a reservation finds too little; set once, before any Fill.
  public func setReclaimer(_ reclaimer: Reclaimer) { self.reclaimer = reclaimer }

  /// Bytes in use or promised to running Fills: the gauge `memory_used_bytes`.
  public var usedBytes: Int {
    lock.withLock { (blockCount - freeCount + promisedCount) * BytesLimits.blockBytes }
  }

  /// Promises `blocks` blocks to a Fill, evicting if need be; all of them or none.
  ///
  /// Promises never exceed the pool, so a running Fill never waits for memory.
  public func reserve(blocks: Int) -> Bool {
    guard blocks <= blockCount else { return false }
    while true {
      let missing = lock.withLock { () -> Int in
        let available = freeCount - promisedCount
        guard available < blocks else {
          promisedCount += blocks
          return 0
        }
        return blocks - available
      }
      if missing == 0 { return true }
      guard let reclaimer, reclaimer.reclaim(blocks: missing) else { return false }
    }
  }

  /// Gives back a promise that was not used.
  public func unreserve(blocks: Int) {
    lock.withLock {
      promisedCount -= blocks
      precondition(promisedCount >= 0, "more blocks unreserved than were promised")
    }
  }

  /// Takes one promised block; preferably the one that follows `previous`, so that runs form.
  public func take(after previous: UInt32?) -> UInt32 {
    let block = lock.withLock { () -> UInt32 in
      precondition(promisedCount > 0, "a block was taken without a reservation")
      promisedCount -= 1
      return takeFree(after: previous)
    }
    unsafe AddressSanitizer.unpoison(bytes(offset: Int(block) * BytesLimits.blockBytes))
    return block
  }

  /// Gives blocks back; `lent` ones are punched first, outside the lock.
  public func give(back blocks: borrowing Span<UInt32>, lent: Bool) {
    var index = 0
    while index < blocks.count {
      let first = blocks[index]
      var run = 1
      while index + run < blocks.count, blocks[index + run] == first + UInt32(run) { run += 1 }
      giveRun(first: first, count: run, lent: lent)
      index += run
    }
  }

  /// Gives the pages of one taken block back to the kernel; `false` if the kernel refuses.
  func punch(block: UInt32) -> Bool {
    let offset = off_t(Int(block) * BytesLimits.blockBytes)
    return spillway_punch(descriptor, offset, off_t(BytesLimits.blockBytes)) == 0
  }

  /// The memory of a range of the arena; the caller holds what keeps it alive.
  @inline(__always)
  public func bytes(
    offset: Int, count: Int = BytesLimits.blockBytes
  ) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base + offset, count: count)
  }

  private func giveRun(first: UInt32, count: Int, lent: Bool) {
    let offset = Int(first) * BytesLimits.blockBytes
    let size = count * BytesLimits.blockBytes
    if lent {
      // A failed punch would mean that the next owner's bytes reach the old viewer: lose the
      // blocks instead (they stay taken, and the gauge shows it).
      guard spillway_punch(descriptor, off_t(offset), off_t(size)) == 0 else { return }
    }
    unsafe AddressSanitizer.poison(bytes(offset: offset, count: size))
    lock.withLock {
      for block in Int(first)..<(Int(first) + count) { markFree(block) }
    }
  }

  func markFree(_ block: Int) {
    let bit: UInt64 = 1 << UInt64(block % 64)
    precondition(freeMap[block / 64] & bit == 0, "block given back twice")
    freeMap[block / 64] |= bit
    freeCount += 1
  }

  /// Takes a free block with the lock held; the caller has made sure that one is free.
  private func takeFree(after previous: UInt32?) -> UInt32 {
    if let previous, Int(previous) + 1 < blockCount {
      let next = Int(previous) + 1
      if freeMap[next / 64] & (1 << UInt64(next % 64)) != 0 { return claim(next) }
    }
    for step in 0...freeMap.count {
      let word = (cursor + step) % freeMap.count
      if freeMap[word] != 0 {
        cursor = word
        return claim(word * 64 + freeMap[word].trailingZeroBitCount)
      }
    }
    preconditionFailure("promises exceed the free blocks")
  }

  /// Takes a block that nobody was promised, with the lock held, if there is one.
  func takeUnpromised() -> UInt32? {
    freeCount > promisedCount ? takeFree(after: nil) : nil
  }

  private func claim(_ block: Int) -> UInt32 {
    freeMap[block / 64] &= ~(1 << UInt64(block % 64))
    freeCount -= 1
    return UInt32(block)
  }
}

/// Why an arena could not be made.
public struct ArenaError: Error, Equatable {
  /// The system call that failed.
  public let call: StaticString
  /// Its `errno`.
  public let code: Int32

  /// Compares by `errno`.
  public static func == (left: ArenaError, right: ArenaError) -> Bool { left.code == right.code }
}
