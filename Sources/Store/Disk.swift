/// An open file or block device of a volume.
public struct DiskFile: Equatable, Sendable {
  /// What `sendfile` and `mmap` take; it stays open as long as its volume.
  public let descriptor: Int32

  /// Names an open descriptor.
  public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// What a file is opened for.
public enum DiskMode: Equatable, Sendable {
  /// Reading through the page cache: what `sendfile` lends from.
  case read
  /// Reading and writing, past the page cache if `direct`; a missing file is created.
  case write(direct: Bool)
}

/// The calls on files that volumes are made of; a subclass injects faults.
///
/// Any thread may call; all calls block.
open class Disk: @unchecked Sendable {
  // Exception: unchecked because a subclass may hold locks of its own; this one has no state.

  /// Makes a disk.
  public init() {}

  /// Opens a file or block device.
  ///
  /// The corresponding C function is `open`.
  open func open(_ path: String, _ mode: DiskMode) throws(StoreError) -> DiskFile {
    preconditionFailure("Disk.open is abstract")
  }

  /// Bytes of the file or of the block device.
  ///
  /// The corresponding C function is `lseek` with `SEEK_END`.
  open func size(_ file: DiskFile) throws(StoreError) -> UInt64 {
    preconditionFailure("Disk.size is abstract")
  }

  /// Gives the file this size, with room on the disk for all of it.
  ///
  /// The corresponding C function is `fallocate`.
  open func allocate(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    preconditionFailure("Disk.allocate is abstract")
  }

  /// Shortens a file that is longer than `bytes`; a block device stays as it is.
  ///
  /// The corresponding C function is `ftruncate`.
  open func shorten(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    preconditionFailure("Disk.shorten is abstract")
  }

  /// Keeps every other process, and every other volume of this one, from the file.
  ///
  /// The corresponding C function is `flock`.
  open func lock(_ file: DiskFile) throws(StoreError) {
    preconditionFailure("Disk.lock is abstract")
  }

  /// Fills `bytes` from `offset`; all of it, or it throws.
  ///
  /// The corresponding C function is `pread`.
  open func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    preconditionFailure("Disk.read is abstract")
  }

  /// Writes all of `bytes` at `offset`, or throws: then any part of it may have been written.
  ///
  /// The corresponding C function is `pwrite`.
  open func write(
    _ file: DiskFile, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
  ) throws(StoreError) {
    preconditionFailure("Disk.write is abstract")
  }

  /// Returns when all that was written will survive a power cut.
  ///
  /// The corresponding C function is `fdatasync`.
  open func synchronise(_ file: DiskFile) throws(StoreError) {
    preconditionFailure("Disk.synchronise is abstract")
  }

  /// Closes the file and gives its lock back.
  open func close(_ file: DiskFile) { preconditionFailure("Disk.close is abstract") }
}
