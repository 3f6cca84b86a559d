internal import CLinux
internal import Glibc

/// The disks of this machine.
public final class SystemDisk: Disk, @unchecked Sendable {
  // Exception: unchecked because its superclass is; it has no state.

  /// Makes the disk.
  public override init() {}

  /// Opens a file or block device; one that is mounted or otherwise taken is refused.
  public override func open(_ path: String, _ mode: DiskMode) throws(StoreError) -> DiskFile {
    var flags = O_CLOEXEC
    switch mode {
    case .read: flags |= O_RDONLY
    case .write(let direct):
      flags |= O_RDWR
      if direct { flags |= O_DIRECT }
      // On a block device O_EXCL means that nobody else has it, not that it must be new.
      flags |= Self.isBlockDevice(path) ? O_EXCL : O_CREAT
    }
    while true {
      let made = unsafe Glibc.open(path, flags, 0o640)
      if made >= 0 { return DiskFile(descriptor: made) }
      let code = errno
      if code != EINTR { throw StoreError(code: code, operation: "open") }
    }
  }

  /// Bytes of the file or of the block device.
  public override func size(_ file: DiskFile) throws(StoreError) -> UInt64 {
    let end = lseek(file.descriptor, 0, SEEK_END)
    guard end >= 0 else { throw StoreError(code: errno, operation: "lseek") }
    return UInt64(end)
  }

  /// Gives the file this size; where the file system cannot reserve room it grows without.
  ///
  /// What has no room is refused before anything is reserved: ext4 fills up first, and then fails.
  public override func allocate(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    guard !Self.isBlockDevice(file) else {
      throw StoreError(.badSize, operation: "using more of a block device than it has")
    }
    let size = try size(file)
    guard Self.hasRoom(file, for: bytes) else {
      throw StoreError(code: ENOSPC, operation: "fallocate")
    }
    while fallocate(file.descriptor, 0, 0, off_t(bytes)) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EOPNOTSUPP else {
        _ = ftruncate(file.descriptor, off_t(size))
        throw StoreError(code: code, operation: "fallocate")
      }
      guard ftruncate(file.descriptor, off_t(bytes)) == 0 else {
        throw StoreError(code: errno, operation: "ftruncate")
      }
      return
    }
  }

  /// Shortens a file; what lay behind is free for others.
  public override func shorten(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    guard !Self.isBlockDevice(file) else { return }
    guard ftruncate(file.descriptor, off_t(bytes)) == 0 else {
      throw StoreError(code: errno, operation: "ftruncate")
    }
  }

  /// Keeps every other process from the file until it is closed.
  public override func lock(_ file: DiskFile) throws(StoreError) {
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code != EINTR { throw StoreError(code: code, operation: "flock") }
    }
  }

  /// Fills `bytes` from `offset`.
  public override func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let moved = unsafe pread(
        file.descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if moved > 0 {
        done += moved
        continue
      }
      guard moved < 0 else { throw StoreError(.shortRead, operation: "pread") }
      let code = errno
      if code != EINTR { throw StoreError(code: code, operation: "pread") }
    }
  }

  /// Writes all of `bytes` at `offset`.
  public override func write(
    _ file: DiskFile, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
  ) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let moved = unsafe pwrite(
        file.descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if moved > 0 {
        done += moved
        continue
      }
      guard moved < 0 else { throw StoreError(code: EIO, operation: "pwrite") }
      let code = errno
      if code != EINTR { throw StoreError(code: code, operation: "pwrite") }
    }
  }

  /// Returns when all that was written will survive a power cut.
  public override func synchronise(_ file: DiskFile) throws(StoreError) {
    while fdatasync(file.descriptor) != 0 {
      let code = errno
      if code != EINTR { throw StoreError(code: code, operation: "fdatasync") }
    }
  }

  /// Closes the file and gives its lock back.
  public override func close(_ file: DiskFile) { _ = Glibc.close(file.descriptor) }

  /// Whether the file system has so much for the file, with what the file has already.
  private static func hasRoom(_ file: DiskFile, for bytes: UInt64) -> Bool {
    var facts = statvfs()
    var status = stat()
    guard unsafe fstatvfs(file.descriptor, &facts) == 0, unsafe fstat(file.descriptor, &status) == 0
    else { return true }
    let held = UInt64(max(0, status.st_blocks)) * 512
    return bytes <= held || (bytes - held) / UInt64(max(1, facts.f_frsize)) <= facts.f_bavail
  }

  private static func isBlockDevice(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFBLK
  }

  private static func isBlockDevice(_ file: DiskFile) -> Bool {
    var status = stat()
    guard unsafe fstat(file.descriptor, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFBLK
  }
}
