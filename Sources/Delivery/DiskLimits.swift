public import Bytes

/// The bounds on what waits for disks, each with its reason and what happens when it is reached.
public enum DiskLimits {
  /// Threads that read: enough to keep an NVMe busy, and to go on while one of them is stuck.
  public static let readers = 4

  /// Reads that wait for one of them; what is beyond counts as not there.
  ///
  /// A question is worth 20 ms; a queue that is longer answers too late anyway.
  public static let readsWaiting = 1024

  /// Jobs that wait for the writer of one volume; what is beyond is not written, and counted.
  public static let writesWaiting = 65_536

  /// Bytes of bodies that wait to be written, on all volumes; what is beyond is not written.
  ///
  /// They hold memory that viewers could use: two seconds of a slow disk's work.
  public static let writeBytesWaiting = 128 << 20

  /// Fills that are written down while they pass, at once; each has a buffer of one fragment.
  public static let streams = 32

  /// What was written is committed at least so often: so much is fetched again after a power cut.
  public static let commitInterval = Milliseconds(250)

  /// After a failed write a volume is left alone for so long; what comes meanwhile is not written.
  public static let writeRetry = Milliseconds.seconds(5)

  /// Stalls within a second that put a volume into copy mode.
  public static let stallsForCopyMode = 3

  /// How long a volume stays in copy mode: its bytes are then sent from memory alone.
  public static let copyMode = Milliseconds.seconds(30)

  /// Variants that are being removed; more wait for nothing, and are removed all the same.
  public static let barred = 65_536
}
