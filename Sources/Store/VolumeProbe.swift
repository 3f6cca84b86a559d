internal import Bytes
internal import CLinux
internal import Glibc

/// Tries whether pages that were lent keep their bytes when their place is written anew.
///
/// That a file opens with `O_DIRECT` says little: tmpfs takes it and writes into the page cache all
/// the same, and other file systems fall back to that for files with checksums, compression or
/// data journals.
struct VolumeProbe {
  var write: DiskFile
  var read: DiskFile
  /// A sector that holds nothing else.
  var offset: UInt64

  /// Lends a sector to a pipe as `sendfile` would, writes it anew, and looks what the pipe holds.
  ///
  /// Whatever fails on the way is a reason to lend nothing.
  func lentPagesStay(_ disk: Disk) -> Bool {
    var ends: (Int32, Int32) = (-1, -1)
    let made = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
      unsafe pipe2(bytes.assumingMemoryBound(to: Int32.self).baseAddress, O_CLOEXEC | O_NONBLOCK)
    }
    guard made == 0 else { return false }
    defer {
      close(ends.0)
      close(ends.1)
    }
    do throws(StoreError) {
      return try lends(through: ends, disk)
    } catch {
      return false
    }
  }

  private func lends(through pipe: (Int32, Int32), _ disk: Disk) throws(StoreError) -> Bool {
    let sector = ZoneBuffer(count: StoreLimits.sectorBytes)
    unsafe sector.bytes.fill(with: 1)
    try unsafe disk.write(write, at: offset, UnsafeRawBufferPointer(sector.bytes))
    var position = off_t(offset)
    guard unsafe sendfile(pipe.1, read.descriptor, &position, sector.count) == sector.count else {
      return false
    }
    unsafe sector.bytes.fill(with: 2)
    try unsafe disk.write(write, at: offset, UnsafeRawBufferPointer(sector.bytes))
    guard unsafe Glibc.read(pipe.0, sector.bytes.baseAddress, sector.count) == sector.count else {
      return false
    }
    return unsafe sector.bytes.allSatisfy { $0 == 1 }
  }
}
