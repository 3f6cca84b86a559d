internal import Bytes

/// A table of 8-byte entries in groups of sixteen, with a byte for each place: one shard's part of
/// the directory.
///
/// An entry is, from the top: 35 bits of the hash (the tag), 20 of the zone, 8 of the volume, the
/// hit bit. Tag 0 is written as 1. The byte of a place says that it is free, that it was left, or
/// seven bits of the tag that stands there. So a search compares sixteen bytes at once and touches
/// entries only where seven bits agree: most strangers cost one cache line of a map that is an
/// eighth of the table. The home group of an entry follows from its tag by multiplication, so that
/// a table may have any number of groups; what finds its group full goes to the next.
///
/// Beyond `smallestBytes` it takes at most 16 bytes an entry at any count: it grows by a quarter
/// when it is full to 0.85, and shrinks when it is half empty. A value owned by its shard, used
/// under its lock.
// Exception: unsafe memory instead of arrays, whose headers cost a search one cache miss more.
@safe struct DirectoryTable: ~Copyable {
  private var states: UnsafeMutablePointer<UInt8>
  private var entries: UnsafeMutablePointer<UInt64>
  private var groups = 1
  /// Places that may be taken or left before the table is made anew.
  private var usedMax = 0
  private var leftCount = 0
  /// How many entries there are.
  private(set) var count = 0
  /// Whether the table knows of everything that there is.
  var isFilled = false

  private static let hitBit: UInt64 = 1
  private static let tagMask: UInt64 = ~0 << 29
  private static let zoneMask: UInt64 = ~tagMask & ~hitBit
  private static let free: UInt8 = 0
  private static let left: UInt8 = 1
  private static let groupPlaces = 16
  private static let placeBytes = MemoryLayout<UInt64>.size + 1

  /// Bytes of the smallest table: one group.
  static let smallestBytes = groupPlaces * placeBytes

  init() {
    unsafe (states, entries) = DirectoryTable.allocate(groups: 1)
    usedMax = DirectoryTable.usedMax(groups: 1)
  }

  deinit {
    unsafe states.deallocate()
    unsafe entries.deallocate()
  }

  /// What an entry keeps of a hash.
  @inline(__always)
  static func tag(of hash: Hash128) -> UInt64 { max(hash.low & tagMask, 1 << 29) }

  /// What an entry keeps of a place.
  static func zone(volume: UInt8, zone: UInt32) -> UInt64 {
    precondition(zone < StoreLimits.zonesMax, "a zone number beyond those of the directory")
    return UInt64(zone) << 9 | UInt64(volume) << 1
  }

  /// Bytes of states and entries.
  var bytes: Int { capacity * DirectoryTable.placeBytes }

  @inline(__always)
  func holds(_ tag: UInt64) -> Bool { find(tag) >= 0 }

  mutating func insert(_ tag: UInt64, zone: UInt64, replaces: Bool) {
    let index = find(tag)
    if index >= 0 {
      if replaces { unsafe entries[index] = tag | zone }
      return
    }
    if count + leftCount == usedMax { resize(for: count + 1) }
    place(tag | zone)
    count += 1
  }

  /// Removes the entry; with a zone only if it names that one.
  mutating func remove(_ tag: UInt64, ifIn zone: UInt64?) {
    let index = find(tag)
    guard index >= 0 else { return }
    if let zone, unsafe entries[index] & Self.zoneMask != zone { return }
    // A group that was never full ends every search: nothing lies behind it for its sake.
    let isEnd = firstFree(inGroup: index / Self.groupPlaces) != nil
    unsafe states[index] = isEnd ? Self.free : Self.left
    leftCount += isEnd ? 0 : 1
    count -= 1
    if bytes - Self.smallestBytes > count * 16 { resize(for: count) }
  }

  /// Adds its entries to the counts of their volumes.
  func count(into counts: inout [Int]) {
    for index in 0..<capacity where unsafe states[index] & 0x80 != 0 {
      let volume = unsafe Int(truncatingIfNeeded: entries[index] >> 1) & 0xFF
      if volume < counts.count { counts[volume] += 1 }
    }
  }

