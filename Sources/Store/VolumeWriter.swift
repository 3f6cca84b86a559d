internal import Bytes

/// Writes one volume: fragments, commits, zones; one thread's own, and all its calls block.
///
/// What is appended gathers in memory and is written in large pieces. `commit` makes it durable
/// and then visible, all of it at once; so does any call that comes to the end of a zone, with
/// what was complete before it. When a call throws, everything since the last commit is
/// forgotten, the call's own part included, and the writer can be used again: it goes on behind
/// what it knows to be on the volume, or in the next zone.
public final class VolumeWriter {
  /// What it writes.
  public let volume: Volume

  let index: Index
  let directory: Directory
  let judge: CarryJudge
  let serials: SerialClock
  let removals: RemovalLog
  let scan: ZoneScan
  /// What is being filled, and what is being written or idle.
  var staging = ZoneBuffer(count: StoreLimits.stagingBytes + ZoneBuffer.fragmentBytesMax)
  var written = ZoneBuffer(count: StoreLimits.stagingBytes + ZoneBuffer.fragmentBytesMax)
  var flusher: ZoneFlusher?
  var reader: IndexReader?

  /// The zone that is written, its life, and what lies in it or is about to.
  var zone: UInt32 = 0
  var epoch: UInt32 = 0
  var table: [ZoneTable.Entry] = []
  /// The sector that the staging memory will be written to, and how much is in it.
  var stagingSector: UInt32 = 0
  var stagedBytes = 0
  /// Nothing is added to a zone that has its table.
  var isSealed = false
  /// How much of the zone is known to be on the volume: where to go on after a failure.
  var durableSector: UInt32 = 0
  var durableCount = 0
  var mustSynchronise = false
  var writeFailures = 0
  /// Changes whenever fragments that were appended are lost.
  var generation = 0

  /// The zone that follows: whether nothing in it is needed, from which sector on it is emptied.
  var nextIsClean = false
  var reclaimFrom: UInt32 = 0
  var hasCarried = false

  var changes: [IndexChange] = []
  var bytesSinceCommit = 0

  init(
    volume: Volume, index: Index, directory: Directory, serials: SerialClock,
    removals: RemovalLog, judge: CarryJudge
  ) {
    self.volume = volume
    self.index = index
    self.directory = directory
    self.serials = serials
    self.removals = removals
    self.judge = judge
    scan = ZoneScan(volume: volume)
  }

  /// Makes a writer for a volume without a store around it.
  public convenience init(
    volume: Volume, index: Index, directory: Directory, judge: CarryJudge,
    serials: SerialClock = SerialClock()
  ) {
    self.init(
      volume: volume, index: index, directory: directory, serials: serials,
      removals: RemovalLog(), judge: judge)
  }

  /// Finds the end of the youngest zone, to go on there; call it first, on the writer's thread.
  ///
  /// Reads the headers of one zone: well under a second. After it has thrown it may be called
  /// again.
  public func begin() throws(StoreError) {
    if reader == nil { reader = try index.reader() }
    if flusher == nil { flusher = try ZoneFlusher(volume: volume) }
    serials.raise(to: volume.serialFloor)
    guard let youngest = volume.youngestZone else {
      try open(zone: 0)
      return
    }
    zone = youngest
    epoch = volume.epoch(of: youngest)
    // Everything committed lies in front of the first damaged header.
    let contents = try scan.contents(of: zone, epoch: epoch, resumes: false)
    table = contents.entries
    isSealed = contents.hasTable
    stagingSector = contents.end
    durableSector = stagingSector
    durableCount = table.count
    if let last = table.last,
      let header = try scan.header(zone: zone, epoch: epoch, sector: last.sector)
    {
      serials.raise(to: header.serial)
    }
    // Nothing was hit since start: the later the next zone is emptied, the more is known.
    let rest = volume.layout.zoneSectors - stagingSector
    prepareReclaim(from: max(volume.layout.zoneSectors / 2, stagingSector + rest / 2))
  }

  /// Changes of the index that wait for the next commit.
  public var stagedCount: Int { changes.count }

  /// Whether a commit is due by what waits for it; the caller adds the time.
  public var needsCommit: Bool {
    changes.count >= StoreLimits.commitChanges || bytesSinceCommit >= StoreLimits.commitBytes
  }

  /// Adds changes that become visible with the next commit.
  public func stage(_ changes: [IndexChange]) { self.changes += changes }

  /// The first sector that is free.
  var cursor: UInt32 { stagingSector + UInt32(stagedBytes / StoreLimits.sectorBytes) }

  /// Whether a fragment of so many sectors fits in front of the table.
  func fits(_ sectors: UInt32) -> Bool {
    !isSealed
      && cursor + sectors + ZoneTable.sectors(count: table.count + 1) <= volume.layout.zoneSectors
  }

  func prepareReclaim(from sector: UInt32) {
    let next = volume.zone(after: zone)
    nextIsClean = volume.epoch(of: next) == 0
    reclaimFrom = sector
    hasCarried = false
  }

  /// Forgets what was not committed, after a failure.
  ///
  /// - Parameter keepsData: whether the fragments are on the volume, though nothing points to them.
  func rollBack(keepsData: Bool) {
    changes.removeAll(keepingCapacity: true)
    bytesSinceCommit = 0
    if !keepsData {
      stagedBytes = 0
      stagingSector = durableSector
      table.removeLast(table.count - durableCount)
      generation += 1
    }
    // What was carried is not carried: the zone that it came from is looked through again.
    if hasCarried { prepareReclaim(from: cursor) }
  }

  /// Whether all fragments of the object so far are still there, or about to be.
  func isCurrent(_ object: ObjectInProgress) -> Bool {
    precondition(object.volume == volume.number, "an object is written to one volume")
    guard object.generation == generation else { return false }
    // Zones go round: the first fragment is the first to be overwritten.
    return object.fragments.first.map { volume.isAlive($0.place) } ?? true
  }
}
