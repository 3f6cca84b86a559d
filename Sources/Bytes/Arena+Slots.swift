/// A piece of a shared block: where a body under 32 KiB lives once it is whole.
public struct Slot: Equatable, Sendable {
  /// Where it begins in the arena.
  public let offset: Int
  /// Which size class it belongs to.
  let sizeClass: UInt8
}

/// The shared blocks of each size class, and which of their slots are free.
struct SlotSlabs {
  /// Slot sizes, half a power of two apart: at most a third of a slot is wasted.
  static let sizes: [Int] = [
    256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384, 21_824, 32_768,
  ]

  /// One shared block; slot `n` begins `n × size` bytes in.
  struct Slab {
    var block: UInt32
    var freeMap: InlineArray<4, UInt64>
    var freeCount: Int
  }

  /// Slabs by size class; those with room come to the end of the list.
  var withRoom: [[UInt32]] = Array(repeating: [], count: sizes.count)
  var slabs: [UInt32: Slab] = [:]

  static func sizeClass(for count: Int) -> Int? { sizes.firstIndex { $0 >= count } }
  static func slots(of sizeClass: Int) -> Int { BytesLimits.blockBytes / sizes[sizeClass] }
}

extension Arena {
  /// Takes a slot for `count` bytes, evicting if need be.
  ///
  /// Slots go out by `writev` alone, which copies: they are never lent and are reused freely.
  /// - Returns: `nil` when `count` is no slot size or nothing can be evicted.
  public func takeSlot(count: Int) -> Slot? {
    guard let sizeClass = SlotSlabs.sizeClass(for: count) else { return nil }
    if let slot = lock.withLock({ claimSlot(sizeClass) }) { return unpoisoned(slot) }
    guard reserve(blocks: 1) else { return nil }
    unreserve(blocks: 1)
    guard let slot = lock.withLock({ claimSlot(sizeClass) }) else { return nil }
    return unpoisoned(slot)
  }

  /// Gives a slot back; its block is freed with its last slot.
  public func give(back slot: Slot) {
    unsafe AddressSanitizer.poison(
      bytes(offset: slot.offset, count: SlotSlabs.sizes[Int(slot.sizeClass)]))
    lock.withLock { releaseSlot(slot) }
  }

  private func unpoisoned(_ slot: Slot) -> Slot {
    unsafe AddressSanitizer.unpoison(
      bytes(offset: slot.offset, count: SlotSlabs.sizes[Int(slot.sizeClass)]))
    return slot
  }

  private func claimSlot(_ sizeClass: Int) -> Slot? {
    if slabs.withRoom[sizeClass].isEmpty {
      guard let block = takeUnpromised() else { return nil }
      slabs.slabs[block] = newSlab(block, sizeClass: sizeClass)
      slabs.withRoom[sizeClass].append(block)
    }
    guard let block = slabs.withRoom[sizeClass].last, var slab = slabs.slabs[block] else {
      preconditionFailure("a slab with room is not in the table")
    }
    var word = 0
    while slab.freeMap[word] == 0 { word += 1 }
    let bit = slab.freeMap[word].trailingZeroBitCount
    slab.freeMap[word] &= ~(1 << UInt64(bit))
    slab.freeCount -= 1
    slabs.slabs[block] = slab
    if slab.freeCount == 0 { slabs.withRoom[sizeClass].removeLast() }
    let start = Int(block) * BytesLimits.blockBytes
    let index = word * 64 + bit
    return Slot(
      offset: start + index * SlotSlabs.sizes[sizeClass], sizeClass: UInt8(sizeClass))
  }

  private func newSlab(_ block: UInt32, sizeClass: Int) -> SlotSlabs.Slab {
    var slab = SlotSlabs.Slab(
      block: block, freeMap: .init(repeating: 0), freeCount: SlotSlabs.slots(of: sizeClass))
    for index in 0..<slab.freeCount { slab.freeMap[index / 64] |= 1 << UInt64(index % 64) }
    return slab
  }

  private func releaseSlot(_ slot: Slot) {
    let block = UInt32(slot.offset / BytesLimits.blockBytes)
    let sizeClass = Int(slot.sizeClass)
    guard var slab = slabs.slabs[block] else { preconditionFailure("a slot without its slab") }
    let index = slot.offset % BytesLimits.blockBytes / SlotSlabs.sizes[sizeClass]
    let bit: UInt64 = 1 << UInt64(index % 64)
    precondition(slab.freeMap[index / 64] & bit == 0, "slot given back twice")
    slab.freeMap[index / 64] |= bit
    slab.freeCount += 1
    if slab.freeCount == SlotSlabs.slots(of: sizeClass) {
      slabs.slabs[block] = nil
      slabs.withRoom[sizeClass].removeAll { $0 == block }
      markFree(Int(block))
      return
    }
    if slab.freeCount == 1 { slabs.withRoom[sizeClass].append(block) }
    slabs.slabs[block] = slab
  }
}
