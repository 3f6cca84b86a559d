internal import Bytes

/// A fragment that was appended.
struct WrittenFragment {
  var place: Place
  var serial: UInt64
}

extension VolumeWriter {
  /// Puts a fragment behind the last one; `fill` writes the data and may give up.
  ///
  /// - Returns: `nil` when `fill` gave up: then nothing was appended.
  func append(
    _ draft: FragmentHeader, vary: [UInt8], meta: Span<UInt8>, dataCount: Int,
    fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(StoreError) -> WrittenFragment? {
    var header = draft
    header.varyLength = UInt16(vary.count)
    header.metaLength = UInt32(meta.count)
    header.dataLength = UInt32(dataCount)
    try makeRoom(for: header.sectors)
    let payload = unsafe staging.part(
      at: stagedBytes + FragmentHeader.byteCount, count: header.payloadLength)
    unsafe payload.part(at: 0, count: vary.count).copyBytes(from: vary)
    if meta.count > 0 {
      unsafe meta.withUnsafeBytes { bytes in
        unsafe payload.part(at: vary.count, count: meta.count).copyMemory(from: bytes)
      }
    }
    let data = unsafe payload.part(at: vary.count + meta.count, count: dataCount)
    guard unsafe fill(data) else { return nil }
    header.payloadChecksum = unsafe Checksum.of(UnsafeRawBufferPointer(payload))
    return try place(&header)
  }

  /// Puts a fragment behind the last one whose payload lies elsewhere and is known to be sound.
  func carry(
    _ carried: FragmentHeader, payload: UnsafeRawBufferPointer
  ) throws(StoreError) -> WrittenFragment {
    var header = carried
    if unsafe !payload.isEmpty {
      unsafe staging.part(at: stagedBytes + FragmentHeader.byteCount, count: payload.count)
        .copyMemory(from: payload)
    }
    hasCarried = true
    volume.counters.add(to: .fragmentsCarried)
    volume.counters.add(UInt64(header.length), to: .bytesCarried)
    return try place(&header)
  }

  /// Gives the fragment whose payload is staged its header and its place.
  private func place(_ header: inout FragmentHeader) throws(StoreError) -> WrittenFragment {
    precondition(header.makesSense, "a fragment that its readers would refuse")
    header.volumeID = volume.id
    header.epoch = epoch
    header.serial = serials.next()
    unsafe header.encode(
      into: staging.part(at: stagedBytes, count: FragmentHeader.byteCount))
    let size = Int(header.sectors) * StoreLimits.sectorBytes
    staging.clear(at: stagedBytes + header.length, count: size - header.length)
    let place = Place(
      volume: volume.number, zone: zone, epoch: epoch, sector: cursor,
      length: UInt32(header.length))
    table.append(
      ZoneTable.Entry(
        hash: header.hash, number: header.number, sector: place.sector, length: place.length,
        flags: header.flags, isProven: true))
    stagedBytes += size
    bytesSinceCommit += size
    volume.counters.add(to: .fragmentsWritten)
    if stagedBytes >= StoreLimits.stagingBytes { try writeStaged() }
    return WrittenFragment(place: place, serial: header.serial)
  }

  /// Makes everything that was staged durable, then visible: the volume first, then the index in
  /// one transaction, then the directory.
  ///
  /// - Throws: what the disk or the index said; then nothing since the last commit has happened.
  public func commit() throws(StoreError) {
    guard stagedBytes > 0 || mustSynchronise || !changes.isEmpty else { return }
    let start = Instant.read()
    try finishWriting()
    if mustSynchronise { try synchronise() }
    do throws(StoreError) {
      if !changes.isEmpty { try index.apply(changes) }
    } catch {
      volume.counters.add(to: .indexErrors)
      rollBack(keepsData: true)
      throw error
    }
    for change in changes { show(change) }
    changes.removeAll(keepingCapacity: true)
    bytesSinceCommit = 0
    hasCarried = false
    writeFailures = 0
    let spent = start.microseconds
    volume.counters.add(to: .commits)
    volume.counters.add(spent, to: .commitMicroseconds)
    volume.counters.raise(.commitMicrosecondsMax, to: spent)
  }

  /// Tells the directory what the index was told.
  func show(_ change: IndexChange) {
    switch change {
    case .put(let hash, 0, let record):
      directory.insert(hash, volume: record.place.volume, zone: record.place.zone)
    case .removeIfAt(let hash, 0, let place):
      directory.remove(hash, volume: place.volume, zone: place.zone)
    case .removeObject(let hash, _): directory.remove(hash)
    case .put, .removeIfAt: break
    }
  }

  /// Begins to write what is in the staging memory; other memory takes its place.
  private func writeStaged() throws(StoreError) {
    guard let flusher, stagedBytes > 0 else { return }
    do throws(StoreError) {
      try unsafe flusher.start(
        staging.read(at: 0, count: stagedBytes),
        at: volume.offset(zone: zone, sector: stagingSector))
    } catch {
      failedToWrite()
      throw error
    }
    swap(&staging, &written)
    stagingSector = cursor
    stagedBytes = 0
    mustSynchronise = true
  }

  /// Waits until all that was staged is written.
  private func finishWriting() throws(StoreError) {
    try writeStaged()
    do throws(StoreError) {
      try flusher?.finish()
    } catch {
      failedToWrite()
      throw error
    }
  }

  /// Writes to the volume while nothing is staged: a table, the header of a zone.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
    precondition(stagedBytes == 0, "what is staged would be overtaken")
    do throws(StoreError) {
      try flusher?.finish()
      try unsafe volume.write(bytes, at: offset)
    } catch {
      failedToWrite()
      throw error
    }
  }

  /// Makes durable what was written.
  func synchronise() throws(StoreError) {
    do throws(StoreError) {
      try volume.disk.synchronise(volume.writeFile)
    } catch {
      volume.counters.add(to: .writeErrors)
      failedToWrite()
      throw error
    }
    mustSynchronise = false
    durableSector = stagingSector
    durableCount = table.count
  }

  private func failedToWrite() {
    writeFailures += 1
    mustSynchronise = false
    rollBack(keepsData: false)
  }
}

extension Instant {
  /// Whole microseconds since this instant.
  var microseconds: UInt64 {
    UInt64(max(0, Instant.read().nanoseconds - nanoseconds)) / 1000
  }
}
