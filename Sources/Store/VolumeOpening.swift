internal import Bytes
internal import Glibc

/// The opening of a volume: finds out what a file holds, formats it if that is nothing.
struct VolumeOpening {
  let layout: VolumeLayout
  let writeFile: DiskFile
  let readFile: DiskFile
  let isDirect: Bool
  let isNew: Bool
  /// Bytes of the volume that was emptied because another size is wanted; 0 for none.
  let formerBytes: UInt64
  var epochs: [UInt32] = []
  var highestEpoch: UInt32 = 0
  var serialFloor: UInt64 = 0

  init(path: String, bytes: UInt64, mayFormat: Bool, disk: Disk) throws(StoreError) {
    if !mayFormat, unsafe access(path, F_OK) != 0 {
      throw StoreError(code: errno, operation: "open")
    }
    let (file, mayBeDirect) = try Self.openToWrite(path, disk)
    do throws(StoreError) {
      try disk.lock(file)
      let size = try disk.size(file)
      var found = try Self.find(file, size: size, disk)
      let isWanted = found.map { bytes == 0 || $0.bytes == VolumeLayout.bytes(in: bytes) } ?? true
      formerBytes = mayFormat && !isWanted ? found?.bytes ?? 0 : 0
      if formerBytes > 0 { found = nil }
      guard mayFormat || found != nil else {
        throw StoreError(.notAVolume, operation: "looking at a volume")
      }
      if let found, size < found.bytes {
        throw StoreError(.badSize, operation: "opening a volume longer than its file or device")
      }
      isNew = found == nil
      if let found {
        layout = found
      } else {
        layout = try Self.format(file, bytes: bytes == 0 ? size : bytes, size: size, disk)
      }
      writeFile = file
      readFile = try disk.open(path, .read)
    } catch {
      disk.close(file)
      throw error
    }
    let probe = VolumeProbe(write: file, read: readFile, offset: layout.probeOffset)
    isDirect = mayBeDirect && probe.lentPagesStay(disk)
    do throws(StoreError) {
      try readEpochs(disk)
    } catch {
      disk.close(readFile)
      disk.close(file)
      throw error
    }
  }

  /// Zone headers are read and emptied in pieces of 1 MiB: what the zones are aligned to.
  private static let pieceBytes = 1 << 20

  private static func openToWrite(
    _ path: String, _ disk: Disk
  ) throws(StoreError) -> (DiskFile, Bool) {
    do throws(StoreError) {
      return (try disk.open(path, .write(direct: true)), true)
    } catch {
      // The answer of file systems that know no O_DIRECT.
      guard error.code == EINVAL else { throw error }
    }
    return (try disk.open(path, .write(direct: false)), false)
  }

  /// The layout of what is there; `nil` when there is nothing that could be lost.
  private static func find(
    _ file: DiskFile, size: UInt64, _ disk: Disk
  ) throws(StoreError) -> VolumeLayout? {
    guard size > 0 else { return nil }
    guard size >= UInt64(StoreLimits.sectorBytes) else {
      throw StoreError(.notAVolume, operation: "opening a volume")
    }
    let sector = ZoneBuffer(count: StoreLimits.sectorBytes)
    try unsafe disk.read(file, at: 0, into: sector.bytes)
    switch unsafe VolumeLayout.read(from: sector.read(at: 0, count: sector.count)) {
    case .blank, .torn: return nil
    case .layout(let layout): return layout
    case .foreignFormat: throw StoreError(.foreignFormat, operation: "opening a volume")
    case .foreign: throw StoreError(.notAVolume, operation: "opening a volume")
    }
  }

  /// Empties the zone headers first and writes the superblock last, so that a volume that has one
  /// is a whole one.
  private static func format(
    _ file: DiskFile, bytes: UInt64, size: UInt64, _ disk: Disk
  ) throws(StoreError) -> VolumeLayout {
    guard let layout = VolumeLayout(id: .random(in: 1...UInt64.max), bytes: bytes) else {
      throw StoreError(.badSize, operation: "formatting less, or more, than a volume may be")
    }
    if size < bytes { try disk.allocate(file, bytes: bytes) }
    if size > bytes { try disk.shorten(file, bytes: bytes) }
    let blank = ZoneBuffer(count: pieceBytes)
    for start in stride(from: 0, to: layout.dataStart, by: pieceBytes) {
      try unsafe disk.write(file, at: start, UnsafeRawBufferPointer(blank.bytes))
    }
    try disk.synchronise(file)
    unsafe layout.encode(into: blank.part(at: 0, count: StoreLimits.sectorBytes))
    try unsafe disk.write(file, at: 0, blank.read(at: 0, count: StoreLimits.sectorBytes))
    try disk.synchronise(file)
    return layout
  }

  private mutating func readEpochs(_ disk: Disk) throws(StoreError) {
    // The last piece may reach into the first zone; that is there.
    let piece = ZoneBuffer(count: Self.pieceBytes)
    let perPiece = UInt32(Self.pieceBytes / StoreLimits.sectorBytes)
    epochs.reserveCapacity(Int(layout.zoneCount))
    var torn: UInt32 = 0
    for zone in 0..<layout.zoneCount {
      if zone % perPiece == 0 {
        try unsafe disk.read(writeFile, at: layout.headerOffset(of: zone), into: piece.bytes)
      }
      let sector = unsafe piece.read(
        at: Int(zone % perPiece) * StoreLimits.sectorBytes, count: StoreLimits.sectorBytes)
      switch unsafe ZoneHeader.read(from: sector, volumeID: layout.id, zone: zone) {
      case .blank: epochs.append(0)
      case .header(let header):
        epochs.append(header.epoch)
        highestEpoch = max(highestEpoch, header.epoch)
        serialFloor = max(serialFloor, header.serial)
      case .torn:
        epochs.append(0)
        torn += 1
      }
    }
    // Each torn header may have held one of the next epochs, and records of it may exist: an epoch
    // is never given twice.
    highestEpoch += torn
  }
}

extension Volume {
  /// Opens a volume, formatting a file that is new or empty.
  ///
  /// Reads the superblock and the zone headers, nothing else. A volume that was formatted with
  /// another size is emptied and formatted anew; 0 bytes means the size that it has, or the whole
  /// of a block device. Without `mayFormat` what is no volume is refused, and any size is right.
  /// - Throws: `.inUse` when it is open elsewhere, `.notAVolume` for what holds something else,
  ///   `.badSize` for less than four zones or a file that was cut, `.noSpace` and the like.
  public static func open(
    path: String, bytes: UInt64, number: UInt8, disk: Disk, mayFormat: Bool = true
  ) throws(StoreError) -> Volume {
    let opened = try VolumeOpening(path: path, bytes: bytes, mayFormat: mayFormat, disk: disk)
    return Volume(opened, path: path, number: number, disk: disk)
  }
}
