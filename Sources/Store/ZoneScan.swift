internal import Bytes

/// Reads zones from end to end: their tables, their headers, whole fragments; one thread's own.
///
/// It reads past the page cache where the volume is direct, so that it pushes nothing out of it.
final class ZoneScan {
  /// What a zone holds.
  struct Contents {
    var entries: [ZoneTable.Entry] = []
    /// Whether the entries come from the table of contents; if not, they were walked.
    var hasTable = false
    /// The first sector behind the last fragment.
    var end: UInt32 { entries.last?.end ?? 0 }
  }

  let volume: Volume
  private let window = ZoneBuffer(count: StoreLimits.walkBytes)
  private let fragment = ZoneBuffer(count: ZoneBuffer.fragmentBytesMax)
  private var windowZone = UInt32.max
  private var windowStart: UInt32 = 0
  private var windowEnd: UInt32 = 0

  init(volume: Volume) { self.volume = volume }

  /// The fragments of a zone in this life of it.
  ///
  /// With `resumes`, more is looked for behind a fragment whose header is damaged.
  func contents(of zone: UInt32, epoch: UInt32, resumes: Bool) throws(StoreError) -> Contents {
    if let entries = try table(of: zone, epoch: epoch) {
      return Contents(entries: entries, hasTable: true)
    }
    var contents = Contents()
    try walk(zone, epoch: epoch, resumes: resumes) { header, sector in
      contents.entries.append(
        ZoneTable.Entry(
          hash: header.hash, number: header.number, sector: sector, length: UInt32(header.length),
          flags: header.flags, isProven: false))
    }
    return contents
  }

  /// The header at a sector; `nil` when there is none of this life of the zone.
  func header(zone: UInt32, epoch: UInt32, sector: UInt32) throws(StoreError) -> FragmentHeader? {
    if zone != windowZone || sector < windowStart || sector >= windowEnd {
      try fill(zone: zone, from: sector)
    }
    let offset = Int(sector - windowStart) * StoreLimits.sectorBytes
    let bytes = unsafe window.read(at: offset, count: StoreLimits.sectorBytes)
    guard let header = unsafe FragmentHeader.decode(from: bytes), header.volumeID == volume.id,
      header.epoch == epoch, sector + header.sectors <= volume.layout.zoneSectors
    else { return nil }
    return header
  }

  /// The vary rule of a head whose header was read last.
  func varyRule(of header: FragmentHeader, sector: UInt32) -> [UInt8] {
    let offset = Int(sector - windowStart) * StoreLimits.sectorBytes + FragmentHeader.byteCount
    return unsafe Array(window.read(at: offset, count: Int(header.varyLength)))
  }

  /// Reads a whole fragment and proves its checksums; `nil` when they are wrong.
  ///
  /// Its bytes are in `payload` until the next call.
  func soundHeader(at place: Place) throws(StoreError) -> FragmentHeader? {
    let sectors = FragmentHeader.sectors(of: Int(place.length))
    let count = Int(sectors) * StoreLimits.sectorBytes
    guard count <= fragment.count, count > 0, place.zone < volume.zoneCount,
      place.sector + sectors <= volume.layout.zoneSectors
    else { return nil }
    try unsafe volume.disk.read(
      volume.writeFile, at: volume.offset(of: place), into: fragment.part(at: 0, count: count))
    let bytes = unsafe fragment.read(at: 0, count: count)
    guard let header = unsafe FragmentHeader.decode(from: bytes), header.volumeID == volume.id,
      header.epoch == place.epoch, header.length == Int(place.length),
      unsafe header.isSound(bytes)
    else { return nil }
    return header
  }

  /// Rule, meta and data of the fragment that was read last.
  func payload(of header: FragmentHeader) -> UnsafeRawBufferPointer {
    unsafe fragment.read(at: FragmentHeader.byteCount, count: header.payloadLength)
  }

  /// The meta of the fragment that was read last.
  func meta(of header: FragmentHeader) -> UnsafeRawBufferPointer {
    unsafe fragment.read(at: header.metaStart, count: Int(header.metaLength))
  }

  /// Forgets what it has read: the zones may have changed.
  func forget() { windowZone = .max }

  private func table(of zone: UInt32, epoch: UInt32) throws(StoreError) -> [ZoneTable.Entry]? {
    let zoneSectors = volume.layout.zoneSectors
    let last = unsafe fragment.part(at: 0, count: StoreLimits.sectorBytes)
    try unsafe volume.disk.read(
      volume.writeFile, at: volume.offset(zone: zone, sector: zoneSectors - 1), into: last)
    guard
      let count = unsafe ZoneTable.count(
        inLastSector: UnsafeRawBufferPointer(last), volumeID: volume.id, epoch: epoch,
        zoneSectors: zoneSectors)
    else { return nil }
    let sectors = ZoneTable.sectors(count: count)
    guard sectors < zoneSectors else { return nil }
    let buffer = ZoneBuffer(count: Int(sectors) * StoreLimits.sectorBytes)
    try unsafe volume.disk.read(
      volume.writeFile, at: volume.offset(zone: zone, sector: zoneSectors - sectors),
      into: buffer.bytes)
    return unsafe ZoneTable.decode(
      buffer.read(at: 0, count: buffer.count), count: count, zoneSectors: zoneSectors)
  }

  private func walk(
    _ zone: UInt32, epoch: UInt32, resumes: Bool, _ body: (FragmentHeader, UInt32) -> Void
  ) throws(StoreError) {
    forget()
    var sector: UInt32 = 0
    while sector < volume.layout.zoneSectors {
      if let header = try header(zone: zone, epoch: epoch, sector: sector) {
        body(header, sector)
        sector += header.sectors
      } else {
        guard resumes else { return }
        sector += 1
      }
    }
  }

  private func fill(zone: UInt32, from sector: UInt32) throws(StoreError) {
    windowZone = .max
    let sectors = min(
      UInt32(window.count / StoreLimits.sectorBytes), volume.layout.zoneSectors - sector)
    try unsafe volume.disk.read(
      volume.writeFile, at: volume.offset(zone: zone, sector: sector),
      into: window.part(at: 0, count: Int(sectors) * StoreLimits.sectorBytes))
    windowZone = zone
    windowStart = sector
    windowEnd = sector + sectors
  }
}
