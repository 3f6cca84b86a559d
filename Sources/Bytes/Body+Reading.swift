/// A range of the arena that a reader may send.
public struct ArenaRange: Equatable, Sendable {
  /// Where it begins in the arena.
  public let offset: Int
  /// How long it is; at least one byte.
  public let count: Int
  /// Whether it may go out by `sendfile`; slots may not, they are reused without punching.
  public let mayLend: Bool
  /// Whether `Body.unpin` must be called once the system call has returned.
  public let isPinned: Bool

  /// The same range, to be unpinned after use.
  public var pinned: ArenaRange {
    ArenaRange(offset: offset, count: count, mayLend: mayLend, isPinned: true)
  }
}

/// The answer to a reader's pull.
public enum BodyPiece: Equatable, Sendable {
  /// Send this range, then pull again.
  case range(ArenaRange)
  /// This many bytes were copied into the reader's scratch; the flag says that the writer waited
  /// for this reader and must be told.
  case copied(Int, wakesWriter: Bool)
  /// Send this range of a file by `sendfile`, `releaseFile` it, then pull again.
  case file(FileRange)
  /// This part of a file has to be loaded first: say so to the store, and wait to be woken.
  case absent(part: UInt32)
  /// Nothing yet: the reader's worker is woken when there is more; the flag as in `copied`.
  case wait(wakesWriter: Bool)
  /// Every byte has been read.
  case end
  /// The transfer broke: end the viewer's response so that it cannot look whole.
  case aborted
  /// The reader was too slow: its bytes have been dropped, or evicted from their volume.
  case lapped
}

/// What the leaving of a reader means for the writer.
public enum BodyDeparture: Equatable, Sendable {
  /// Nothing.
  case unnoticed
  /// Only copyists read on, at their own pace: the writer waited and must be told.
  case wakesWriter
  /// It was the last reader of a Body that is not kept: nobody needs the rest.
  case last
}

extension Body {
  /// The next bytes from `offset`, at most `limit` of them.
  ///
  /// Call it only when the socket can take more, send at once, and `unpin` a pinned range after the
  /// system call. With `.wait`, `worker`'s bit has been set: the writer's next step returns it.
  /// `scratch` takes the copy where the bytes may be dropped at any moment (a windowed Body).
  @inline(__always)
  public func next(
    offset: UInt64, limit: Int, worker: Int, scratch: UnsafeMutableRawBufferPointer,
    isCopyist: Bool = false
  ) -> BodyPiece {
    if phase == .whole { return wholePiece(offset: offset, limit: limit) }
    return unsafe growingPiece(
      offset: offset, limit: limit, worker: worker, scratch: scratch, isCopyist: isCopyist)
  }

  /// A worker starts to read a Body that is not whole; a copyist sets no pace where others read.
  public func join(asCopyist isCopyist: Bool = false) {
    lock.withLock {
      readers += 1
      if isCopyist { copyists += 1 }
    }
  }

  /// Whether a reader who begins at `offset` gets its bytes from what is held or will be.
  ///
  /// Not one that begins beyond the window of a Body that is not kept: the writer reads at most one
  /// window ahead of its fastest reader, who would be this one.
  public func reaches(_ offset: UInt64) -> Bool {
    phase == .whole || lock.withLock { keeps || (offset >= start && offset - start < windowBytes) }
  }

  /// Whether anybody reads it who joined before it was whole.
  public var hasReaders: Bool { lock.withLock { readers > 0 } }

  /// A copy of all bytes so far, for reading what a playlist says; by the writer, or when whole.
  ///
  /// - Returns: `nil` when there are more than `limit`, some were dropped, or they lie in a file.
  public func copyWhole(atMost limit: UInt64) -> [UInt8]? {
    if file != nil { return nil }
    lock.lock()
    defer { lock.unlock() }
    guard end <= limit, start == 0 else { return nil }
    var copy: [UInt8] = []
    copy.reserveCapacity(Int(end))
    while copy.count < Int(end) {
      let left = Int(end) - copy.count
      let range =
        slot.map { ArenaRange(offset: $0.offset, count: left, mayLend: false, isPinned: false) }
        ?? blockRange(offset: UInt64(copy.count), wanted: left, pinned: false)
      unsafe copy.append(
        contentsOf: unsafe UnsafeRawBufferPointer(
          arena.bytes(offset: range.offset, count: range.count)))
    }
    return copy
  }

