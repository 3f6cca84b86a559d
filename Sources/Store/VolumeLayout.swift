internal import Bytes

/// How a volume is divided: a superblock, a header for each zone, a sector to try things out in,
/// the zones.
struct VolumeLayout: Equatable {
  /// What the first sector of a file tells.
  enum Reading: Equatable {
    /// Nothing was ever written.
    case blank
    /// A volume of this layout.
    case layout(VolumeLayout)
    /// Ours, but torn while it was formatted, or rotten: it holds nothing that can be found.
    case torn
    /// Ours, of a version that is not known here.
    case foreignFormat
    /// Somebody else's data.
    case foreign
  }

  /// Tells this volume from every other one: 64 random bits.
  var id: UInt64
  var zoneBytes: UInt64
  var zoneCount: UInt32
  /// Sectors of the whole volume, unused ones at its end included.
  var sectorCount: UInt64

  private static let magic: UInt64 = 0x0100_4C4F_5657_5053  // "SPWVOL\0\1"
  private static let version: UInt32 = 1
  private static let byteCount = 48
  private static let alignment: UInt64 = 1 << 20

  /// Divides `bytes`; `nil` when that gives fewer zones than a volume needs, or too many.
  init?(id: UInt64, bytes: UInt64) {
    let wanted = bytes / 64
    let limited = min(max(wanted, StoreLimits.zoneBytesMin), StoreLimits.zoneBytesMax)
    self.id = id
    zoneBytes = 1 << UInt64(63 - limited.leadingZeroBitCount)
    sectorCount = bytes / UInt64(StoreLimits.sectorBytes)
    let most = bytes / zoneBytes
    guard most <= UInt64(StoreLimits.zonesMax) else { return nil }
    zoneCount = UInt32(most)
    while zoneCount > 0, dataStart + UInt64(zoneCount) * zoneBytes > bytes { zoneCount -= 1 }
    guard zoneCount >= StoreLimits.zonesMin else { return nil }
  }

  private init(id: UInt64, zoneBytes: UInt64, zoneCount: UInt32, sectorCount: UInt64) {
    self.id = id
    self.zoneBytes = zoneBytes
    self.zoneCount = zoneCount
    self.sectorCount = sectorCount
  }

  /// Bytes of the volume that is made of so many: whole sectors.
  static func bytes(in bytes: UInt64) -> UInt64 {
    bytes / UInt64(StoreLimits.sectorBytes) * UInt64(StoreLimits.sectorBytes)
  }

  /// Bytes of the whole volume.
  var bytes: UInt64 { sectorCount * UInt64(StoreLimits.sectorBytes) }
  var zoneSectors: UInt32 { UInt32(zoneBytes / UInt64(StoreLimits.sectorBytes)) }

  /// Where zone 0 begins.
  var dataStart: UInt64 {
    let end = probeOffset + UInt64(StoreLimits.sectorBytes)
    return (end + Self.alignment - 1) / Self.alignment * Self.alignment
  }

  /// The sector in which each opening tries what a direct write does to lent pages.
  var probeOffset: UInt64 { headerOffset(of: zoneCount) }

  func headerOffset(of zone: UInt32) -> UInt64 {
    UInt64(StoreLimits.sectorBytes) * (UInt64(zone) + 1)
  }

  func offset(ofZone zone: UInt32) -> UInt64 { dataStart + UInt64(zone) * zoneBytes }

  func encode(into sector: UnsafeMutableRawBufferPointer) {
    unsafe sector.fill()
    unsafe sector.store(Self.magic, at: 0)
    unsafe sector.store(Self.version, at: 8)
    unsafe sector.store(zoneCount, at: 12)
    unsafe sector.store(id, at: 16)
    unsafe sector.store(sectorCount, at: 24)
    unsafe sector.store(zoneBytes, at: 32)
    let checksum = unsafe Checksum.of(UnsafeRawBufferPointer(sector.part(at: 0, count: 40)))
    unsafe sector.store(checksum, at: 40)
  }

  static func read(from sector: UnsafeRawBufferPointer) -> Reading {
    if unsafe sector.isBlank { return .blank }
    guard unsafe sector.integer(at: 0, as: UInt64.self) == magic else { return .foreign }
    guard
      unsafe sector.integer(at: 40, as: UInt64.self)
        == Checksum.of(sector.part(at: 0, count: 40))
    else { return .torn }
    guard unsafe sector.integer(at: 8, as: UInt32.self) == version else { return .foreignFormat }
    let layout = unsafe VolumeLayout(
      id: sector.integer(at: 16, as: UInt64.self),
      zoneBytes: sector.integer(at: 32, as: UInt64.self),
      zoneCount: sector.integer(at: 12, as: UInt32.self),
      sectorCount: sector.integer(at: 24, as: UInt64.self))
    return layout.makesSense ? .layout(layout) : .torn
  }

  private var makesSense: Bool {
    zoneBytes.nonzeroBitCount == 1 && zoneBytes >= StoreLimits.zoneBytesMin
      && zoneBytes <= StoreLimits.zoneBytesMax && zoneCount >= StoreLimits.zonesMin
      && zoneCount <= StoreLimits.zonesMax && sectorCount < 1 << 50
      && offset(ofZone: zoneCount) <= bytes
  }
}
