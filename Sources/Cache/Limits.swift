public import Bytes

/// The bounds of the cache's own memory.
public enum CacheLimits {
  /// Shards of the table: enough that two workers seldom want the same lock, and that a change in
  /// one shard invalidates few front holds.
  public static let shards = 256

  /// Keys remembered as uncacheable, per shard; the oldest is forgotten first (it costs one Fill).
  public static let passKeysPerShard = 256

  /// Pieces of one variant; of more the oldest leaves and has to be fetched again.
  ///
  /// A viewer who seeks makes a few; each lookup walks all of them.
  public static let piecesPerVariant = 32

  /// Objects up to this length are completed, once a piece of them is stored under a strong ETag
  /// and more is asked for; of longer ones only what is asked for is fetched.
  ///
  /// Sixteen MiB are a window, and a second of an origin's time.
  public static let completedBytes: UInt64 = 16 << 20

  /// What is asked of media of unknown length at least, where a range of it is wanted: the largest
  /// slice.
  ///
  /// Segments of up to 8 Mbit/s are no longer than that and come whole by it; of a film it is a
  /// fraction of a second of an origin's time.
  public static let firstRangeBytes: UInt64 = 1 << 20

  /// Hits of an object that a worker keeps to itself: `cache ls` is late by fewer for each worker.
  public static let hitsUntold: Int32 = 64

  /// Purge numbers that may be given before the log is written down again: a process that dies has
  /// given fewer, and the next one begins above all of them.
  public static let purgesAhead: UInt64 = 1 << 20

  /// Path prefixes with a purge sequence of their own; more merge the oldest into its site.
  public static let purgePrefixes = 16

  /// Tags with a purge sequence of their own; more merge the oldest into "everything".
  public static let purgeTags = 32

  /// Single URLs with a purge sequence of their own; more merge the oldest into its site.
  public static let purgeURLs = 4096

  /// Tags of one object's Surrogate-Key and Cache-Tag fields; with more no volume keeps it.
  public static let tagsPerObject = 64

  /// An Access-Control-Allow-Origin longer than this is not repeated as Timing-Allow-Origin: the
  /// longest origin is a scheme, a host name of 253 bytes and a port.
  static let allowedOriginBytes = 512

  /// A 304 that would make a stored head longer than this does not change its fields.
  ///
  /// Each may bring new names, and offsets into a head have 16 bits.
  public static let updatedHeadBytes = 57_344

  /// Partial segments that are known by name: 60 live renditions of 100 parts each.
  public static let partNames = 8192

  /// The longest text in the block that lies beside an object's bytes on a volume.
  ///
  /// A head has at most 64 KiB (offsets into it have 16 bits).
  public static let metaBytes = 65_536

  /// No length of time beyond this is believed of a volume's block: 100 years.
  public static let keptLifetime = Milliseconds.seconds(100 * 365 * 86_400)

  /// A wall clock that went back by more than this since an object was written tells no age.
  public static let clockSlack = Milliseconds.seconds(2)

  /// What is fresh for less than this is not written to a volume: playlists and manifests change
  /// before anybody could read them back, and their writes would wear the disk for nothing.
  public static let lifetimeOnVolumeMin = Milliseconds.seconds(10)

  /// Objects that one worker holds in its front table.
  public static let frontSlots = 8192

  /// How far a lookup in the front table probes.
  public static let frontProbes = 8

  /// Ghosts that each shard's eviction order remembers.
  public static let ghostsPerShard = 512

  /// What an object costs beside its body: heap for head, key text and table entry, rounded up.
  ///
  /// Counted against `cache.memory`, so that many small objects stay within it.
  public static let objectOverheadBytes = 2048

  /// Part of the pool kept free by eviction ahead of need, as a divisor: holds of other workers are
  /// given back by message, so memory freed on demand would come a turn too late.
  public static let freeShare = 32
}
