public import Bytes
public import Wire

/// A place in a worker's front table.
public struct FrontHold: Equatable, Sendable {
  /// The slot.
  public let slot: Int32

  /// No hold: the object is held by the exchange itself.
  public static let none = FrontHold(slot: -1)
}

/// The hot objects of one worker, held once for all its exchanges.
///
/// A hit that is found here takes no lock and writes no cache line that another worker reads: one
/// atomic load compares the shard's version (measured: lock, dictionary and retain on one hot key
/// cost 26 ns alone and 214 ns with two threads). Readers are counted without atomics; an object
/// that left the table is let go with its last reader.
@safe public struct FrontTable: ~Copyable {
  @safe private struct Slot {
    var object: Unmanaged<CachedObject>?
    var primary = Hash128(low: 0, high: 0)
    var version: UInt64 = 0
    var readers: Int32 = 0
    var wasUsed = false
    /// Hits that its object has not been told of.
    var hits: Int32 = 0
    var isLeaving = false
    /// A whole response head as it was last written, and until when it says the truth.
    var head: UnsafeMutableRawPointer?
    var headCapacity: Int32 = 0
    var headCount: Int32 = 0
    var headUntil = Instant(nanoseconds: 0)

    /// Tells the object at every 64th hit: its counter is a line that all workers write.
    @inline(__always)
    mutating func countHit() {
      wasUsed = true
      hits &+= 1
      if hits == CacheLimits.hitsUntold { tellHits() }
    }

    mutating func tellHits() {
      unsafe object?._withUnsafeGuaranteedRef { $0.count(hits: Int(hits)) }
      hits = 0
    }

    mutating func clear() {
      if hits > 0 { tellHits() }
      unsafe object?.release()
      unsafe head?.deallocate()
      self = Slot()
    }
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let mask: Int

  /// Makes an empty table.
  public init() {
    mask = CacheLimits.frontSlots - 1
    unsafe slots = .allocate(capacity: CacheLimits.frontSlots)
    unsafe slots.initialize(repeating: Slot(), count: CacheLimits.frontSlots)
  }

  deinit {
    for index in 0...mask { unsafe slots[index].clear() }
    unsafe slots.deinitialize(count: mask + 1)
    unsafe slots.deallocate()
  }

  /// Finds a held object that this request may be answered with: same key, same variant, its shard
  /// unchanged, fresh and not purged.
  @inline(__always)
  public mutating func find(
    primary: Hash128, key: [UInt8], table: CacheTable, head: borrowing RequestHead,
    bytes: Span<UInt8>, now: Instant, scratch: inout [UInt8]
  ) -> FrontHold {
    let version = table.version(of: primary)
    let purge = table.purges.current
    for probe in 0..<CacheLimits.frontProbes {
      let index = (Int(truncatingIfNeeded: primary.low) &+ probe) & mask
      guard unsafe slots[index].primary == primary, let held = unsafe slots[index].object,
        unsafe slots[index].version == version, unsafe !slots[index].isLeaving
      else { continue }
      let usable = unsafe held._withUnsafeGuaranteedRef { object in
        object.checkedSequence == purge && object.isFresh(at: now)
          && object.hasKey(key)
          && object.matches(head: head, bytes: bytes, scratch: &scratch)
      }
      guard usable else { continue }
      unsafe slots[index].countHit()
      return FrontHold(slot: Int32(index))
    }
    return .none
  }

  /// Holds an object that a lookup has just found; `version` is the shard's from before the lookup.
  ///
  /// - Returns: `.none` when all places in reach are being read: the exchange holds it itself.
  public mutating func hold(_ object: CachedObject, version: UInt64) -> FrontHold {
    let start = Int(truncatingIfNeeded: object.primary.low)
    var choice = -1
    for probe in 0..<CacheLimits.frontProbes {
      let index = (start &+ probe) & mask
      guard let held = unsafe slots[index].object else {
        choice = index
        break
      }
      if unsafe held.toOpaque() == Unmanaged.passUnretained(object).toOpaque() {
        unsafe slots[index].version = version
        unsafe slots[index].isLeaving = false
        unsafe slots[index].countHit()
        return FrontHold(slot: Int32(index))
      }
      if unsafe slots[index].readers > 0 { continue }
      if unsafe choice < 0 || (slots[choice].wasUsed && !slots[index].wasUsed) { choice = index }
    }
    guard choice >= 0 else { return .none }
    for probe in 0..<CacheLimits.frontProbes {
      unsafe slots[(start &+ probe) & mask].wasUsed = false
    }
    unsafe slots[choice].clear()
    unsafe slots[choice].object = .passRetained(object)
    unsafe slots[choice].primary = object.primary
    unsafe slots[choice].version = version
    unsafe slots[choice].hits = 1
    return FrontHold(slot: Int32(choice))
  }

  /// The object of a hold, without touching its reference count.
  @inline(__always)
  public func with<Result>(
    _ hold: FrontHold, _ body: (CachedObject) -> Result
  ) -> Result {
    guard let held = unsafe slots[Int(hold.slot)].object else {
      preconditionFailure("a hold outlived its object")
    }
    return unsafe held._withUnsafeGuaranteedRef(body)
  }

  /// The head that was last written for a whole answer from this hold, while it is still true.
  ///
  /// Age and ttl change once a second: until then a hot object's head is copied, not composed.
  @inline(__always)
  public func head(of hold: FrontHold, at now: Instant) -> UnsafeRawBufferPointer? {
    let index = Int(hold.slot)
    guard unsafe now < slots[index].headUntil else { return nil }
    return unsafe UnsafeRawBufferPointer(
      start: slots[index].head, count: Int(slots[index].headCount))
  }

  /// Keeps a head that was just written; it is true until `end`.
  public mutating func keepHead(
    _ bytes: UnsafeRawBufferPointer, of hold: FrontHold, until end: Instant
  ) {
    let index = Int(hold.slot)
    if unsafe bytes.count > Int(slots[index].headCapacity) {
      unsafe slots[index].head?.deallocate()
      // Room for the digits that Age and ttl may grow by: kept for as long as the hold.
      let capacity = bytes.count + 64
      unsafe slots[index].head = .allocate(byteCount: capacity, alignment: 16)
      unsafe slots[index].headCapacity = Int32(capacity)
    }
    unsafe slots[index].head?.copyMemory(
      from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
    unsafe slots[index].headCount = Int32(bytes.count)
    unsafe slots[index].headUntil = end
  }

  /// An exchange starts to read through this hold.
  @inline(__always)
  public mutating func beginReading(_ hold: FrontHold) {
    unsafe slots[Int(hold.slot)].readers += 1
  }

  /// An exchange reads no more.
  @inline(__always)
  public mutating func endReading(_ hold: FrontHold) {
    let index = Int(hold.slot)
    unsafe slots[index].readers -= 1
    if unsafe slots[index].isLeaving, unsafe slots[index].readers == 0 { release(index) }
  }

  /// The object has left the table: let it go, now or with its last reader.
  public mutating func drop(_ object: CachedObject) {
    let start = Int(truncatingIfNeeded: object.primary.low)
    for probe in 0..<CacheLimits.frontProbes {
      let index = (start &+ probe) & mask
      guard let held = unsafe slots[index].object,
        unsafe held.toOpaque() == Unmanaged.passUnretained(object).toOpaque()
      else { continue }
      if unsafe slots[index].readers == 0 {
        release(index)
      } else {
        unsafe slots[index].isLeaving = true
      }
      // It may be held twice: once from before a place nearer to its start came free.
    }
  }

  private mutating func release(_ index: Int) {
    unsafe slots[index].clear()
  }
}
