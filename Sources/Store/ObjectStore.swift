public import Bytes
internal import Glibc
internal import Synchronization

/// What a store is opened for.
public enum StorePurpose: Sendable {
  /// A node: what is missing is made, what cannot be used is made anew.
  case serving
  /// Building the index anew: volumes are not made, the index is.
  case rebuilding
  /// Looking: nothing is made, and the index is left as it is.
  case looking
}

/// What a store is made of.
public struct StoreSettings: Sendable {
  /// The directory of the index; it is made where there is none.
  public var indexDirectory: String
  /// Paths and sizes of the volumes; 0 bytes means the whole of a block device.
  public var volumes: [(path: String, bytes: UInt64)]
  /// Address space of the index.
  public var indexMapBytes: Int
  /// What it is opened for.
  public var purpose: StorePurpose

  /// Describes a store.
  public init(
    indexDirectory: String, volumes: [(path: String, bytes: UInt64)],
    indexMapBytes: Int = StoreLimits.indexMapBytes, purpose: StorePurpose = .serving
  ) {
    self.purpose = purpose
    self.indexDirectory = indexDirectory
    self.volumes = volumes
    self.indexMapBytes = indexMapBytes
  }
}

/// All volumes and their index.
///
/// Any thread may hold it; readers and writers belong to threads of their own.
public final class ObjectStore: @unchecked Sendable {
  // Exception: unchecked because `Volume` and `Directory` are; all fields are constant or atomic.
  /// The volumes, in the order of their numbers.
  public let volumes: [Volume]
  /// Which objects may be there: asked before a reader is.
  public let directory = Directory()
  /// What lies where.
  public let index: Index
  /// The order of everything that the node writes.
  public let serials = SerialClock()

  let removals = RemovalLog()
  private let needsRebuildCell: Atomic<Bool>
  /// Where the share of each volume ends, in 2^32 parts of all.
  private let shares: [UInt64]

  private init(volumes: [Volume], index: Index, needsRebuild: Bool) {
    self.volumes = volumes
    self.index = index
    needsRebuildCell = Atomic(needsRebuild)
    let total = volumes.reduce(0.0) { $0 + Double($1.bytes) }
    var sum = 0.0
    shares = volumes.map { volume in
      sum += Double(volume.bytes)
      return UInt64(sum / total * 4_294_967_296)
    }
    for volume in volumes { serials.raise(to: volume.serialFloor) }
    directory.beginFilling()
  }

  /// Opens or makes volumes and index.
  ///
  /// Reads superblocks and zone headers, nothing else, so it takes well under a second however
  /// many objects there are. An index that cannot be used is moved aside, to `.corrupt` behind its
  /// name, and made anew; so is one of other volumes emptied. Then `needsRebuild` is true. Whoever
  /// only looks leaves the index of other volumes as it is, and is refused one that is unusable.
  /// - Throws: what keeps a volume from being opened, or an index from being made, with its path.
  public static func open(_ settings: StoreSettings, disk: Disk) throws(StoreError) -> ObjectStore {
    guard !settings.volumes.isEmpty, settings.volumes.count <= StoreLimits.volumesMax else {
      throw StoreError(.badSize, operation: "opening a store without volumes, or with too many")
    }
    var volumes: [Volume] = []
    for (number, volume) in settings.volumes.enumerated() {
      do throws(StoreError) {
        volumes.append(
          try Volume.open(
            path: volume.path, bytes: volume.bytes, number: UInt8(number), disk: disk,
            mayFormat: settings.purpose == .serving))
      } catch {
        throw error.at(volume.path)
      }
    }
    let index: Index
    do throws(StoreError) {
      index = try openIndex(settings)
    } catch {
      throw error.at(settings.indexDirectory)
    }
    let ids = volumes.map(\.id)
    // An index that was not built to its end belongs to nobody either.
    let isForeign = try !index.belongs(to: ids)
    let isUsed = volumes.contains { $0.youngestZone != nil }
    if isForeign, settings.purpose != .looking {
      try index.removeAll()
      if !isUsed { try index.adopt(volumes: ids) }
    }
    return ObjectStore(volumes: volumes, index: index, needsRebuild: isForeign && isUsed)
  }

