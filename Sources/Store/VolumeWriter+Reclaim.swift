internal import Bytes

/// The emptying of the zone that is written next: what is hot is carried over, the rest forgotten.
///
/// The zone keeps its epoch until it is opened for writing, so a crash in between loses nothing.
extension VolumeWriter {
  /// What is found and decided while a zone is emptied.
  private struct Reclaim {
    let zone: UInt32
    let epoch: UInt32
    let now = WallTime.read()
    /// Sectors that may still be carried.
    var sectorsLeft: UInt32
    var removals: [IndexChange] = []
    /// Primary hashes whose rule names this zone: `true` once it names the carried variant.
    var rules: [Hash128: Bool] = [:]
    /// The last object that body fragments were found of, and whether it is carried.
    var owner: (hash: Hash128, objectID: UInt64, isKept: Bool)?

    func place(of entry: ZoneTable.Entry, volume: UInt8) -> Place {
      Place(
        volume: volume, zone: zone, epoch: epoch, sector: entry.sector, length: entry.length)
    }
  }

  /// Empties a zone, carrying at most `sectorsMax` sectors into the one that is written.
  func reclaim(_ zone: UInt32, sectorsMax: UInt32) throws(StoreError) {
    // No change that is not in the index yet may be overtaken by what is carried.
    try commit()
    judge.willEmptyZone()
    var reclaim = Reclaim(zone: zone, epoch: volume.epoch(of: zone), sectorsLeft: sectorsMax)
    for entry in listed(reclaim) where !entry.flags.contains(.tombstone) {
      if entry.number == 0 {
        try consider(head: entry, &reclaim)
      } else {
        try consider(body: entry, &reclaim)
      }
      if reclaim.removals.count >= StoreLimits.reclaimChanges { remove(&reclaim) }
    }
    for (primary, isRenewed) in reclaim.rules where !isRenewed {
      reclaim.removals.append(
        .removeIfAt(
          hash: primary, number: 0,
          Place(volume: volume.number, zone: zone, epoch: reclaim.epoch, sector: 0, length: 0)))
    }
    remove(&reclaim)
    scan.forget()
    nextIsClean = true
    volume.counters.add(to: .zonesReclaimed)
  }

  /// What the zone holds; what cannot be read is not carried, and dies with the zone.
  private func listed(_ reclaim: Reclaim) -> [ZoneTable.Entry] {
    do throws(StoreError) {
      return try scan.contents(of: reclaim.zone, epoch: reclaim.epoch, resumes: true).entries
    } catch {
      volume.counters.add(to: .readErrors)
      return []
    }
  }

  private func consider(head entry: ZoneTable.Entry, _ reclaim: inout Reclaim) throws(StoreError) {
    let place = reclaim.place(of: entry, volume: volume.number)
    if entry.flags.contains(.variant) { try noteRule(of: entry, &reclaim) }
    guard case .object(let record) = try look(up: entry.hash), record.place == place else { return }
    let isWanted = directory.takeHit(entry.hash) && reclaim.now < record.usableUntil
    guard isWanted, let header = sound(place), mayCarry(header),
      hasRoom(for: header, hash: entry.hash, &reclaim)
    else {
      reclaim.removals.append(.removeIfAt(hash: entry.hash, number: 0, place))
      volume.counters.add(to: .fragmentsDropped)
      return
    }
    let written = try unsafe carry(header, payload: scan.payload(of: header))
    var renewed = record
    renewed.place = written.place
    renewed.serial = written.serial
    changes.append(.put(hash: entry.hash, number: 0, .object(renewed)))
    if header.flags.contains(.variant) { try renewRule(of: header, written, &reclaim) }
  }

  private func consider(body entry: ZoneTable.Entry, _ reclaim: inout Reclaim) throws(StoreError) {
    let place = reclaim.place(of: entry, volume: volume.number)
    guard let record = try body(entry.number, of: entry.hash), record.place == place else { return }
    guard try isKept(entry.hash, objectID: record.objectID, &reclaim), let header = sound(place),
      hasRoom(for: header, hash: entry.hash, &reclaim)
    else {
      reclaim.removals.append(.removeIfAt(hash: entry.hash, number: entry.number, place))
      volume.counters.add(to: .fragmentsDropped)
      return
    }
    let written = try unsafe carry(header, payload: scan.payload(of: header))
    var renewed = record
    renewed.place = written.place
    renewed.serial = written.serial
    changes.append(.put(hash: entry.hash, number: entry.number, .body(renewed)))
  }

