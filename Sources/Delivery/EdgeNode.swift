public import Bytes
public import Cache
public import Loop
public import Origin
public import Policy
public import Telemetry

/// What all workers of a node share: the configuration, the memory, the table, each other's
/// mailboxes.
public final class EdgeNode: Sendable {
  /// The configuration.
  public let snapshot: Snapshot
  /// The memory for bodies.
  public let arena: Arena
  /// The cache.
  public let table: CacheTable
  /// The volumes; one that holds nothing where none are configured.
  public let disk: DiskTier
  /// What playlists have named as parts.
  public let parts = PartNames()
  /// Where players learn the time.
  let clocks = ClockPaths()
  /// Fills that wait for a state of a playlist.
  let waiting = WaitingReloads()
  /// The origins' addresses.
  public let addresses: AddressBook
  /// What all workers found of the origins' servers.
  public let health = HealthBoard()
  /// What all workers know of the origins.
  public let origins: OriginBoard
  /// The live presentations and what viewers have seen of them.
  public let streams: StreamBook
  /// One mailbox per worker.
  public let mailboxes: [Mailbox<WorkerMessage>]
  /// Where one line per error goes.
  public let errors: ErrorQueue
  private let originLabels: [[[UInt8]]]
  /// One set of counters per worker.
  public let telemetry: [WorkerTelemetry]

  /// Builds the node's shared parts for `wakeups.count` workers.
  ///
  /// - Throws: `ArenaError` when there is no memory for the cache.
  public init(
    snapshot: Snapshot, addresses: AddressBook, wakeups: [Wakeup], accessRecords: Int,
    errors: ErrorQueue, disk: DiskTier = DiskTier(), recorder: StreamRecorder = StreamRecorder()
  ) throws(ArenaError) {
    precondition(
      wakeups.count <= DeliveryLimits.workersMax, "a Body has one bit for each of so many workers")
    self.snapshot = snapshot
    self.disk = disk
    self.addresses = addresses
    self.errors = errors
    streams = StreamBook(
      snapshot: snapshot, health: health, recorder: recorder, now: .read(), wall: .read())
    originLabels = snapshot.origins.map { origin in
      origin.servers.map { Array("\(origin.name)/\($0.authority)".utf8) }
    }
    mailboxes = wakeups.map { Mailbox(wakeup: $0) }
    origins = OriginBoard(notifier: MailboxGrants(mailboxes: mailboxes))
    telemetry = wakeups.map { _ in WorkerTelemetry(accessRecords: accessRecords) }
    arena = try Arena(bytes: snapshot.cache.memoryBytes)
    table = CacheTable(
      arena: arena, workers: wakeups.count,
      notifier: MailboxNotifier(mailboxes: mailboxes, disk: disk))
    disk.attach(table: table, arena: arena, mailboxes: mailboxes, snapshot: snapshot)
  }

  /// The name under which logs know a server: `origin/host:port`; empty when none was reached.
  func originLabel(site: Int, _ server: Int) -> [UInt8] {
    guard site >= 0 else { return [] }
    let labels = originLabels[snapshot.site(site).origin]
    return labels.indices.contains(server) ? labels[server] : []
  }
}

/// Tells workers by mailbox that an object has left the table.
final class MailboxNotifier: HoldNotifier, @unchecked Sendable {
  // Exception: unchecked, because its base is; it adds a constant.
  private let mailboxes: [Mailbox<WorkerMessage>]
  private let disk: DiskTier

  init(mailboxes: [Mailbox<WorkerMessage>], disk: DiskTier) {
    self.mailboxes = mailboxes
    self.disk = disk
  }

  override func drop(_ object: CachedObject, workers: UInt64) {
    for index in mailboxes.indices where workers & (1 << UInt64(index)) != 0 {
      mailboxes[index].post(.dropHold(object))
    }
  }

  override func evicted(_ object: CachedObject, wasHit: Bool) {
    disk.evicted(object.variant, wasHit: wasHit)
  }
}

/// Tells workers by mailbox that a fetch of theirs may run.
final class MailboxGrants: GrantNotifier, @unchecked Sendable {
  // Exception: unchecked, because its base is; it adds a constant.
  private let mailboxes: [Mailbox<WorkerMessage>]

  init(mailboxes: [Mailbox<WorkerMessage>]) { self.mailboxes = mailboxes }

  override func granted(_ grant: FetchGrant, to worker: Int) {
    mailboxes[worker].post(.fetchGranted(grant))
  }
}

/// What threads tell a worker.
public enum WorkerMessage: Sendable {
  /// Start this Fill; the worker owns its key.
  case startFill(FillOrder)
  /// The Body of this object has grown or changed: its readers here go on.
  case wake(CachedObject)
  /// An interim response came for this object.
  case interim(CachedObject, [UInt8])
  /// This object has left the table: let go of it.
  case dropHold(CachedObject)
  /// A reader made room in this object's Body: its Fill goes on.
  case roomMade(CachedObject)
  /// Nobody reads this object any more and it is not kept: its Fill ends.
  case abandoned(CachedObject)
  /// The state that this object's Fill waits for is stored under another key.
  case stateReached(CachedObject)
  /// What the Fills with these numbers waited for is known: they ask again.
  case verdict([UInt32])
  /// A volume says what it has in place of what this object's Fill was to fetch.
  case diskAnswered(CachedObject, DiskAnswer)
  /// Bytes of a volume for this object's Fill; none where they could not be read.
  case diskBytes(CachedObject, [UInt8])
  /// A fetch that waited for its origin may run.
  case fetchGranted(FetchGrant)
  /// A connection accepted elsewhere is yours.
  case adopt(Accepted)
  /// Accept no more, finish what runs, then stop.
  case drain
}
