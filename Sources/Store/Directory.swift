public import Bytes

/// Which objects may lie on the volumes: 9 bytes each in memory, asked before the index is.
///
/// Any thread may use it; nothing blocks on a disk, and each call holds one of its locks for tens
/// of nanoseconds. Two hashes whose 45 kept bits are equal are taken for each other: that costs a
/// question to the index or a fetch, never a wrong object. It takes at most 16 bytes an object
/// beside `fixedBytes`.
@safe public final class Directory: @unchecked Sendable {
  // Exception: unchecked, because a table is touched with its lock held; unsafe memory, because a
  // shard that is an object of its own costs a reference count that all threads write.
  private let locks: UnsafeMutablePointer<Lock>
  private let tables: UnsafeMutablePointer<DirectoryTable>

  /// Bytes of an empty directory.
  public static let fixedBytes =
    StoreLimits.directoryShards
    * (MemoryLayout<DirectoryTable>.stride + 64 + DirectoryTable.smallestBytes)

  /// Makes an empty directory, which says "maybe" to everything until it is filled.
  public init() {
    unsafe locks = .allocate(capacity: StoreLimits.directoryShards)
    unsafe tables = .allocate(capacity: StoreLimits.directoryShards)
    for index in 0..<StoreLimits.directoryShards {
      unsafe (locks + index).initialize(to: Lock())
      unsafe (tables + index).initialize(to: DirectoryTable())
    }
  }

  deinit {
    unsafe tables.deinitialize(count: StoreLimits.directoryShards)
    unsafe tables.deallocate()
    unsafe locks.deinitialize(count: StoreLimits.directoryShards)
    unsafe locks.deallocate()
  }

  /// Whether an object of this hash may be there; `false` is the truth, `true` is a guess.
  public func mayHold(_ hash: Hash128) -> Bool {
    withTable(of: hash) { !$0.isFilled || $0.holds(DirectoryTable.tag(of: hash)) }
  }

  /// Notes that the object lies in this zone now; it counts as not hit.
  ///
  /// - Parameters:
  ///   - hash: the hash of number 0 in the index.
  ///   - volume: the number of the volume.
  ///   - zone: the number of the zone, less than `StoreLimits.zonesMax`.
  public func insert(_ hash: Hash128, volume: UInt8, zone: UInt32) {
    let zone = DirectoryTable.zone(volume: volume, zone: zone)
    withTable(of: hash) {
      $0.insert(DirectoryTable.tag(of: hash), zone: zone, replaces: true)
    }
  }

  /// Notes what the index says of an object, unless something is known of it already.
  ///
  /// For filling: what is known comes from a later commit than what a walk has read.
  public func fill(_ hash: Hash128, volume: UInt8, zone: UInt32) {
    let zone = DirectoryTable.zone(volume: volume, zone: zone)
    withTable(of: hash) {
      $0.insert(DirectoryTable.tag(of: hash), zone: zone, replaces: false)
    }
  }

  /// Forgets the object if it is still said to lie in this zone.
  public func remove(_ hash: Hash128, volume: UInt8, zone: UInt32) {
    let zone = DirectoryTable.zone(volume: volume, zone: zone)
    withTable(of: hash) { $0.remove(DirectoryTable.tag(of: hash), ifIn: zone) }
  }

  /// Forgets the object.
  public func remove(_ hash: Hash128) {
    withTable(of: hash) { $0.remove(DirectoryTable.tag(of: hash), ifIn: nil) }
  }

  /// Notes that the object was used since it came.
  public func markHit(_ hash: Hash128) {
    withTable(of: hash) { $0.markHit(DirectoryTable.tag(of: hash)) }
  }

  /// Whether the object was used since it came or since this was last asked.
  public func takeHit(_ hash: Hash128) -> Bool {
    withTable(of: hash) { $0.takeHit(DirectoryTable.tag(of: hash)) }
  }

  /// Says "maybe" to everything until `finishFilling()`: the index is being read or built anew.
  public func beginFilling() { forEachTable { $0.isFilled = false } }

  /// From now on what was not inserted is not there.
  public func finishFilling() { forEachTable { $0.isFilled = true } }

  /// Forgets everything: the index is built anew.
  public func removeAll() { forEachTable { $0.removeAll() } }

  /// How many objects it knows of.
  public var count: Int {
    var count = 0
    forEachTable { count += $0.count }
    return count
  }

  /// How many objects it knows of on each of so many volumes.
  ///
  /// It walks all entries, a shard at a time: a tenth of a second with ten million.
  public func counts(volumes: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: volumes)
    forEachTable { $0.count(into: &counts) }
    return counts
  }

  /// Bytes of memory that it holds.
  public var heldBytes: Int {
    var bytes = Self.fixedBytes
    forEachTable { bytes += $0.bytes - DirectoryTable.smallestBytes }
    return bytes
  }

  private func forEachTable(_ body: (inout DirectoryTable) -> Void) {
    for shard in 0..<StoreLimits.directoryShards {
      unsafe locks[shard].withLock { unsafe body(&tables[shard]) }
    }
  }

  @inline(__always)
  private func withTable<Result>(
    of hash: Hash128, _ body: (inout DirectoryTable) -> Result
  ) -> Result {
    let shard = Int(truncatingIfNeeded: hash.high >> 32) & (StoreLimits.directoryShards - 1)
    return unsafe locks[shard].withLock { unsafe body(&tables[shard]) }
  }
}
