public import Bytes
public import Cache
public import Loop
public import Policy
public import Store
internal import Synchronization

/// The disk tier over real volumes: questions go to disk readers, writes to a writer per volume.
///
/// Workers leave jobs and are answered by message. Its threads (`VolumeThreads`) run `read` and
/// `write`; where there are none, as in a scenario, each job runs when it is left.
public final class VolumeTier: DiskTier, @unchecked Sendable {
  // Exception: unchecked: `bench` is set once before anything runs, and locks guard the rest.
  /// What is on the volumes.
  public let store: ObjectStore
  /// What the tier itself has counted.
  public let counters = DiskCounters()
  let readers: [JobQueue<ReadJob>]
  let writers: [JobQueue<WriteJob>]
  let maps: [VolumeMap?]
  let copyModes: [CopyMode]
  private let barred = BarredVariants()
  private let nextReader = Atomic<Int>(0)
  private let inline: InlineDisk?
  private(set) var bench: Bench?

  /// What the tier works for.
  struct Bench {
    let table: CacheTable
    let arena: Arena
    let mailboxes: [Mailbox<WorkerMessage>]
    let snapshot: Snapshot
  }

  /// Makes the tier of an open store; without threads each job runs in the thread that leaves it.
  ///
  /// - Throws: `SystemError` when there is no descriptor left.
  public init(_ store: ObjectStore, isThreaded: Bool = true) throws(SystemError) {
    self.store = store
    inline = isThreaded ? nil : InlineDisk()
    var readers: [JobQueue<ReadJob>] = []
    for _ in 0..<DiskLimits.readers {
      readers.append(try JobQueue(waitingMax: DiskLimits.readsWaiting))
    }
    var writers: [JobQueue<WriteJob>] = []
    for _ in store.volumes { writers.append(try JobQueue(waitingMax: DiskLimits.writesWaiting)) }
    self.readers = readers
    self.writers = writers
    maps = store.volumes.map { VolumeMap($0) }
    copyModes = store.volumes.map { _ in CopyMode() }
  }

  public override func attach(
    table: CacheTable, arena: Arena, mailboxes: [Mailbox<WorkerMessage>], snapshot: Snapshot
  ) {
    bench = Bench(table: table, arena: arena, mailboxes: mailboxes, snapshot: snapshot)
  }

  // MARK: what workers ask

  public override var hasVolumes: Bool { true }

  public override func mayHold(_ variant: Hash128) -> Bool {
    store.directory.mayHold(variant) && !barred.contains(variant)
  }

  public override func find(_ object: CachedObject, owner: Int, now: Moment) {
    let job = ReadJob.find(object, owner: owner, now: now)
    if !post(job) { tell(owner, .diskAnswered(object, .absent)) }
  }

  public override func load(_ object: CachedObject, part: UInt32) -> Bool {
    guard let body = object.body.file as? StoredBody else {
      preconditionFailure("a body in a file is not one of this tier")
    }
    switch body.beginLoading(part) {
    case .needed:
      if !post(.load(object, part: part)) { body.giveUpLoading(part) }
    case .fetch: return true
    case .running: break
    case .done, .lost: wakeReaders(of: object)
    }
    return false
  }

  public override func slice(
    _ first: CachedObject, count: UInt64, unit: UInt64, part: UInt32, body: Body
  ) -> FileSource? {
    let volume = store.volume(for: first.primary)
    let sliced = StoredBody(
      sparse: first.variant, count: count, unit: unit, on: volume, map: maps[Int(volume.number)])
    sliced.give(part, body)
    return sliced
  }

  public override func give(_ body: Body, part: UInt32, of object: CachedObject) {
    (object.body.file as? StoredBody)?.give(part, body)
  }

  public override func giveUp(part: UInt32, of object: CachedObject) {
    (object.body.file as? StoredBody)?.giveUpFetching(part)
  }

  public override func keep(slice part: UInt32, of object: CachedObject, now: Moment) {
    if !post(.slice(object, part: part, now: now), volumeOf: object.primary) {
      counters.add(to: .writesShed)
    }
  }

  public override func read(
    _ source: CachedObject, for object: CachedObject, offset: UInt64, limit: Int
  ) {
    if !post(.copy(source, object, offset: offset, limit: limit)) {
      tell(object.owner, .diskBytes(object, []))
    }
  }

  public override func keep(_ object: CachedObject, now: Moment) {
    let bytes = Int(object.body.count)
    guard counters.reserve(bytes) else {
      counters.add(to: .writesShed)
      // What lies there of an earlier version is no longer true.
      if mayHold(object.variant) { forget(object.variant, of: object.primary) }
      return
    }
    if !post(.keep(object, now: now), volumeOf: object.primary) {
      counters.release(bytes)
      counters.add(to: .writesShed)
    }
  }

  public override func update(_ object: CachedObject, now: Moment) {
    if object.body.file == nil { return keep(object, now: now) }
    _ = post(.update(object, now: now), volumeOf: object.primary)
  }

  public override func forget(_ variant: Hash128, of primary: Hash128) {
    barred.insert(variant)
    store.directory.remove(variant)
    if !post(.forget(variant), volumeOf: primary) { counters.add(to: .writesShed) }
  }

  public override func follow(_ object: CachedObject, now: Moment) -> Bool {
    guard counters.beginStream() else {
      counters.add(to: .writesShed)
      return false
    }
    object.body.join(asCopyist: true)
    object.body.waitForChange(worker: DeliveryLimits.volumeBit)
    if post(.follow(object, now: now), volumeOf: object.primary) { return true }
    _ = object.body.leave(asCopyist: true)
    counters.endStream()
    return false
  }

  public override func grew(_ object: CachedObject) {
    _ = post(.grew(object), volumeOf: object.primary)
  }

  public override func evicted(_ variant: Hash128, wasHit: Bool) {
    if wasHit { store.directory.markHit(variant) }
  }

  public override func sent(_ object: CachedObject, in length: Milliseconds) {
    guard let body = object.body.file as? StoredBody else { return }
    counters.add(to: .stalls)
    if copyModes[Int(body.volumeNumber)].noteStall(at: Instant.read()) {
      counters.add(to: .copyModes)
    }
  }

  // MARK: for the jobs

  /// The variant may be asked for again: what was to be removed is removed.
  func unbar(_ variant: Hash128) { barred.remove(variant) }

  func tell(_ worker: Int, _ message: WorkerMessage) { bench?.mailboxes[worker].post(message) }

  /// Readers on any worker that wait for bytes of this object go on.
  func wakeReaders(of object: CachedObject) {
    var left = object.body.wakeAll() & ~(1 << UInt64(DeliveryLimits.volumeBit))
    while left != 0 {
      let index = left.trailingZeroBitCount
      left &= left - 1
      tell(index, .wake(object))
    }
  }

  private func post(_ job: ReadJob) -> Bool {
    if let inline {
      inline.run(job, for: self)
      return true
    }
    // The shortest queue, so that one slow read does not hold up what others could answer.
    let first = nextReader.wrappingAdd(1, ordering: .relaxed).newValue
    let order = (0..<readers.count).map { (first &+ $0) & Int.max % readers.count }
    let queue = order.min { readers[$0].count < readers[$1].count } ?? 0
    return readers[queue].post(job)
  }

  private func post(_ job: WriteJob, volumeOf primary: Hash128) -> Bool {
    let number = Int(store.volume(for: primary).number)
    if let inline {
      inline.run(job, volume: number, for: self)
      return true
    }
    return writers[number].post(job)
  }
}