  /// A reader of a Body that was not whole when it joined is gone; say what it joined as.
  public func leave(asCopyist isCopyist: Bool = false) -> BodyDeparture {
    lock.withLock {
      readers -= 1
      if isCopyist { copyists -= 1 }
      assert(copyists >= 0 && readers >= copyists)
      guard !keeps else { return .unnoticed }
      guard readers > 0 else { return .last }
      guard readers == copyists else { return .unnoticed }
      fastest = max(fastest, copied)
      return takeParked() ? .wakesWriter : .unnoticed
    }
  }

  /// The system call that used a pinned range has returned.
  ///
  /// - Returns: `true` when the writer waited for this and must be told.
  public func unpin() -> Bool {
    if let file {
      file.releaseMemory()
      return false
    }
    let wakesWriter = lock.withLock { () -> Bool in
      pins -= 1
      assert(pins >= 0)
      return takeParked()
    }
    releaseRetired()
    return wakesWriter
  }

  /// Gives the block back that a packed body grew up in, once no reader uses it.
  func releaseRetired() {
    let block = lock.withLock { () -> UInt32? in
      guard pins == 0 else { return nil }
      defer { retired = nil }
      return retired
    }
    if let block {
      arena.give(back: [block].span, lent: wasLent)
    }
  }

  @inline(__always)
  private func wholePiece(offset: UInt64, limit: Int) -> BodyPiece {
    guard offset < end else { return .end }
    let wanted = Int(min(end - offset, UInt64(limit)))
    if let slot {
      return .range(
        ArenaRange(
          offset: slot.offset + Int(offset), count: wanted, mayLend: false, isPinned: false))
    }
    if let file { return filePiece(of: file, offset: offset, wanted: wanted) }
    return .range(blockRange(offset: offset, wanted: wanted, pinned: false))
  }

  private func filePiece(of file: FileSource, offset: UInt64, wanted: Int) -> BodyPiece {
    switch file.piece(offset: offset, limit: wanted) {
    case .range(let range): .file(range)
    case .memory(let range): .range(range)
    case .absent(let part): .absent(part: part)
    case .gone: .lapped
    }
  }

  /// The longest run of neighbouring blocks from `offset`, at most `wanted` bytes.
  private func blockRange(offset: UInt64, wanted: Int, pinned: Bool) -> ArenaRange {
    let size = BytesLimits.blockBytes
    let index = Int((offset - start) / UInt64(size))
    let inside = Int((offset - start) % UInt64(size))
    let run = blocks.run(from: index, atMost: (inside + wanted + size - 1) / size)
    return ArenaRange(
      offset: Int(blocks[index]) * size + inside, count: min(wanted, run * size - inside),
      mayLend: true, isPinned: pinned)
  }

  private func growingPiece(
    offset: UInt64, limit: Int, worker: Int, scratch: UnsafeMutableRawBufferPointer,
    isCopyist: Bool
  ) -> BodyPiece {
    lock.lock()
    defer { lock.unlock() }
    let phase = phase
    if phase == .aborted { return .aborted }
    if offset < start { return .lapped }
    if phase == .whole { return wholePiece(offset: offset, limit: limit) }
    // Only what a reader has sent is passed: its socket may take less than it is given here.
    if isCopyist { copied = max(copied, min(offset, end)) }
    if !isCopyist || readers == copyists { fastest = max(fastest, min(offset, end)) }
    guard offset < end else {
      if phase != .filling { return .end }
      waiting |= 1 << UInt64(worker)
      return .wait(wakesWriter: takeParked())
    }
    let wanted = Int(min(end - offset, UInt64(limit)))
    if keeps {
      pins += 1
      return .range(blockRange(offset: offset, wanted: wanted, pinned: true))
    }
    let range = blockRange(
      offset: offset, wanted: min(wanted, scratch.count), pinned: false)
    unsafe scratch.copyMemory(
      from: UnsafeRawBufferPointer(arena.bytes(offset: range.offset, count: range.count)))
    return .copied(range.count, wakesWriter: takeParked())
  }

  /// With the lock held: whether the parked writer can go on, and if so it is parked no more.
  private func takeParked() -> Bool {
    guard writerParked, canDropFirst else { return false }
    writerParked = false
    return true
  }

  /// With the lock held: the first block has been passed by the fastest reader and is not in use.
  var canDropFirst: Bool {
    pins == 0 && !keeps && blocks.count > 0
      && fastest >= start + UInt64(BytesLimits.blockBytes)
  }
}
