public import Bytes

// An object in slices: parts come one by one, into memory first, then onto the volume.
extension StoredBody {
  /// The bytes of a part, as a range of the body.
  public func range(of part: UInt32) -> Range<UInt64> {
    let first = UInt64(part) * unit
    return first..<min(first + unit, count)
  }

  /// A part has come: whoever wants it reads it from memory until it is written.
  ///
  /// `body` is whole and as long as the part.
  public func give(_ part: UInt32, _ body: Body) {
    let range = range(of: part)
    precondition(
      body.phase == .whole && body.count == UInt64(range.count), "a part of another length")
    lock.withLock {
      states[Int(part)] = .inMemory(body)
      given.append(Int(part))
      // What could not be written in time is given up: a failed disk must not eat the memory.
      while given.count > StoreLimits.slicesInMemory { dropOldest() }
    }
    sweep()
  }

  /// A part could not be fetched: for a moment whoever wants it is told so.
  public func giveUpFetching(_ part: UInt32) {
    lock.withLock {
      if case .fetching = states[Int(part)] {
        states[Int(part)] = .failed(until: Instant.read() + StoreLimits.sliceRetry)
      }
    }
  }

  /// The part that is to be written, if it is still in memory.
  public func memory(of part: UInt32) -> Body? {
    lock.withLock {
      guard case .inMemory(let body) = states[Int(part)] else { return nil }
      return body
    }
  }

  /// A part is on the volume, and can be found: its memory is given back.
  public func settle(_ part: UInt32, at record: BodyRecord) {
    lock.withLock {
      records[Int(part)] = record
      guard case .inMemory(let body) = states[Int(part)] else { return }
      states[Int(part)] = .unproved
      given.removeAll { $0 == Int(part) }
      retired.append(body)
    }
    sweep()
  }

  /// What the index knows of the object; `nil` until its head is written, or where it was lost.
  public var record: ObjectRecord? {
    get { lock.withLock { sparseRecord } }
    set { lock.withLock { sparseRecord = newValue } }
  }

  /// Lets go of parts that were written, once no system call uses them; without the lock held, for
  /// pages that were lent are given back by one.
  func sweep(unpinning: Bool = false) {
    let unused = lock.withLock { () -> [Body] in
      if unpinning { pins -= 1 }
      assert(pins >= 0)
      guard pins == 0 else { return [] }
      defer { retired = [] }
      return retired
    }
    withExtendedLifetime(unused) {}
  }

  /// A range of a part in memory, pinned until `releaseMemory`.
  func memoryPiece(_ index: Int, inside: Int, limit: Int) -> FilePiece {
    lock.withLock {
      guard case .inMemory(let body) = states[index] else { return .absent(part: UInt32(index)) }
      let piece = unsafe body.next(
        offset: UInt64(inside), limit: limit, worker: 0,
        scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      guard case .range(let range) = piece else { return .gone }
      pins += 1
      // It goes out by way of another Body, which would not know.
      body.markLent()
      return .memory(range.pinned)
    }
  }

  /// With the lock held.
  private func dropOldest() {
    let index = given.removeFirst()
    guard case .inMemory(let body) = states[index] else { return }
    states[index] = .missing
    retired.append(body)
  }
}
