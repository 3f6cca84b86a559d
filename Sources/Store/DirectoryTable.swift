internal import Bytes

/// A table of 8-byte entries with Robin Hood probing: one shard's part of the directory.
///
/// An entry is, from the top: 35 bits of the hash (the tag), 20 of the zone, 8 of the volume, the
/// hit bit. 0 is a free place, so tag 0 is written as 1. The home of an entry follows from its tag
/// by multiplication, so that a table may have any capacity. Entries stand in the order of their
/// homes, so a search ends at the first that is nearer to its home than what is sought would be.
///
/// It takes at most 16 bytes an entry at any count: it grows by a quarter when it is full to 0.85,
/// and shrinks when it is less than half full. A value owned by its shard, used under its lock.
// Exception: unsafe memory instead of an array, whose header costs a search one cache miss more.
@safe struct DirectoryTable: ~Copyable {
  private var entries: UnsafeMutablePointer<UInt64>
  private var capacity = 0
  private var countMax = 0
  /// How many entries there are.
  private(set) var count = 0
  /// Whether the table knows of everything that there is.
  var isFilled = false

  private static let hitBit: UInt64 = 1
  private static let tagMask: UInt64 = ~0 << 29
  private static let zoneMask: UInt64 = ~tagMask & ~hitBit

  init() { unsafe entries = .allocate(capacity: 0) }

  deinit { unsafe entries.deallocate() }

  /// What an entry keeps of a hash.
  @inline(__always)
  static func tag(of hash: Hash128) -> UInt64 { max(hash.low & tagMask, 1 << 29) }

  /// What an entry keeps of a place.
  static func zone(volume: UInt8, zone: UInt32) -> UInt64 {
    precondition(zone < StoreLimits.zonesMax, "a zone number beyond those of the directory")
    return UInt64(zone) << 9 | UInt64(volume) << 1
  }

  /// Bytes of the entries.
  var bytes: Int { capacity * 8 }

  @inline(__always)
  func holds(_ tag: UInt64) -> Bool { find(tag) >= 0 }

  mutating func insert(_ tag: UInt64, zone: UInt64, replaces: Bool) {
    let index = find(tag)
    if index >= 0 {
      if replaces { unsafe entries[index] = tag | zone }
      return
    }
    if count == countMax { resize(for: count + 1) }
    place(tag | zone)
    count += 1
  }

  /// Removes the entry; with a zone only if it names that one.
  mutating func remove(_ tag: UInt64, ifIn zone: UInt64?) {
    let index = find(tag)
    guard index >= 0 else { return }
    if let zone, unsafe entries[index] & Self.zoneMask != zone { return }
    closeGap(at: index)
    count -= 1
    if count * 2 < capacity { resize(for: count) }
  }

  /// Adds its entries to the counts of their volumes.
  func count(into counts: inout [Int]) {
    for index in 0..<capacity {
      let entry = unsafe entries[index]
      let volume = Int(truncatingIfNeeded: entry >> 1) & 0xFF
      if entry != 0, volume < counts.count { counts[volume] += 1 }
    }
  }

  /// Forgets all entries.
  mutating func removeAll() {
    unsafe entries.update(repeating: 0, count: capacity)
    count = 0
    resize(for: 0)
  }

  mutating func markHit(_ tag: UInt64) {
    let index = find(tag)
    if index >= 0 { unsafe entries[index] |= Self.hitBit }
  }

  mutating func takeHit(_ tag: UInt64) -> Bool {
    let index = find(tag)
    guard index >= 0, unsafe entries[index] & Self.hitBit != 0 else { return false }
    unsafe entries[index] &= ~Self.hitBit
    return true
  }

  /// Where the entry of this tag stands; -1 when there is none.
  @inline(__always)
  private func find(_ tag: UInt64) -> Int {
    guard capacity > 0 else { return -1 }
    var index = home(of: tag)
    var distance = 0
    while true {
      let entry = unsafe entries[index]
      if entry & Self.tagMask == tag { return index }
      if entry == 0 || self.distance(of: entry, at: index) < distance { return -1 }
      index = next(index)
      distance &+= 1
    }
  }

  /// Puts an entry in its place, moving those on that are nearer to their homes.
  private mutating func place(_ entry: UInt64) {
    var moved = entry
    var index = home(of: entry)
    var distance = 0
    while unsafe entries[index] != 0 {
      let known = unsafe self.distance(of: entries[index], at: index)
      if known < distance {
        unsafe swap(&moved, &entries[index])
        distance = known
      }
      index = next(index)
      distance &+= 1
    }
    unsafe entries[index] = moved
  }

  /// Moves the rest of the run back by one place.
  private mutating func closeGap(at gap: Int) {
    var gap = gap
    while true {
      let index = next(gap)
      let entry = unsafe entries[index]
      if entry == 0 || distance(of: entry, at: index) == 0 { break }
      unsafe entries[gap] = entry
      gap = index
    }
    unsafe entries[gap] = 0
  }

  /// Makes a table that may grow by a quarter beyond `wanted` entries; in order, so in passing.
  private mutating func resize(for wanted: Int) {
    let old = unsafe UnsafeMutableBufferPointer(start: entries, count: capacity)
    // One place is always free: there every search ends.
    capacity = wanted == 0 ? 0 : max(wanted + 1, wanted * 25 / 17)
    unsafe entries = .allocate(capacity: capacity)
    unsafe entries.initialize(repeating: 0, count: capacity)
    countMax = capacity == 0 ? 0 : min(capacity - 1, max(wanted, capacity * 17 / 20))
    for index in 0..<old.count where unsafe old[index] != 0 { unsafe place(old[index]) }
    unsafe old.deallocate()
  }

  @inline(__always)
  private func home(of entry: UInt64) -> Int {
    Int(truncatingIfNeeded: (entry & Self.tagMask).multipliedFullWidth(by: UInt64(capacity)).high)
  }

  @inline(__always)
  private func distance(of entry: UInt64, at index: Int) -> Int {
    let distance = index &- home(of: entry)
    return distance < 0 ? distance &+ capacity : distance
  }

  @inline(__always)
  private func next(_ index: Int) -> Int {
    let next = index &+ 1
    return next == capacity ? 0 : next
  }
}
