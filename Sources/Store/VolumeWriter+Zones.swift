internal import Bytes

/// The round through the zones: one is written, the next one is emptied when that one is half full.
extension VolumeWriter {
  /// Sees to it that a fragment of so many sectors can be appended.
  func makeRoom(for sectors: UInt32) throws(StoreError) {
    precondition(reader != nil, "a writer begins before it writes")
    if !nextIsClean, cursor >= reclaimFrom {
      try reclaim(
        volume.zone(after: zone), sectorsMax: volume.layout.zoneSectors / StoreLimits.carriedShare)
    }
    if !fits(sectors) || writeFailures >= StoreLimits.writeFailuresPerZone { try turnToNextZone() }
    precondition(fits(sectors), "a fragment larger than a zone")
  }

  /// Closes the zone that is written and opens the next one.
  private func turnToNextZone() throws(StoreError) {
    // Everything so far is safe, and what was carried away from the next zone visible, before the
    // next zone loses what it holds.
    try commit()
    let next = volume.zone(after: zone)
    if !nextIsClean { try reclaim(next, sectorsMax: 0) }
    if !isSealed, writeFailures < StoreLimits.writeFailuresPerZone { try writeTable() }
    try open(zone: next)
  }

  /// Writes the table of contents into the end of the zone.
  private func writeTable() throws(StoreError) {
    let sectors = ZoneTable.sectors(count: table.count)
    let bytes = unsafe staging.part(at: 0, count: Int(sectors) * StoreLimits.sectorBytes)
    unsafe ZoneTable.encode(table, volumeID: volume.id, epoch: epoch, into: bytes)
    let start = volume.offset(zone: zone, sector: volume.layout.zoneSectors - sectors)
    try unsafe write(UnsafeRawBufferPointer(bytes), at: start)
    isSealed = true
    mustSynchronise = true
  }

  /// Begins a new life of a zone: in memory, so that readers turn away; on the volume, once none
  /// of them is inside a system call any more; only then data.
  func open(zone next: UInt32) throws(StoreError) {
    let renewed = volume.renew(zone: next)
    try volume.waitForPins(zone: next)
    let header = ZoneHeader(
      volumeID: volume.id, zone: next, epoch: renewed, serial: serials.next())
    let sector = unsafe staging.part(at: 0, count: StoreLimits.sectorBytes)
    unsafe header.encode(into: sector)
    try unsafe write(UnsafeRawBufferPointer(sector), at: volume.layout.headerOffset(of: next))
    try synchronise()
    zone = next
    epoch = renewed
    table = []
    stagingSector = 0
    durableSector = 0
    durableCount = 0
    isSealed = false
    writeFailures = 0
    volume.counters.add(to: .zonesOpened)
    prepareReclaim(from: volume.layout.zoneSectors / 2)
  }
}
