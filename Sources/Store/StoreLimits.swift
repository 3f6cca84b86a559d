public import Bytes

public import Bytes

/// The bounds of what is stored on volumes, of their index and of the directory in memory.
public enum StoreLimits {
  /// Address space of the index: 4 TiB, which is never reached and costs nothing.
  ///
  /// Opened once at this size: LMDB can only be given more room while nobody reads.
  public static let indexMapBytes = 4 << 40

  /// The least address space to be content with where the system refuses more; 4 GiB.
  ///
  /// Sanitizers and limits on address space refuse. It is room for some twenty million objects.
  public static let indexMapBytesMin = 4 << 30

  /// What the map is divided by each time that the system refuses it.
  public static let indexMapStep = 4

  /// Index readers at once, each with a slot in LMDB's lock file; one more is refused.
  public static let indexReadersMax: UInt32 = 254

  /// Entries that one step of a walk over the index may copy while its transaction is open.
  ///
  /// A read transaction that stays open keeps pages from being used again.
  public static let indexWalkEntriesMax = 4096

  /// Pages of the index that are examined when it is opened, from the root downwards; 32 MiB.
  ///
  /// LMDB has no checksums and ends the process over some broken pages. This is all of a small
  /// index and every inner page of one with fifty million objects.
  public static let indexCheckPagesMax = 8192

  /// Bytes of a record in the index: longer values cost a page each (measured: 224 bytes make 379
  /// on disk, 700 make 1226).
  public static let indexRecordBytesMax = 200

  /// Bytes of the rule of a vary record; with a longer rule the answer is not stored on disk.
  public static let varyRuleBytesMax = 160

  /// Volumes of one node, by the width of their number.
  public static let volumesMax = 256

  /// Zones of one volume, by the bits that the directory has for their number: 256 TiB at the
  /// largest zone.
  public static let zonesMax: UInt32 = 1 << 20

  /// Shards of the directory, a lock each; a power of two.
  ///
  /// While one grows whoever asks it waits: a tenth of a millisecond with ten million objects, two
  /// milliseconds with a hundred million (measured: 18 ns an entry on a busy machine).
  public static let directoryShards = 1024
}

extension StoreLimits {
  /// The unit of a volume: everything on it begins at a multiple of this.
  ///
  /// What `O_DIRECT` asks for on every disk of today.
  public static let sectorBytes = 4096

  /// The smallest zone; 4 MiB: three of the largest fragments fit.
  public static let zoneBytesMin: UInt64 = 4 << 20

  /// The largest zone; 256 MiB is emptied within a second and is 1/64 of a 16 GiB volume.
  public static let zoneBytesMax: UInt64 = 256 << 20

  /// Zones that a volume has at least, else it is refused.
  ///
  /// One is written, one is clean, two hold objects.
  public static let zonesMin: UInt32 = 4

  /// Bytes of a body in one fragment.
  ///
  /// One read of the disk, and one piece of memory that a reader needs.
  public static let fragmentDataBytesMax = 1 << 20

  /// Fragments of one body: 256 GiB at the largest unit; a longer object is not stored.
  ///
  /// A lookup makes a list of them all.
  public static let bodyFragmentsMax: UInt64 = 1 << 18

  /// A body up to this size lies in the head fragment: one read brings all of it.
  public static let inlineBodyBytes = 64 << 10

  /// Bytes of key text and stored head; an object with more is not stored.
  public static let metaBytesMax = 128 << 10

  /// Bytes gathered in memory before they are written; 4 MiB is one write at full speed.
  public static let stagingBytes = 4 << 20

  /// Index changes after which a commit is due; each costs microseconds inside the transaction.
  public static let commitChanges = 4096

  /// Bytes after which a commit is due; so much is fetched again after a power cut.
  ///
  /// A commit waits for the disk twice, some 10 to 40 ms: at every 32 MiB that was a fifth of the
  /// time, at 128 MiB it is a twentieth.
  public static let commitBytes = 128 << 20

  /// Records removed by one transaction while a zone is reclaimed, so that other commits get in.
  public static let reclaimChanges = 1024

  /// Of a zone at most an n-th is carried over.
  ///
  /// So a hot set larger than the volume does not write itself around for ever; what is hot beyond
  /// it is dropped.
  public static let carriedShare: UInt32 = 2

  /// Failed writes after which the rest of a zone is given up: the fault may lie in this place.
  public static let writeFailuresPerZone = 2

  /// How long a zone waits for the system calls that still read it; then the write fails, and the
  /// next one tries again.
  public static let pinWait = Milliseconds(10_000)

  /// Bytes read at once to find fragments; small ones lie many to a window.
  public static let walkBytes = 64 << 10

  /// Records written by one transaction while the index is built anew.
  public static let rebuildChanges = 1024

  /// Removals remembered while the index is built anew; beyond it the oldest are left to order.
  public static let rebuildRemovals = 1 << 20
}

extension StoreLimits {
  /// How long pages that were in the page cache are believed to be: `mincore` over a fragment costs
  /// tens of microseconds, and pages that are sent all the time are not dropped within a blink.
  public static let residencyBelieved = Milliseconds(250)
}

extension StoreLimits {
  /// Slices of one object that may wait in memory to be written; the oldest is given up.
  public static let slicesInMemory = 32

  /// How long a slice that could not be fetched is not asked for again.
  public static let sliceRetry = Milliseconds.seconds(1)

  /// The smallest slice: smaller ones cost a request and a record each for little.
  public static let sliceBytesMin = 64 << 10
}
