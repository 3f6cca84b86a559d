/// A range of a file that a reader may send by `sendfile`.
public struct FileRange: Equatable, Sendable {
  /// The file, open for reading.
  public let descriptor: Int32
  /// Where the range begins in the file.
  public let offset: Int
  /// How long it is; at least one byte.
  public let count: Int
  /// What the source knows its pin by.
  public let pin: UInt32

  /// A range of `descriptor`, pinned as `pin`.
  public init(descriptor: Int32, offset: Int, count: Int, pin: UInt32) {
    self.descriptor = descriptor
    self.offset = offset
    self.count = count
    self.pin = pin
  }
}

/// The answer to a reader's pull from a file.
public enum FilePiece: Equatable, Sendable {
  /// Send this range now, then `release` it, then pull again.
  case range(FileRange)
  /// Send this pinned range of the arena now, then `releaseMemory`, then pull again.
  case memory(ArenaRange)
  /// The bytes are not in the page cache, or were not verified yet: have this part loaded first.
  case absent(part: UInt32)
  /// The bytes are no longer there: they were evicted, or turned out to be damaged.
  case gone
}

/// Bytes of a whole body that lie in files: the seam between a Body and the store.
///
/// Any worker may pull from it; nothing in it waits for a disk.
open class FileSource: @unchecked Sendable {
  // Exception: unchecked because subclasses guard their own state; this base has a constant.
  /// The length of the body.
  public let count: UInt64

  /// Makes a source of `count` bytes.
  public init(count: UInt64) { self.count = count }

  /// Whether every byte is still there: asked before a head is sent.
  open var isAlive: Bool { preconditionFailure("FileSource.isAlive is abstract") }

  /// Bytes of each part but the last.
  open var partBytes: UInt64 { preconditionFailure("FileSource.partBytes is abstract") }

  /// Whether the bytes of a range are here, rather than at an origin.
  open func holds(_ range: Range<UInt64>) -> Bool { true }

  /// The next bytes from `offset`, at most `limit` of them; the range is pinned until `release`.
  open func piece(offset: UInt64, limit: Int) -> FilePiece {
    preconditionFailure("FileSource.piece is abstract")
  }

  /// The system call that used a range has returned.
  open func release(_ range: FileRange) {
    preconditionFailure("FileSource.release is abstract")
  }

  /// The system call that used a range of memory has returned.
  open func releaseMemory() {
    preconditionFailure("FileSource.releaseMemory is abstract")
  }
}