  /// Whether the index knows too little of what lies on the volumes: call `rebuild`.
  public var needsRebuild: Bool { needsRebuildCell.load(ordering: .acquiring) }

  /// The next number in the order of everything that is written.
  public var nextSerial: UInt64 { serials.next() }

  /// The volume for an object, in proportion to the sizes of the volumes.
  ///
  /// Ask with the primary hash, so that all variants of an object lie on one volume.
  public func volume(for hash: Hash128) -> Volume {
    // Mixed, because the directory takes its shards from the same bits.
    let mixed = (hash.low ^ (hash.high << 32 | hash.high >> 32)) &* 0x9E37_79B9_7F4A_7C15
    let part = mixed >> 32
    for (number, end) in shares.enumerated() where part < end { return volumes[number] }
    return volumes[volumes.count - 1]
  }

  /// Makes a reader for the calling thread.
  public func makeReader() throws(StoreError) -> ObjectReader {
    try ObjectReader(volumes: volumes, index: index)
  }

  /// Makes the writer of a volume for the calling thread, which calls `begin` next; one each.
  public func makeWriter(volume: Int, judge: CarryJudge) -> VolumeWriter {
    VolumeWriter(
      volume: volumes[volume], index: index, directory: directory, serials: serials,
      removals: removals, judge: judge)
  }

  /// Makes what reads volumes from end to end, for the calling thread.
  public func makeScanner() throws(StoreError) -> VolumeScanner { try VolumeScanner(self) }

  /// Reads the index into the directory, and sweeps out what points to zones that are no more.
  ///
  /// Long: on a thread of its own, while the node serves. `goesOn` is asked after each step with
  /// the number of objects so far; the answer says whether it came to the end.
  @discardableResult
  public func fillDirectory(_ goesOn: (UInt64) -> Bool) throws(StoreError) -> Bool {
    directory.beginFilling()
    guard try makeScanner().fill(goesOn) else { return false }
    directory.finishFilling()
    return true
  }

  /// Builds the index anew of what lies on the volumes, then fills the directory.
  ///
  /// Long: on a thread of its own, while the node serves and writes. What is written meanwhile
  /// wins. `goesOn` is asked after each step; the answer says whether it came to the end. If not,
  /// or if the process ends, `needsRebuild` stays true.
  @discardableResult
  public func rebuild(_ goesOn: (RebuildProgress) -> Bool) throws(StoreError) -> Bool {
    if !needsRebuild { try index.removeAll() }
    needsRebuildCell.store(true, ordering: .releasing)
    directory.beginFilling()
    removals.open()
    defer { removals.close() }
    guard try makeScanner().rebuild(goesOn) else { return false }
    directory.finishFilling()
    try index.adopt(volumes: volumes.map(\.id))
    needsRebuildCell.store(false, ordering: .releasing)
    return true
  }

  /// Opens the index; a useless one is moved aside.
  private static func openIndex(_ settings: StoreSettings) throws(StoreError) -> Index {
    let path = settings.indexDirectory
    if settings.purpose == .looking, unsafe access(path + "/data.mdb", F_OK) != 0 {
      throw StoreError(.missing, code: errno, operation: "open")
    }
    do throws(StoreError) {
      return try Index(directory: path, mapBytes: settings.indexMapBytes)
    } catch {
      guard error.kind == .corrupt || error.kind == .foreignFormat,
        settings.purpose != .looking
      else { throw error }
    }
    let aside = path + ".corrupt"
    removeFolder(aside)
    guard unsafe rename(path, aside) == 0 else {
      throw StoreError(code: errno, operation: "rename")
    }
    return try Index(directory: path, mapBytes: settings.indexMapBytes)
  }

  /// Removes a folder of an index that was moved aside earlier; what cannot be removed stays.
  private static func removeFolder(_ path: String) {
    for name in ["data.mdb", "lock.mdb"] { unsafe unlink(path + "/" + name) }
    unsafe rmdir(path)
  }
}