  /// Whether the object that a body fragment belongs to is carried; its head is asked for that.
  private func isKept(
    _ hash: Hash128, objectID: UInt64, _ reclaim: inout Reclaim
  ) throws(StoreError) -> Bool {
    if let owner = reclaim.owner, owner.hash == hash, owner.objectID == objectID {
      return owner.isKept
    }
    let isKept = try judge(hash, objectID: objectID, now: reclaim.now)
    reclaim.owner = (hash, objectID, isKept)
    return isKept
  }

  private func judge(_ hash: Hash128, objectID: UInt64, now: WallTime) throws(StoreError) -> Bool {
    guard case .object(let record) = try look(up: hash), record.objectID == objectID,
      record.place.volume == volume.number, volume.isAlive(record.place),
      now < record.usableUntil, directory.takeHit(hash)
    else { return false }
    // The head, which lies elsewhere, is still to be asked.
    directory.markHit(hash)
    guard let head = sound(record.place) else { return false }
    return mayCarry(head)
  }

  /// Asks the judge about the head that was read last.
  private func mayCarry(_ head: FragmentHeader) -> Bool {
    let meta = unsafe scan.meta(of: head)
    let span = unsafe Span<UInt8>(_unsafeBytes: meta)
    return judge.mayCarry(
      hash: head.hash, primary: head.primary, usableUntil: head.usableUntil, meta: span)
  }

  private func hasRoom(
    for header: FragmentHeader, hash: Hash128, _ reclaim: inout Reclaim
  ) -> Bool {
    guard header.hash == hash, header.sectors <= reclaim.sectorsLeft, fits(header.sectors) else {
      volume.counters.add(to: .fragmentsBeyondShare)
      return false
    }
    reclaim.sectorsLeft -= header.sectors
    return true
  }

  /// Notes that a rule names this zone, if it does.
  private func noteRule(of entry: ZoneTable.Entry, _ reclaim: inout Reclaim) throws(StoreError) {
    guard let header = peek(entry, reclaim), reclaim.rules[header.primary] == nil,
      case .vary(let rule) = try look(up: header.primary),
      rule.place.sharesZone(with: reclaim.place(of: entry, volume: volume.number))
    else { return }
    reclaim.rules[header.primary] = false
  }

  /// A rule that names this zone lives on with the variant that was carried.
  private func renewRule(
    of header: FragmentHeader, _ written: WrittenFragment, _ reclaim: inout Reclaim
  ) throws(StoreError) {
    guard reclaim.rules[header.primary] != nil,
      case .vary(let old) = try look(up: header.primary),
      let renewed = VaryRecord(rule: old.rule, serial: written.serial, place: written.place)
    else { return }
    reclaim.rules[header.primary] = true
    changes.append(.put(hash: header.primary, number: 0, .vary(renewed)))
  }

  /// Removes what was gathered; a record that stays is dead all the same once the zone is opened.
  private func remove(_ reclaim: inout Reclaim) {
    defer { reclaim.removals.removeAll(keepingCapacity: true) }
    guard !reclaim.removals.isEmpty else { return }
    do throws(StoreError) {
      try index.apply(reclaim.removals)
    } catch {
      volume.counters.add(to: .indexErrors)
    }
    for change in reclaim.removals { show(change) }
  }

  /// Reads a fragment; `nil` when it cannot be read or is not what was written.
  private func sound(_ place: Place) -> FragmentHeader? {
    do throws(StoreError) {
      if let header = try scan.soundHeader(at: place) { return header }
      volume.counters.add(to: .checksumErrors)
    } catch {
      volume.counters.add(to: .readErrors)
    }
    return nil
  }

  /// The header of a fragment; `nil` when it cannot be read.
  private func peek(_ entry: ZoneTable.Entry, _ reclaim: Reclaim) -> FragmentHeader? {
    do throws(StoreError) {
      return try scan.header(zone: reclaim.zone, epoch: reclaim.epoch, sector: entry.sector)
    } catch {
      volume.counters.add(to: .readErrors)
      return nil
    }
  }

  private func look(up hash: Hash128) throws(StoreError) -> IndexRecord? {
    try reader?.record(hash)
  }

  private func body(_ number: UInt32, of hash: Hash128) throws(StoreError) -> BodyRecord? {
    var found: [(number: UInt32, record: BodyRecord)] = []
    try reader?.bodies(hash, from: number, count: 1, into: &found)
    return found.first?.record
  }
}
