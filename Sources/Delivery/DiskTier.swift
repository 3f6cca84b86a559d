public import Bytes
public import Cache
public import Loop
public import Policy

/// What a volume says about an object.
public enum DiskAnswer: Sendable {
  /// It has nothing that could be used, or could not say so in time.
  case absent
  /// It holds variants of this key.
  case varies(VaryRule)
  /// It has the object: a head, and a Body in memory or in a file.
  case found(CachedObject)
  /// It has the object, but its bytes are to be sent from memory: they come piece by piece.
  case copies(CachedObject)
}

/// One moment on both clocks: what lies on volumes counts by the wall clock, memory by the other.
public struct Moment: Sendable {
  /// The monotonic clock.
  public let instant: Instant
  /// The wall clock.
  public let wall: WallTime

  /// A moment.
  public init(instant: Instant, wall: WallTime) {
    self.instant = instant
    self.wall = wall
  }
}

/// The disk tier as workers use it: nothing here waits for a disk.
///
/// Questions are answered by message to the worker that is named; writes are taken, or shed and
/// counted. A class with virtual methods as seam, for the reason that Network is one.
open class DiskTier: @unchecked Sendable {
  // Exception: unchecked because subclasses guard their own state; this base has none.

  /// Makes a tier.
  public init() {}

  /// Whether there is a volume.
  open var hasVolumes: Bool { false }

  /// Whether a volume may hold this variant: answered from memory.
  open func mayHold(_ variant: Hash128) -> Bool { false }

  /// Is told, once, what it works for.
  open func attach(
    table: CacheTable, arena: Arena, mailboxes: [Mailbox<WorkerMessage>], snapshot: Snapshot
  ) {}

  /// Asks for what the Fill of `object` was to fetch; `owner` is told `.diskAnswered`.
  open func find(_ object: CachedObject, owner: Int, now: Moment) {}

  /// Loads a part of an object whose Body lies in a file; its readers are woken.
  ///
  /// - Returns: `true` where no volume has it: the caller fetches this slice, and nobody else does.
  open func load(_ object: CachedObject, part: UInt32) -> Bool { false }

  /// Makes the Body of an object in slices, of which `body` is part `part`; `nil` without volumes.
  open func slice(
    _ first: CachedObject, count: UInt64, unit: UInt64, part: UInt32, body: Body
  ) -> FileSource? { nil }

  /// A slice of an object has come into memory: a volume writes it down.
  open func keep(slice part: UInt32, of object: CachedObject, now: Moment) {}

  /// A slice has come, and is whole.
  open func give(_ body: Body, part: UInt32, of object: CachedObject) {}

  /// A slice could not be had.
  open func giveUp(part: UInt32, of object: CachedObject) {}

  /// Reads at most `limit` bytes of `source` from `offset` for the Fill of `object`; its owner is
  /// told `.diskBytes`.
  open func read(_ source: CachedObject, for object: CachedObject, offset: UInt64, limit: Int) {}

  /// A whole object was stored in memory: a volume writes it down.
  open func keep(_ object: CachedObject, now: Moment) {}

  /// An object that a volume holds has a new head.
  open func update(_ object: CachedObject, now: Moment) {}

  /// What a volume holds under this variant is no longer true.
  open func forget(_ variant: Hash128, of primary: Hash128) {}

  /// A Fill is longer than memory keeps: a volume writes it down while it passes.
  ///
  /// - Returns: `false` where it does not.
  open func follow(_ object: CachedObject, now: Moment) -> Bool { false }

  /// A Fill that a volume follows has more bytes, or has ended.
  open func grew(_ object: CachedObject) {}

  /// An object left memory; `wasHit` says whether anybody asked for it while it was there.
  open func evicted(_ variant: Hash128, wasHit: Bool) {}

  /// A `sendfile` from this object's file took so long.
  open func sent(_ object: CachedObject, in length: Milliseconds) {}
}
