internal import Bytes

// What disk readers do for a body; on their threads.
extension StoredBody {
  /// A part that was to be loaded is not: no reader takes it.
  public func giveUpLoading(_ part: UInt32) {
    lock.withLock {
      if case .loading = states[Int(part)] { states[Int(part)] = .unproved }
    }
  }

  /// None of its bytes are to be lent any more.
  public func markLost() {
    lock.withLock {
      for index in states.indices { states[index] = .damaged }
    }
  }

  /// Reads and proves a part, after `beginLoading` has said that it is needed.
  ///
  /// - Returns: whether it is there now; if not, the object is not to be served any more, unless it
  ///   is one in slices: then the part is missing.
  public func load(_ part: UInt32, with reader: ObjectReader) throws(StoreError) -> Bool {
    let index = Int(part)
    guard let record = lock.withLock({ records[index] }) else { return false }
    do throws(StoreError) {
      let nothing = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
      let outcome = try unsafe reader.read(
        record, of: hash, number: part + 1, from: 0, into: nothing, proves: true)
      lock.withLock {
        switch outcome {
        case .read: states[index] = .resident(askedAt: Instant.read())
        case .gone, .damaged: states[index] = isSparse ? .missing : .damaged
        }
      }
      return outcome == .read
    } catch {
      // Not about this part: it may be there another time.
      lock.withLock { states[index] = isSparse ? .missing : .unproved }
      throw error
    }
  }

  /// Copies bytes of the body, each part proved when it is first read.
  ///
  /// - Returns: how many were copied, at most those of one part; `nil` where they cannot be had.
  public func copy(
    from offset: UInt64, into bytes: UnsafeMutableRawBufferPointer, with reader: ObjectReader
  ) throws(StoreError) -> Int? {
    let index = Int(offset / unit)
    let inside = Int(offset % unit)
    guard index < states.count, let record = lock.withLock({ records[index] }) else { return nil }
    let count = min(bytes.count, Int(record.length) - inside)
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
    let isProved = lock.withLock {
      switch states[index] {
      case .resident, .dropped: true
      case .unproved, .loading, .damaged, .missing, .fetching, .failed, .inMemory: false
      }
    }
    let outcome = try unsafe reader.read(
      record, of: hash, number: UInt32(index + 1), from: inside, into: target, proves: !isProved)
    guard outcome == .read else { return nil }
    if !isProved { lock.withLock { states[index] = .dropped } }
    return count
  }
}
