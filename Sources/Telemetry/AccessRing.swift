internal import Synchronization

/// The access records of one worker on their way to the log: one producer, one consumer, no lock.
///
/// The worker fills records in place and publishes them once a turn; the log thread reads them in
/// place and gives them back. A full ring drops the new record and says so; nobody ever waits.
@safe public final class AccessRing: @unchecked Sendable {
  // Exception: @unchecked, because the slots and the producer's own fields are plain memory. Slots
  // between `taken` and `published` are the consumer's, all others the producer's; both indices are
  // atomics with acquire and release.
  private let slots: UnsafeMutablePointer<AccessRecord>
  private let capacity: Int
  /// Records handed to the consumer so far, stored by the producer.
  private let published = Atomic<Int>(0)
  /// Records given back so far, stored by the consumer.
  private let taken = Atomic<Int>(0)
  /// The producer's own: records written, published or not.
  private var written = 0
  /// The producer's own: `taken` as it was last seen.
  private var takenSeen = 0

  /// Makes a ring of `capacity` records, a power of two; zero makes one that takes nothing.
  ///
  /// Pages of the slots are not touched before they are first written.
  public init(capacity: Int) {
    precondition(
      capacity >= 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
    self.capacity = capacity
    unsafe slots = .allocate(capacity: max(1, capacity))
  }

  deinit { unsafe slots.deallocate() }

  /// Whether anybody reads the records; if not, none needs to be written.
  public var isEnabled: Bool { capacity > 0 }

  /// Writes one record in place; the producer only.
  ///
  /// The record is empty when `fill` gets it, and reaches the consumer at the next `publish`.
  /// - Returns: `false` if the ring was full and the record is lost.
  @inline(__always)
  public func write(_ fill: (inout AccessRecord) -> Void) -> Bool {
    if written &- takenSeen == capacity {
      takenSeen = taken.load(ordering: .acquiring)
      if written &- takenSeen == capacity { return false }
    }
    let slot = unsafe slots + (written & (capacity &- 1))
    unsafe slot.pointee.reset()
    unsafe fill(&slot.pointee)
    written &+= 1
    return true
  }

  /// Hands all written records to the consumer; the producer only, once a turn.
  @inline(__always)
  public func publish() { published.store(written, ordering: .releasing) }

  /// Reads the published records in order, in place, and gives them back; the consumer only.
  ///
  /// - Returns: how many there were.
  public func drain(_ read: (borrowing AccessRecord) -> Void) -> Int {
    let first = taken.load(ordering: .relaxed)
    let end = published.load(ordering: .acquiring)
    for index in first..<end {
      unsafe read(slots[index & (capacity &- 1)])
      // Record by record: a slow disk holds one slot, not the whole ring.
      taken.store(index &+ 1, ordering: .releasing)
    }
    return end &- first
  }
}
