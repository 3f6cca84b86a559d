public import Bytes

/// How far a rebuild has come.
public struct RebuildProgress: Equatable, Sendable {
  /// Zones that were looked through, and how many there are.
  public var zones = 0, zonesTotal = 0
  /// Fragments that were found.
  public var fragments: UInt64 = 0
  /// Objects that are listed now; known at the end.
  public var objects: UInt64 = 0
}

/// What `verify` found.
public struct VerifyReport: Equatable, Sendable {
  /// Zones that hold anything, as far as they were read, and how many there are.
  public var zones: UInt64 = 0, zonesTotal: UInt64 = 0
  /// Fragments whose bytes are those that were written.
  public var sound: UInt64 = 0
  /// Fragments whose bytes are not.
  public var bad: UInt64 = 0
  /// Sound fragments that no record points to: replaced, removed, or never committed.
  public var unreachable: UInt64 = 0
  /// Bytes that were read.
  public var bytes: UInt64 = 0
  /// Where the first bad fragments lie, at most sixteen of them.
  public var badPlaces: [Place] = []
}

/// An object as a list shows it.
public struct ListedObject: Sendable {
  /// Its hash, and that of its key; zero when its head cannot be read.
  public var hash: Hash128, primary: Hash128
  /// What the index says of it.
  public var record: ObjectRecord
  /// Key text and stored head; `nil` when its head cannot be read.
  public var meta: [UInt8]?
}

/// Reads volumes and index from end to end; one thread's own, made by `ObjectStore.makeScanner`.
public final class VolumeScanner {
  let store: ObjectStore
  let reader: IndexReader
  let scans: [ZoneScan]

  init(_ store: ObjectStore) throws(StoreError) {
    self.store = store
    reader = try store.index.reader()
    scans = store.volumes.map { ZoneScan(volume: $0) }
  }

  /// Hands out objects in the order of their hashes, at most `limit`; `nil` begins.
  ///
  /// - Returns: where to go on, `nil` at the end.
  public func list(
    from cursor: IndexCursor?, limit: Int, _ body: (ListedObject) -> Void
  ) throws(StoreError) -> IndexCursor? {
    var objects: [(Hash128, ObjectRecord)] = []
    let next = try reader.forEach(from: cursor, limit: limit) { hash, _, record in
      if case .object(let object) = record { objects.append((hash, object)) }
    }
    for (hash, record) in objects where isAlive(record.place) {
      var object = ListedObject(
        hash: hash, primary: Hash128(low: 0, high: 0), record: record, meta: nil)
      if let header = sound(record.place), header.hash == hash {
        object.primary = header.primary
        object.meta = unsafe Array(scans[Int(record.place.volume)].meta(of: header))
      }
      body(object)
    }
    return next
  }

  /// Where an object lies; `nil` where the index knows of none, or its zone is no more.
  public func place(of hash: Hash128) throws(StoreError) -> Place? {
    guard case .object(let record)? = try reader.record(hash), isAlive(record.place) else {
      return nil
    }
    return record.place
  }

  /// Reads every fragment of every zone and compares it with its checksums.
  ///
  /// - Parameter goesOn: asked after each zone.
  /// - Returns: what was found, up to where it was stopped.
  /// - Throws: what the index or a table of contents that cannot be read says.
  public func verify(_ goesOn: (VerifyReport) -> Bool) throws(StoreError) -> VerifyReport {
    var report = VerifyReport()
    let zones = store.volumes.map { zonesByAge(of: $0) }
    report.zonesTotal = zones.reduce(0) { $0 + UInt64($1.count) }
    for (volume, zones) in zip(store.volumes, zones) {
      for (zone, epoch) in zones {
        try verify(volume, zone: zone, epoch: epoch, &report)
        guard goesOn(report) else { return report }
      }
    }
    // The index of other volumes says nothing of these.
    if !store.needsRebuild { try verifyUnlisted(&report) }
    return report
  }

  private func verify(
    _ volume: Volume, zone: UInt32, epoch: UInt32, _ report: inout VerifyReport
  ) throws(StoreError) {
    let contents = try scans[Int(volume.number)].contents(of: zone, epoch: epoch, resumes: true)
    report.zones += 1
    for entry in contents.entries {
      let place = Place(
        volume: volume.number, zone: zone, epoch: epoch, sector: entry.sector,
        length: entry.length)
      let isSound = sound(place) != nil
      // A zone that was reopened meanwhile says nothing.
      guard volume.isAlive(place) else { return }
      report.bytes += UInt64(entry.length)
      if !isSound {
        note(bad: place, &report)
      } else {
        report.sound += 1
        if try !isReachable(entry, place) { report.unreachable += 1 }
      }
    }
  }

  /// Looks for records of fragments that a walk cannot find because their headers are damaged.
  private func verifyUnlisted(_ report: inout VerifyReport) throws(StoreError) {
    var cursor: IndexCursor?
    repeat {
      var places: [Place] = []
      cursor = try reader.forEach(from: cursor, limit: StoreLimits.indexWalkEntriesMax) {
        _, _, record in
        if case .vary = record { return }
        places.append(record.place)
      }
      for place in places where isAlive(place) {
        let scan = scans[Int(place.volume)]
        if try scan.header(zone: place.zone, epoch: place.epoch, sector: place.sector) == nil,
          isAlive(place), !report.badPlaces.contains(place)
        {
          note(bad: place, &report)
        }
      }
    } while cursor != nil
  }

  private func note(bad place: Place, _ report: inout VerifyReport) {
    report.bad += 1
    store.volumes[Int(place.volume)].counters.add(to: .checksumErrors)
    if report.badPlaces.count < 16 { report.badPlaces.append(place) }
  }

  private func isReachable(_ entry: ZoneTable.Entry, _ place: Place) throws(StoreError) -> Bool {
    if entry.flags.contains(.tombstone) { return true }
    if entry.number == 0 { return try reader.record(entry.hash)?.place == place }
    var found: [(number: UInt32, record: BodyRecord)] = []
    try reader.bodies(entry.hash, from: entry.number, count: 1, into: &found)
    guard let body = found.first?.record, body.place == place,
      case .object(let object) = try reader.record(entry.hash)
    else { return false }
    return object.objectID == body.objectID
  }

  /// The zones of a volume that hold anything, oldest first.
  func zonesByAge(of volume: Volume) -> [(zone: UInt32, epoch: UInt32)] {
    (0..<volume.zoneCount).map { ($0, volume.epoch(of: $0)) }.filter { $0.1 > 0 }
      .sorted { $0.1 < $1.1 }
  }

  func isAlive(_ place: Place) -> Bool {
    Int(place.volume) < store.volumes.count && store.volumes[Int(place.volume)].isAlive(place)
  }

  /// Reads a fragment; `nil` when it cannot be read or is not what was written.
  func sound(_ place: Place) -> FragmentHeader? {
    do throws(StoreError) {
      return try scans[Int(place.volume)].soundHeader(at: place)
    } catch {
      store.volumes[Int(place.volume)].counters.add(to: .readErrors)
      return nil
    }
  }
}
