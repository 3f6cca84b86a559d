internal import Bytes

/// The index built anew of what lies on the volumes.
///
/// Zones are read oldest first; for each hash and number the highest serial wins, in the index
/// itself. Tombstones remove what is older than they are, and once more at the end. Then every
/// object is looked at: those that lack a part of their body are taken out.
extension VolumeScanner {
  /// What is on its way into the index.
  private struct Harvest {
    var changes: [IndexChange] = []
    var tombstones: [IndexChange] = []
    /// How many removals of the living node were applied.
    var removals = 0
  }

  func rebuild(_ goesOn: (RebuildProgress) -> Bool) throws(StoreError) -> Bool {
    var progress = RebuildProgress()
    var harvest = Harvest()
    let zones = store.volumes.map { zonesByAge(of: $0) }
    progress.zonesTotal = zones.reduce(0) { $0 + $1.count }
    for (volume, zones) in zip(store.volumes, zones) {
      for (zone, epoch) in zones {
        let goesOn = try harvestZone(volume, zone: zone, epoch: epoch, &harvest) { fragments in
          progress.fragments += UInt64(fragments)
          return goesOn(progress)
        }
        guard goesOn else { return false }
        progress.zones += 1
      }
    }
    try flush(&harvest)
    for start in stride(from: 0, to: harvest.tombstones.count, by: StoreLimits.rebuildChanges) {
      let end = min(start + StoreLimits.rebuildChanges, harvest.tombstones.count)
      try store.index.apply(Array(harvest.tombstones[start..<end]))
    }
    return try fill { records in
      progress.objects = records
      return goesOn(progress)
    }
  }

  /// Reads one zone; `step` is asked after each batch with the number of fragments in it.
  private func harvestZone(
    _ volume: Volume, zone: UInt32, epoch: UInt32, _ harvest: inout Harvest,
    _ step: (Int) -> Bool
  ) throws(StoreError) -> Bool {
    let scan = scans[Int(volume.number)]
    let contents = try scan.contents(of: zone, epoch: epoch, resumes: true)
    var count = 0
    for entry in contents.entries {
      guard let header = try scan.header(zone: zone, epoch: epoch, sector: entry.sector),
        header.length == Int(entry.length)
      else { continue }
      let place = Place(
        volume: volume.number, zone: zone, epoch: epoch, sector: entry.sector,
        length: entry.length)
      let rule = scan.varyRule(of: header, sector: entry.sector)
      // The rest may have been torn by a power cut.
      guard entry.isProven || sound(place) != nil else { continue }
      add(header, place, rule: rule, to: &harvest)
      store.serials.raise(to: header.serial)
      count += 1
      if harvest.changes.count >= StoreLimits.rebuildChanges {
        try flush(&harvest)
        guard step(count) else { return false }
        count = 0
      }
    }
    return step(count)
  }

  private func add(
    _ header: FragmentHeader, _ place: Place, rule: [UInt8], to harvest: inout Harvest
  ) {
    if header.flags.contains(.tombstone) {
      let change = IndexChange.removeObject(hash: header.hash, serialAtMost: header.serial)
      harvest.changes.append(change)
      if harvest.tombstones.count < StoreLimits.rebuildRemovals {
        harvest.tombstones.append(change)
      }
      return
    }
    guard header.number == 0 else {
      let body = BodyRecord(
        objectID: header.objectID, serial: header.serial, place: place, length: header.dataLength)
      harvest.changes.append(.put(hash: header.hash, number: header.number, .body(body)))
      return
    }
    var flags: ObjectRecord.Flags = []
    if header.flags.contains(.inline) { flags.insert(.inline) }
    if header.flags.contains(.sparse) { flags.insert(.sparse) }
    let object = ObjectRecord(
      objectID: header.objectID, serial: header.serial, place: place,
      bodyLength: header.totalLength, unit: header.unit, flags: flags,
      usableUntil: header.usableUntil)
    harvest.changes.append(.put(hash: header.hash, number: 0, .object(object)))
    if header.flags.contains(.variant),
      let vary = VaryRecord(rule: rule, serial: header.serial, place: place)
    {
      harvest.changes.append(.put(hash: header.primary, number: 0, .vary(vary)))
    }
  }

  private func flush(_ harvest: inout Harvest) throws(StoreError) {
    if !harvest.changes.isEmpty { try store.index.apply(harvest.changes) }
    harvest.changes.removeAll(keepingCapacity: true)
    // What the living node removed meanwhile, also while this batch was being written.
    let removals = store.removals.changes(from: harvest.removals)
    guard !removals.isEmpty else { return }
    harvest.removals += removals.count
    try store.index.apply(removals)
  }

  /// Walks the index: fills the directory with what is whole, takes out what is not.
  func fill(_ goesOn: (UInt64) -> Bool) throws(StoreError) -> Bool {
    var cursor: IndexCursor?
    var objects: UInt64 = 0
    repeat {
      var records: [(hash: Hash128, number: UInt32, record: IndexRecord)] = []
      cursor = try reader.forEach(from: cursor, limit: StoreLimits.indexWalkEntriesMax) {
        records.append((hash: $0, number: $1, record: $2))
      }
      var dead: [IndexChange] = []
      for (hash, number, record) in records {
        guard try isWhole(hash, record) else {
          dead.append(.removeIfAt(hash: hash, number: number, record.place))
          continue
        }
        guard number == 0 else { continue }
        objects += 1
        store.directory.fill(hash, volume: record.place.volume, zone: record.place.zone)
      }
      if !dead.isEmpty { try store.index.apply(dead) }
      guard goesOn(objects) else { return false }
    } while cursor != nil
    return true
  }

  /// Whether the zone of a record lives and, for an object, all of its body is there.
  private func isWhole(_ hash: Hash128, _ record: IndexRecord) throws(StoreError) -> Bool {
    guard isAlive(record.place) else { return false }
    guard case .object(let object) = record, object.flags.isDisjoint(with: [.inline, .sparse])
    else { return true }
    guard let count = object.fragmentCount else { return false }
    var found: [(number: UInt32, record: BodyRecord)] = []
    try reader.bodies(hash, from: 1, count: count, into: &found)
    return found.filter { $0.record.objectID == object.objectID && isAlive($0.record.place) }.count
      == count
  }
}
