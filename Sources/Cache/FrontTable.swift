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
    var isLeaving = false
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
    for index in 0...mask { unsafe slots[index].object?.release() }
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
      unsafe slots[index].wasUsed = true
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
        return FrontHold(slot: Int32(index))
      }
      if unsafe slots[index].readers > 0 { continue }
      if choice < 0 { choice = index }
      unsafe slots[index].wasUsed = false
    }
    guard choice >= 0 else { return .none }
    unsafe slots[choice].object?.release()
    unsafe slots[choice] = Slot(
      object: .passRetained(object), primary: object.primary, version: version)
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
      return
    }
  }

  private mutating func release(_ index: Int) {
    unsafe slots[index].object?.release()
    unsafe slots[index] = Slot()
  }
}
