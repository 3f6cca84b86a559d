internal import Synchronization

/// Bytes of one response body, followed by any number of readers while they arrive.
///
/// One writer, the worker that runs the Fill, appends; readers on any worker pull through `next`
/// by offset, only when their socket can take more. A Body that is *kept* holds every byte and can
/// become whole and reusable; one that is not (`windowed`) holds a window and drops what its
/// fastest reader has passed: slow readers never hold the window, a reader that fell out of it is
/// lapped. A copyist, such as a volume that writes it down, reads along and sets no pace: else
/// every viewer slower than a disk would be lapped. When whole it is immutable, and `next` takes no
/// lock and writes no shared cache line.
///
/// Unsafe memory stays inside: readers get ranges of the arena, valid while they hold the Body and,
/// for a pinned range, until `unpin`.
@safe public final class Body: @unchecked Sendable {
  // Exception: unchecked, because the lock guards what changes, and a whole Body does not change.
  /// What has become of the bytes.
  public enum Phase: UInt8, Sendable {
    /// They are still arriving.
    case filling
    /// All are here and kept: the Body is immutable.
    case whole
    /// All have arrived but only a window was kept.
    case ended
    /// The transfer broke; what is here must never look complete.
    case aborted
  }

  let arena: Arena
  /// Where the bytes of a whole Body lie that are not in the arena.
  public let file: FileSource?
  let lock = Lock()
  private let phaseCell = Atomic<UInt8>(Phase.filling.rawValue)
  private let lentCell = Atomic<Bool>(false)

  // Guarded by the lock while filling, immutable once whole.
  var blocks = BlockList()
  var slot: Slot?
  var start: UInt64 = 0
  var end: UInt64 = 0
  var keeps = true
  var fastest: UInt64 = 0
  var windowBytes = UInt64.max
  var readers = 0
  /// Those of the readers that copy: they set the pace only where nobody else reads.
  var copyists = 0
  /// How far a copyist has come.
  var copied: UInt64 = 0
  var pins = 0
  var waiting: UInt64 = 0
  var writerParked = false
  var retired: UInt32?

  // The writer's own.
  var promised = 0
  var keepLimit = UInt64.max
  var justGaveUp = false

  /// Makes an empty Body in `arena`; nothing is reserved yet.
  public init(arena: Arena) {
    self.arena = arena
    file = nil
  }

  /// Makes a whole Body of bytes that lie in a file.
  public init(arena: Arena, file: FileSource) {
    self.arena = arena
    self.file = file
    end = file.count
    setPhase(.whole)
  }

  deinit {
    let lent = wasLent
    arena.give(back: blocks.span, lent: lent)
    if let retired { arena.give(back: [retired].span, lent: lent) }
    if let slot { arena.give(back: slot) }
    if promised > 0 { arena.unreserve(blocks: promised) }
  }

  /// What has become of the bytes; `whole` is seen only after every byte is.
  @inline(__always)
  public var phase: Phase {
    switch phaseCell.load(ordering: .acquiring) {
    case Phase.filling.rawValue: .filling
    case Phase.whole.rawValue: .whole
    case Phase.ended.rawValue: .ended
    default: .aborted
    }
  }

  /// The length of a whole Body; of a filling one, what has arrived so far.
  @inline(__always)
  public var count: UInt64 {
    phase == .whole ? end : lock.withLock { end }
  }

  /// `true` while every byte is being kept, so that the Body may become whole.
  public var isKept: Bool { phase == .whole || lock.withLock { keeps } }

  /// Notes that pages of this Body were given to `sendfile`: its blocks are punched before reuse.
  @inline(__always)
  public func markLent() {
    if !lentCell.load(ordering: .relaxed) { lentCell.store(true, ordering: .relaxed) }
  }

  var wasLent: Bool { lentCell.load(ordering: .relaxed) }

  func setPhase(_ phase: Phase) { phaseCell.store(phase.rawValue, ordering: .releasing) }

  /// Bytes of arena memory that this Body occupies once whole.
  public var heldBytes: Int {
    if let slot { return SlotSlabs.sizes[Int(slot.sizeClass)] }
    return blocks.count * BytesLimits.blockBytes
  }
}
