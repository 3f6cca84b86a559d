internal import Bytes

/// The sector that says which life of a zone its fragments belong to.
struct ZoneHeader: Equatable {
  /// What the sector tells.
  enum Reading: Equatable {
    /// The zone was never written.
    case blank
    /// The zone has this header.
    case header(ZoneHeader)
    /// Torn or rotten: the zone counts as empty, and its epoch may have been any.
    case torn
  }

  var volumeID: UInt64
  var zone: UInt32
  /// The life of the zone; 0 is none.
  var epoch: UInt32
  /// All serials in older zones are at most this.
  var serial: UInt64

  private static let magic: UInt64 = 0x0100_454E_4F5A_5053  // "SPZONE\0\1"
  private static let byteCount = 40

  func encode(into sector: UnsafeMutableRawBufferPointer) {
    unsafe sector.fill()
    unsafe sector.store(Self.magic, at: 0)
    unsafe sector.store(volumeID, at: 8)
    unsafe sector.store(zone, at: 16)
    unsafe sector.store(epoch, at: 20)
    unsafe sector.store(serial, at: 24)
    let checksum = unsafe Checksum.of(UnsafeRawBufferPointer(sector.part(at: 0, count: 32)))
    unsafe sector.store(checksum, at: 32)
  }

  static func read(
    from sector: UnsafeRawBufferPointer, volumeID: UInt64, zone: UInt32
  ) -> Reading {
    if unsafe sector.isBlank { return .blank }
    guard unsafe sector.integer(at: 0, as: UInt64.self) == magic,
      unsafe sector.integer(at: 32, as: UInt64.self)
        == Checksum.of(sector.part(at: 0, count: 32)),
      unsafe sector.integer(at: 8, as: UInt64.self) == volumeID,
      unsafe sector.integer(at: 16, as: UInt32.self) == zone,
      unsafe sector.part(at: byteCount, count: sector.count - byteCount).isBlank
    else { return .torn }
    let epoch = unsafe sector.integer(at: 20, as: UInt32.self)
    guard epoch > 0 else { return .torn }
    return unsafe .header(
      ZoneHeader(
        volumeID: volumeID, zone: zone, epoch: epoch,
        serial: sector.integer(at: 24, as: UInt64.self)))
  }
}
