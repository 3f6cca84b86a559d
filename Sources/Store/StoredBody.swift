public import Bytes

/// The body of a long object on a volume: sent by `sendfile` as far as it is proved and resident.
///
/// A part is a fragment. It is read and its checksum compared by a disk reader before anything of
/// it is lent, which also brings it into the page cache; after that `mincore` is asked now and
/// then whether it is still there. Any thread.
public final class StoredBody: FileSource, @unchecked Sendable {
  // Exception: unchecked, because the lock guards the states; the rest never changes.
  /// What the object is called.
  public let hash: Hash128
  private let volume: Volume
  private let map: VolumeMap?
  private let unit: UInt64
  private let records: [BodyRecord]
  private let lock = Lock()
  private var states: [State]

  private enum State {
    /// Not read since it was found.
    case unproved
    /// A reader has it.
    case loading
    /// Proved, and in the page cache when that was last asked.
    case resident(askedAt: Instant)
    /// Proved, but the page cache has dropped some of it.
    case dropped
    /// Its bytes are not those that were written.
    case damaged
  }

  /// What is to be done about a part that was asked for.
  public enum Loading: Equatable, Sendable {
    /// Read it.
    case needed
    /// A reader has it already: whoever waits is woken.
    case running
    /// It is there.
    case done
    /// It cannot be had any more.
    case lost
  }

  /// The body of an object that a reader has found whole; `nil` where parts are missing.
  public init?(_ found: FoundObject, hash: Hash128, on volume: Volume, map: VolumeMap?) {
    let records = found.bodies.compactMap { $0 }
    guard found.record.unit > 0, records.count == found.bodies.count, !records.isEmpty,
      records.allSatisfy({ $0.place.volume == volume.number })
    else { return nil }
    self.hash = hash
    self.volume = volume
    self.map = map
    self.records = records
    unit = UInt64(found.record.unit)
    states = Array(repeating: .unproved, count: records.count)
    super.init(count: found.record.bodyLength)
  }

  /// Whether it may be lent: a volume that is not written past the page cache is sent by copy.
  public var mayLend: Bool { volume.isDirect }

  /// The number of the volume that it lies on.
  public var volumeNumber: UInt8 { volume.number }

  public override var isAlive: Bool { records.allSatisfy { volume.isAlive($0.place) } }

  public override func piece(offset: UInt64, limit: Int) -> FilePiece {
    let index = Int(offset / unit)
    let inside = Int(offset % unit)
    let record = records[index]
    let count = min(limit, Int(record.length) - inside)
    guard volume.pin(zone: record.place.zone, epoch: record.place.epoch) else { return .gone }
    let start = Int(volume.bodyOffset(of: record))
    switch state(of: index, start: start, count: Int(record.length)) {
    case .resident:
      return .range(
        FileRange(
          descriptor: volume.readFile.descriptor, offset: start + inside, count: count,
          pin: record.place.zone))
    case .unproved, .loading, .dropped:
      volume.unpin(zone: record.place.zone)
      return .absent(part: UInt32(index))
    case .damaged:
      volume.unpin(zone: record.place.zone)
      return .gone
    }
  }

  public override func release(_ range: FileRange) { volume.unpin(zone: range.pin) }

  /// A part is wanted: what is to be done.
  public func beginLoading(_ part: UInt32) -> Loading {
    lock.withLock {
      switch states[Int(part)] {
      case .unproved, .dropped:
        states[Int(part)] = .loading
        return .needed
      case .loading: return .running
      case .resident: return .done
      case .damaged: return .lost
      }
    }
  }

  /// A part that was to be loaded is not: no reader takes it.
  public func giveUpLoading(_ part: UInt32) {
    lock.withLock { states[Int(part)] = .unproved }
  }

  /// None of its bytes are to be lent any more.
  public func markLost() {
    lock.withLock {
      for index in states.indices { states[index] = .damaged }
    }
  }

  /// Reads and proves a part, on a disk reader's thread, after `beginLoading` has said so.
  ///
  /// - Returns: whether it is there now; if not, the object is not to be served any more.
  public func load(_ part: UInt32, with reader: ObjectReader) throws(StoreError) -> Bool {
    do throws(StoreError) {
      let nothing = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
      let outcome = try unsafe reader.read(
        records[Int(part)], of: hash, number: part + 1, from: 0, into: nothing, proves: true)
      lock.withLock {
        states[Int(part)] = outcome == .read ? .resident(askedAt: Instant.read()) : .damaged
      }
      return outcome == .read
    } catch {
      // Not about this part: it may be there another time.
      lock.withLock { states[Int(part)] = .unproved }
      throw error
    }
  }

  /// The part behind `part`, if there is one that nobody has read yet: the next that is asked for.
  public func next(after part: UInt32) -> UInt32? {
    let index = Int(part) + 1
    return lock.withLock {
      guard index < states.count, case .unproved = states[index] else { return nil }
      return part + 1
    }
  }

  /// Copies bytes of the body, on a disk reader's thread, each part proved when it is first read.
  ///
  /// - Returns: how many were copied, at most those of one part; `nil` where they cannot be had.
  public func copy(
    from offset: UInt64, into bytes: UnsafeMutableRawBufferPointer, with reader: ObjectReader
  ) throws(StoreError) -> Int? {
    let index = Int(offset / unit)
    let inside = Int(offset % unit)
    guard index < records.count else { return nil }
    let count = min(bytes.count, Int(records[index].length) - inside)
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
    let isProved = lock.withLock {
      switch states[index] {
      case .resident, .dropped: true
      case .unproved, .loading, .damaged: false
      }
    }
    let outcome = try unsafe reader.read(
      records[index], of: hash, number: UInt32(index + 1), from: inside, into: target,
      proves: !isProved)
    guard outcome == .read else { return nil }
    if !isProved { lock.withLock { states[index] = .dropped } }
    return count
  }

  /// The state of a part; one that was resident a while ago is looked at again.
  private func state(of index: Int, start: Int, count: Int) -> State {
    let state = lock.withLock { states[index] }
    guard case .resident(let askedAt) = state else { return state }
    let now = Instant.read()
    guard now - askedAt >= StoreLimits.residencyBelieved else { return state }
    let isResident = map?.isResident(offset: start, count: count) ?? true
    return lock.withLock {
      if case .resident = states[index] {
        states[index] = isResident ? .resident(askedAt: now) : .dropped
      }
      return states[index]
    }
  }
}
