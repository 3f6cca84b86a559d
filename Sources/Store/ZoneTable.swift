internal import Bytes

/// The table of contents at the end of a full zone.
///
/// One piece of whole sectors whose last 32 bytes end the zone, so that it is found without knowing
/// its length:
/// ```
/// entries (32 bytes each) | zeros | magic 8 | volume id 8 | epoch 4 | count 4 | XXH3 of all before
/// ```
enum ZoneTable {
  /// A fragment of the zone.
  struct Entry: Equatable {
    var hash: Hash128
    var number: UInt32
    /// Where it begins, in sectors from the start of the zone.
    var sector: UInt32
    /// Bytes of it without padding.
    var length: UInt32
    var flags: FragmentHeader.Flags
    /// Whether it is known to be whole: not where it was found by its header alone, after a start.
    var isProven: Bool

    /// The first sector behind it.
    var end: UInt32 { sector + FragmentHeader.sectors(of: Int(length)) }
  }

  private static let magic: UInt64 = 0x0143_4F54_5A57_5053  // "SPWZTOC\1"
  private static let entryBytes = 32
  private static let footerBytes = 32

  /// Sectors that a table of `count` entries takes.
  static func sectors(count: Int) -> UInt32 {
    FragmentHeader.sectors(of: count * entryBytes + footerBytes)
  }

  /// Writes the table so that it ends with `bytes`, which has exactly its sectors.
  static func encode(
    _ entries: [Entry], volumeID: UInt64, epoch: UInt32, into bytes: UnsafeMutableRawBufferPointer
  ) {
    unsafe bytes.fill()
    for (index, entry) in entries.enumerated() {
      let offset = index * entryBytes
      unsafe bytes.store(entry.hash, at: offset)
      unsafe bytes.store(entry.number, at: offset + 16)
      unsafe bytes.store(entry.sector, at: offset + 20)
      unsafe bytes.store(entry.length, at: offset + 24)
      unsafe bytes.store(entry.flags.rawValue, at: offset + 28)
      unsafe bytes.store(UInt16(entry.isProven ? 1 : 0), at: offset + 30)
    }
    let footer = bytes.count - footerBytes
    unsafe bytes.store(magic, at: footer)
    unsafe bytes.store(volumeID, at: footer + 8)
    unsafe bytes.store(epoch, at: footer + 16)
    unsafe bytes.store(UInt32(entries.count), at: footer + 20)
    let checksum = unsafe Checksum.of(UnsafeRawBufferPointer(bytes.part(at: 0, count: footer + 24)))
    unsafe bytes.store(checksum, at: footer + 24)
  }

  /// How many entries the table has whose last sector this is; `nil` when it is no table's.
  static func count(
    inLastSector sector: UnsafeRawBufferPointer, volumeID: UInt64, epoch: UInt32,
    zoneSectors: UInt32
  ) -> Int? {
    let footer = sector.count - footerBytes
    guard unsafe sector.integer(at: footer, as: UInt64.self) == magic,
      unsafe sector.integer(at: footer + 8, as: UInt64.self) == volumeID,
      unsafe sector.integer(at: footer + 16, as: UInt32.self) == epoch
    else { return nil }
    let count = unsafe Int(sector.integer(at: footer + 20, as: UInt32.self))
    return count <= Int(zoneSectors) ? count : nil
  }

  /// Reads the table of `count` entries; `nil` when it is damaged or names what cannot be.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, count: Int, zoneSectors: UInt32
  ) -> [Entry]? {
    let footer = bytes.count - footerBytes
    guard
      unsafe bytes.integer(at: footer + 24, as: UInt64.self)
        == Checksum.of(bytes.part(at: 0, count: footer + 24))
    else { return nil }
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    var end: UInt32 = 0
    for index in 0..<count {
      let offset = index * entryBytes
      let entry = unsafe Entry(
        hash: bytes.hash(at: offset), number: bytes.integer(at: offset + 16, as: UInt32.self),
        sector: bytes.integer(at: offset + 20, as: UInt32.self),
        length: bytes.integer(at: offset + 24, as: UInt32.self),
        flags: FragmentHeader.Flags(rawValue: bytes.integer(at: offset + 28, as: UInt16.self)),
        isProven: bytes.integer(at: offset + 30, as: UInt16.self) == 1)
      guard entry.sector >= end, entry.sector < zoneSectors,
        entry.length <= ZoneBuffer.fragmentBytesMax, entry.end <= zoneSectors
      else { return nil }
      end = entry.end
      entries.append(entry)
    }
    return entries
  }
}