  /// Forgets all entries.
  mutating func removeAll() {
    unsafe states.update(repeating: Self.free, count: capacity)
    (count, leftCount) = (0, 0)
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
    let wanted = Group(repeating: Self.state(of: tag))
    var group = home(of: tag)
    while true {
      let states = states(ofGroup: group)
      var matches = states.marks(equalTo: wanted)
      while let place = matches.takeFirst() {
        let index = group &* Self.groupPlaces &+ place
        if unsafe entries[index] & Self.tagMask == tag { return index }
      }
      // A place is always free in some group: there every search ends.
      if !states.marks(equalTo: Group(repeating: Self.free)).isEmpty { return -1 }
      group = next(group)
    }
  }

  /// Puts an entry that is not there into the first place that is free or was left.
  private mutating func place(_ entry: UInt64) {
    var group = home(of: entry)
    while true {
      let base = group &* Self.groupPlaces
      for index in base..<base &+ Self.groupPlaces where unsafe states[index] & 0x80 == 0 {
        if unsafe states[index] == Self.left { leftCount -= 1 }
        unsafe states[index] = Self.state(of: entry)
        unsafe entries[index] = entry
        return
      }
      group = next(group)
    }
  }

  /// Makes a table that may grow by a quarter beyond `wanted` entries, without places left.
  private mutating func resize(for wanted: Int) {
    let old = unsafe (states: states, entries: entries, capacity: capacity)
    groups = max(1, (wanted * 25 / 17 + Self.groupPlaces - 1) / Self.groupPlaces)
    usedMax = Self.usedMax(groups: groups)
    leftCount = 0
    unsafe (states, entries) = Self.allocate(groups: groups)
    for index in unsafe 0..<old.capacity where unsafe old.states[index] & 0x80 != 0 {
      unsafe place(old.entries[index])
    }
    unsafe old.states.deallocate()
    unsafe old.entries.deallocate()
  }

  private static func allocate(
    groups: Int
  ) -> (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt64>) {
    let places = groups * groupPlaces
    // A group never lies across two cache lines.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: places, alignment: 64)
    let states = unsafe memory.initializeMemory(as: UInt8.self, repeating: free, count: places)
    return unsafe (states, .allocate(capacity: places))
  }

  private static func usedMax(groups: Int) -> Int {
    min(groups * groupPlaces - 1, groups * groupPlaces * 17 / 20)
  }

  private var capacity: Int { groups &* Self.groupPlaces }

  /// Seven bits of the tag, those that say least about its group.
  @inline(__always)
  private static func state(of entry: UInt64) -> UInt8 {
    0x80 | UInt8(truncatingIfNeeded: entry >> 29 & 0x7F)
  }

  @inline(__always)
  private func home(of entry: UInt64) -> Int {
    Int(truncatingIfNeeded: (entry & Self.tagMask).multipliedFullWidth(by: UInt64(groups)).high)
  }

  @inline(__always)
  private func next(_ group: Int) -> Int {
    let next = group &+ 1
    return next == groups ? 0 : next
  }

  @inline(__always)
  private func states(ofGroup group: Int) -> Group {
    unsafe UnsafeRawPointer(states + group &* Self.groupPlaces).loadUnaligned(as: Group.self)
  }

  private func firstFree(inGroup group: Int) -> Int? {
    var marks = states(ofGroup: group).marks(equalTo: Group(repeating: Self.free))
    return marks.takeFirst()
  }
}

/// The states of a group's places.
private typealias Group = SIMD16<UInt8>

/// Some of sixteen places: the highest bit of a byte marks one.
private struct Marks {
  private var low: UInt64
  private var high: UInt64

  @inline(__always)
  init(_ lanes: SIMD2<UInt64>) {
    low = lanes[0] & 0x8080_8080_8080_8080
    high = lanes[1] & 0x8080_8080_8080_8080
  }

  @inline(__always)
  var isEmpty: Bool { low | high == 0 }

  /// The number of the first mark, which is taken away.
  @inline(__always)
  mutating func takeFirst() -> Int? {
    if low != 0 {
      let place = low.trailingZeroBitCount &>> 3
      low &= low &- 1
      return place
    }
    guard high != 0 else { return nil }
    let place = 8 &+ (high.trailingZeroBitCount &>> 3)
    high &= high &- 1
    return place
  }
}

extension SIMD16 where Scalar == UInt8 {
  @inline(__always)
  fileprivate func marks(equalTo other: Self) -> Marks {
    Marks(unsafe unsafeBitCast(self .== other, to: SIMD2<UInt64>.self))
  }
}
