public import Bytes

/// The body of a long object on a volume: sent by `sendfile` as far as it is proved and resident.
///
/// A part is a fragment. It is read and its checksum compared by a disk reader before anything of
/// it is lent, which also brings it into the page cache; after that `mincore` is asked now and
/// then whether it is still there. Of an object in slices any part may be missing: it is fetched,
/// given here in memory, and written. Any thread.
public final class StoredBody: FileSource, @unchecked Sendable {
  // Exception: unchecked, because the lock guards what changes; the rest never does.
  /// What the object is called.
  public let hash: Hash128
  /// Whether parts may be missing.
  public let isSparse: Bool
  /// Bytes of each part but the last.
  public let unit: UInt64
  let volume: Volume
  private let map: VolumeMap?
  let lock = Lock()
  var records: [BodyRecord?]
  var states: [State]
  /// What the index knows of an object in slices, once its head is written.
  var sparseRecord: ObjectRecord?
  /// Parts in memory that were written meanwhile, while a system call may still use them.
  var retired: [Body] = []
  var pins = 0
  /// Parts in memory, the oldest first.
  var given: [Int] = []

  /// What is known of a part.
  enum State {
    /// It is on the volume and was not read since it was found.
    case unproved
    /// A reader has it.
    case loading
    /// Proved, and in the page cache when that was last asked.
    case resident(askedAt: Instant)
    /// Proved, but the page cache has dropped some of it.
    case dropped
    /// Its bytes are not those that were written.
    case damaged
    /// It is nowhere here: its origin has it.
    case missing
    /// Its origin is asked for it.
    case fetching
    /// It could not be fetched: until then whoever wants it is told so.
    case failed(until: Instant)
    /// In memory, whole, on its way to the volume.
    case inMemory(Body)
  }

  /// What is to be done about a part that was asked for.
  public enum Loading: Equatable, Sendable {
    /// Read it.
    case needed
    /// Fetch it.
    case fetch
    /// Somebody has it already: whoever waits is woken.
    case running
    /// It is there.
    case done
    /// It cannot be had any more.
    case lost
  }

  /// The body of an object that was found; `nil` where parts are missing that must be there.
  public init?(_ found: FoundObject, hash: Hash128, on volume: Volume, map: VolumeMap?) {
    isSparse = found.record.flags.contains(.sparse)
    guard found.record.unit > 0, !found.bodies.isEmpty,
      isSparse || found.bodies.allSatisfy({ $0 != nil }),
      found.bodies.allSatisfy({ $0.map { $0.place.volume == volume.number } ?? true })
    else { return nil }
    self.hash = hash
    self.volume = volume
    self.map = map
    records = found.bodies
    unit = UInt64(found.record.unit)
    states = found.bodies.map { $0 == nil ? .missing : .unproved }
    sparseRecord = isSparse ? found.record : nil
    super.init(count: found.record.bodyLength)
  }

  /// The body of an object in slices of which nothing is here yet.
  public init(sparse hash: Hash128, count: UInt64, unit: UInt64, on volume: Volume, map: VolumeMap?)
  {
    precondition(unit > 0 && count > 0, "a body in slices has bytes")
    self.hash = hash
    self.volume = volume
    self.map = map
    self.unit = unit
    isSparse = true
    let parts = Int((count + unit - 1) / unit)
    records = Array(repeating: nil, count: parts)
    states = Array(repeating: .missing, count: parts)
    super.init(count: count)
  }

  /// Whether it may be lent: a volume that is not written past the page cache is sent by copy.
  public var mayLend: Bool { volume.isDirect }

  /// The number of the volume that it lies on.
  public var volumeNumber: UInt8 { volume.number }

  public override var partBytes: UInt64 { unit }

  public override var isAlive: Bool {
    if isSparse { return true }
    return lock.withLock {
      records.allSatisfy { record in record.map { volume.isAlive($0.place) } ?? false }
    }
  }

  public override func holds(_ range: Range<UInt64>) -> Bool {
    guard isSparse, !range.isEmpty else { return true }
    return lock.withLock {
      for index in Int(range.lowerBound / unit)...Int((range.upperBound - 1) / unit) {
        switch states[index] {
        case .missing, .fetching, .failed, .damaged: return false
        case .unproved, .loading, .resident, .dropped, .inMemory: continue
        }
      }
      return true
    }
  }

  public override func piece(offset: UInt64, limit: Int) -> FilePiece {
    let index = Int(offset / unit)
    let inside = Int(offset % unit)
    let (state, record) = lock.withLock { (states[index], records[index]) }
    switch state {
    case .inMemory: return memoryPiece(index, inside: inside, limit: limit)
    case .missing, .fetching: return .absent(part: UInt32(index))
    case .failed(let end): return Instant.read() < end ? .gone : .absent(part: UInt32(index))
    case .damaged: return isSparse ? .absent(part: UInt32(index)) : .gone
    case .unproved, .loading, .resident, .dropped: break
    }
    guard let record, volume.pin(zone: record.place.zone, epoch: record.place.epoch) else {
      return evicted(index)
    }
    let start = Int(volume.bodyOffset(of: record))
    guard isResident(index, start: start, count: Int(record.length)) else {
      volume.unpin(zone: record.place.zone)
      return .absent(part: UInt32(index))
    }
    return .range(
      FileRange(
        descriptor: volume.readFile.descriptor, offset: start + inside,
        count: min(limit, Int(record.length) - inside), pin: record.place.zone))
  }

  public override func release(_ range: FileRange) { volume.unpin(zone: range.pin) }

  public override func releaseMemory() { sweep(unpinning: true) }

  /// A part is wanted: what is to be done.
  public func beginLoading(_ part: UInt32) -> Loading {
    let index = Int(part)
    return lock.withLock {
      switch states[index] {
      case .unproved, .dropped:
        states[index] = .loading
        return .needed
      case .missing:
        states[index] = .fetching
        return .fetch
      case .failed(let end):
        guard Instant.read() >= end else { return .lost }
        states[index] = .fetching
        return .fetch
      case .damaged:
        guard isSparse else { return .lost }
        states[index] = .fetching
        return .fetch
      case .loading, .fetching: return .running
      case .resident, .inMemory: return .done
      }
    }
  }

  /// The part behind `part`, if it lies on the volume and nobody has read it yet.
  public func next(after part: UInt32) -> UInt32? {
    let index = Int(part) + 1
    return lock.withLock {
      guard index < states.count, case .unproved = states[index] else { return nil }
      return part + 1
    }
  }

  /// The zone of a part has another life by now.
  private func evicted(_ index: Int) -> FilePiece {
    guard isSparse else { return .gone }
    lock.withLock {
      records[index] = nil
      switch states[index] {
      case .unproved, .resident, .dropped, .damaged: states[index] = .missing
      case .loading, .missing, .fetching, .failed, .inMemory: break
      }
    }
    return .absent(part: UInt32(index))
  }

  /// Whether a part may be sent now; one that was resident a while ago is looked at again.
  private func isResident(_ index: Int, start: Int, count: Int) -> Bool {
    guard case .resident(let askedAt) = lock.withLock({ states[index] }) else { return false }
    let now = Instant.read()
    guard now - askedAt >= StoreLimits.residencyBelieved else { return true }
    let isResident = map?.isResident(offset: start, count: count) ?? true
    lock.withLock {
      if case .resident = states[index] {
        states[index] = isResident ? .resident(askedAt: now) : .dropped
      }
    }
    return isResident
  }
}
