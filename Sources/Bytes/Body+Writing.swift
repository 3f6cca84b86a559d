/// How a reservation came out.
public enum BodyAdmission: Equatable, Sendable {
  /// There is memory for every byte.
  case kept
  /// There is memory for a window; the object passes through and is not kept.
  case windowed
  /// There is no memory at all now: try again or refuse.
  case refused
}

extension Body {
  /// Reserves memory once the head is known: for the whole body, else for a window.
  ///
  /// - Parameters:
  ///   - length: the body's length if the framing tells it.
  ///   - keepAtMost: the longest body that may be kept; zero for one that must not be.
  /// - Returns: how the bytes will be held, if at all.
  public func admit(length: UInt64?, keepAtMost: UInt64) -> BodyAdmission {
    let size = UInt64(BytesLimits.blockBytes)
    if let length, length == 0 { return .kept }
    let whole = length.map { Int(min(($0 - 1) / size + 1, UInt64(arena.blockCount) + 1)) }
    if keepAtMost > 0, (length ?? 1) <= keepAtMost {
      let wanted = whole ?? BytesLimits.growthBlocks
      if reserve(wanted) {
        keepLimit = keepAtMost
        return .kept
      }
    }
    var window = min(BytesLimits.windowBlocks, max(1, arena.blockCount / 8), whole ?? .max)
    while window > 0, !reserve(window) { window /= 2 }
    guard window > 0 else { return .refused }
    lock.withLock { stopKeeping(window: window) }
    return .windowed
  }

  /// How many bytes the writer may append now; zero parks it until a reader makes room.
  ///
  /// What it says is secured. A kept Body that has used up its memory reserves more here, or stops
  /// being kept: ask `gaveUpKeeping` next.
  public var room: Int {
    let size = UInt64(BytesLimits.blockBytes)
    secureNext()
    return lock.withLock {
      let held = UInt64(blocks.count) * size - (end - start)
      var free = Int(held) + promised * BytesLimits.blockBytes
      if free == 0, canDropFirst { free = BytesLimits.blockBytes }
      writerParked = free == 0
      return free
    }
  }

  /// Whether the Body has stopped keeping its bytes since this was last asked; for its writer.
  ///
  /// Then newcomers must not be sent to it any more: what they need first will be dropped.
  public func gaveUpKeeping() -> Bool {
    defer { justGaveUp = false }
    return justGaveUp
  }

  /// Memory for the next bytes, at most `limit`, within one block; `nil` when there is no room.
  ///
  /// The writer reads a socket straight into it and then calls `filled`.
  public func buffer(limit: Int) -> UnsafeMutableRawBufferPointer? {
    guard makeRoom(), limit > 0, let block = blocks.last else { return nil }
    let size = BytesLimits.blockBytes
    let inside = Int((end - start) - UInt64(blocks.count - 1) * UInt64(size))
    return unsafe arena.bytes(
      offset: Int(block) * size + inside, count: min(limit, size - inside))
  }

  /// `count` bytes were put into the memory that `buffer` gave.
  ///
  /// - Returns: the workers to wake, one bit each.
  public func filled(_ count: Int) -> UInt64 {
    lock.withLock {
      end += UInt64(count)
      return takeWaiting()
    }
  }

  /// Appends a copy of `bytes`, which must fit `room`.
  ///
  /// - Returns: the workers to wake, one bit each.
  public func append(_ bytes: Span<UInt8>) -> UInt64 {
    var done = 0
    var wake: UInt64 = 0
    while done < bytes.count {
      guard let target = unsafe buffer(limit: bytes.count - done) else {
        preconditionFailure("a Body was given more than its room")
      }
      let count = target.count
      let part = bytes.extracting(done..<(done + count))
      unsafe part.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      wake |= filled(part.count)
      done += part.count
    }
    return wake
  }

  /// Every byte has arrived: whole if all were kept, else ended.
  ///
  /// A body under 32 KiB moves into a slot of a shared block; a longer one copies nothing.
  /// - Returns: the workers to wake, one bit each.
  public func seal() -> UInt64 {
    let packed = packed()
    let wake = lock.withLock { () -> UInt64 in
      if let packed {
        slot = packed
        retired = blocks.last
        blocks.removeAll()
      }
      setPhase(keeps ? .whole : .ended)
      return takeWaiting()
    }
    releasePromise()
    releaseRetired()
    return wake
  }

  /// The transfer broke: readers see an abort, never an end.
  ///
  /// - Returns: the workers to wake, one bit each.
  public func abort() -> UInt64 {
    let wake = lock.withLock { () -> UInt64 in
      setPhase(.aborted)
      return takeWaiting()
    }
    releasePromise()
    return wake
  }

  /// Wakes every waiting reader without a change, so that it looks at the head again.
  public func wakeAll() -> UInt64 { lock.withLock { takeWaiting() } }

  /// A reader on `worker` waits for the head or for a decision rather than for bytes.
  public func waitForChange(worker: Int) {
    lock.withLock { waiting |= 1 << UInt64(worker) }
  }

  private func takeWaiting() -> UInt64 {
    let mask = waiting
    waiting = 0
    return mask
  }

  private func reserve(_ count: Int) -> Bool {
    guard arena.reserve(blocks: count) else { return false }
    promised += count
    return true
  }

  private func releasePromise() {
    if promised > 0 { arena.unreserve(blocks: promised) }
    promised = 0
  }

  /// Copies a short kept body into a slot; readers may still be using the block.
  private func packed() -> Slot? {
    guard keeps, end > 0, end < UInt64(BytesLimits.slotBodyBytes), blocks.count == 1,
      let slot = arena.takeSlot(count: Int(end))
    else { return nil }
    let source = unsafe arena.bytes(
      offset: Int(blocks[0]) * BytesLimits.blockBytes, count: Int(end))
    unsafe arena.bytes(offset: slot.offset, count: Int(end)).copyMemory(
      from: UnsafeRawBufferPointer(source))
    return slot
  }

  /// A kept Body without any memory left reserves more; one that may or can not goes on windowed.
  private func secureNext() {
    guard keeps, promised == 0,
      end - start == UInt64(blocks.count) * UInt64(BytesLimits.blockBytes),
      end > keepLimit || !reserve(BytesLimits.growthBlocks)
    else { return }
    lock.withLock { stopKeeping(window: blocks.count) }
    justGaveUp = true
  }

  /// From now on what the fastest reader has passed may be dropped; with the lock held.
  private func stopKeeping(window blocks: Int) {
    keeps = false
    windowBytes = UInt64(blocks) * UInt64(BytesLimits.blockBytes)
  }

  /// Makes sure that the last block has room; `false` parks the writer.
  private func makeRoom() -> Bool {
    let size = UInt64(BytesLimits.blockBytes)
    if end - start < UInt64(blocks.count) * size { return true }
    secureNext()
    if promised > 0 {
      promised -= 1
      let block = arena.take(after: blocks.last)
      lock.withLock { blocks.append(block) }
      return true
    }
    return lock.withLock {
      guard canDropFirst else {
        writerParked = true
        return false
      }
      let block = blocks.removeFirst()
      // Lent while everything was still kept: the page may wait on a socket.
      if wasLent, !arena.punch(block: block) {
        writerParked = true
        return false
      }
      blocks.append(block)
      start += size
      return true
    }
  }
}
