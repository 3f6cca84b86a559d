internal import Bytes
internal import Glibc
internal import Synchronization

/// A preallocated file or block device, divided into zones that are written one after the other.
///
/// Any thread may look at it; one `VolumeWriter` writes it. What is written is never overwritten
/// in place while its zone lives, and volumes are written past the page cache, so pages that were
/// lent to `sendfile` keep their bytes.
public final class Volume: @unchecked Sendable {
  // Exception: unchecked because of `disk`, an open class; all other fields are constant or atomic.
  /// Its number among the volumes of the node: what a `Place` names it by.
  public let number: UInt8
  /// Tells it from every other volume: 64 random bits, chosen when it was formatted.
  public let id: UInt64
  /// The path that it was opened at.
  public let path: String
  /// Bytes of the whole volume: those it was formatted with.
  public let bytes: UInt64
  /// Bytes of a zone.
  public let zoneBytes: UInt64
  /// The number of zones.
  public let zoneCount: UInt32
  /// The file to read and to lend from; it goes through the page cache.
  public let readFile: DiskFile
  /// Whether it is written past the page cache; if not, its pages must not be lent.
  public let isDirect: Bool
  /// Whether it was formatted by this `open`: nothing lies on it.
  public let isNew: Bool
  /// Bytes of the volume that lay there and was emptied for another size; 0 for none.
  public let formerBytes: UInt64
  /// What it has done and suffered.
  public let counters = VolumeCounters()

  let disk: Disk
  let layout: VolumeLayout
  let writeFile: DiskFile
  /// All serials in full zones are at most this.
  let serialFloor: UInt64
  private let zones: [Zone]
  private let highestEpoch: Atomic<UInt32>

  /// The life of a zone, and how many system calls read it.
  private final class Zone: Sendable {
    let epoch: Atomic<UInt32>
    let pins = Atomic<UInt32>(0)

    init(epoch: UInt32) { self.epoch = Atomic(epoch) }
  }

  init(_ opened: VolumeOpening, path: String, number: UInt8, disk: Disk) {
    self.number = number
    self.path = path
    self.disk = disk
    layout = opened.layout
    id = opened.layout.id
    bytes = opened.layout.bytes
    zoneBytes = opened.layout.zoneBytes
    zoneCount = opened.layout.zoneCount
    readFile = opened.readFile
    writeFile = opened.writeFile
    isDirect = opened.isDirect
    isNew = opened.isNew
    formerBytes = opened.formerBytes
    serialFloor = opened.serialFloor
    zones = opened.epochs.map { Zone(epoch: $0) }
    highestEpoch = Atomic(opened.highestEpoch)
  }

  deinit {
    disk.close(readFile)
    disk.close(writeFile)
  }

  /// Where a fragment begins in the file.
  public func offset(of place: Place) -> UInt64 {
    offset(zone: place.zone, sector: place.sector)
  }

  /// Where the body bytes of a fragment with a number above 0 begin in the file.
  ///
  /// A lent range must lie within `record.length`, and the zone be pinned during the call.
  public func bodyOffset(of record: BodyRecord) -> UInt64 {
    offset(of: record.place) + UInt64(FragmentHeader.byteCount)
  }

  /// Whether the fragment's zone still has the life in which it was written.
  @inline(__always)
  public func isAlive(_ place: Place) -> Bool { epoch(of: place.zone) == place.epoch }

  /// Keeps a zone from being overwritten during one system call; never for longer.
  ///
  /// - Returns: `false` when the zone has another life by now; then nothing is pinned.
  public func pin(zone: UInt32, epoch: UInt32) -> Bool {
    guard zone < zoneCount, epoch > 0 else { return false }
    let zone = zones[Int(zone)]
    // The order of the two, here and in the writer, is what makes one of them see the other.
    zone.pins.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if zone.epoch.load(ordering: .sequentiallyConsistent) == epoch { return true }
    zone.pins.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    return false
  }

  /// The system call has returned.
  public func unpin(zone: UInt32) {
    let before = zones[Int(zone)].pins.wrappingSubtract(
      1, ordering: .sequentiallyConsistent
    ).oldValue
    precondition(before > 0, "a zone was unpinned more often than it was pinned")
  }

  /// How many zones hold anything, that of the writer included.
  public var usedZones: UInt32 {
    (0..<zoneCount).reduce(0) { $0 + (epoch(of: $1) > 0 ? 1 : 0) }
  }

  /// The life of a zone; 0 while nothing of it can be found.
  func epoch(of zone: UInt32) -> UInt32 {
    zone < zoneCount ? zones[Int(zone)].epoch.load(ordering: .sequentiallyConsistent) : 0
  }

  /// The zone that was opened last, if any was.
  var youngestZone: UInt32? {
    let youngest = (0..<zoneCount).max { epoch(of: $0) < epoch(of: $1) }
    return youngest.flatMap { epoch(of: $0) > 0 ? $0 : nil }
  }

  func zone(after zone: UInt32) -> UInt32 { (zone + 1) % zoneCount }

  func offset(zone: UInt32, sector: UInt32) -> UInt64 {
    layout.offset(ofZone: zone) + UInt64(sector) * UInt64(StoreLimits.sectorBytes)
  }

  /// Begins a new life of a zone in memory: from now on readers turn away.
  func renew(zone: UInt32) -> UInt32 {
    let epoch = highestEpoch.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    zones[Int(zone)].epoch.store(epoch, ordering: .sequentiallyConsistent)
    return epoch
  }

  /// Waits until no system call reads the zone any more.
  func waitForPins(zone: UInt32) throws(StoreError) {
    let pins = zones[Int(zone)]
    let end = Instant.read() + StoreLimits.pinWait
    while pins.pins.load(ordering: .sequentiallyConsistent) > 0 {
      guard Instant.read() < end else {
        throw StoreError(.inUse, operation: "waiting for the readers of a zone")
      }
      usleep(50)
    }
  }

  /// Writes past the page cache, and counts.
  ///
  /// Never beyond the end of the file: one that somebody has cut short under the node would grow
  /// again with a hole, and what lay there would be read as zeros and no more as a failure.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
    let start = Instant.read()
    do throws(StoreError) {
      guard try disk.size(writeFile) >= offset + UInt64(bytes.count) else {
        throw StoreError(.badSize, operation: "writing to a volume that was cut short")
      }
      try unsafe disk.write(writeFile, at: offset, bytes)
    } catch {
      counters.add(to: .writeErrors)
      throw error
    }
    let spent = start.microseconds
    counters.add(to: .writes)
    counters.add(UInt64(bytes.count), to: .bytesWritten)
    counters.add(spent, to: .writeMicroseconds)
    counters.raise(.writeMicrosecondsMax, to: spent)
  }
}
