internal import Glibc

/// A read-only view of a volume, to ask which of its pages are in the page cache.
///
/// Nothing is read through it, so a broken disk raises no signal.
@safe public final class VolumeMap: @unchecked Sendable {
  // Exception: unchecked because of the pointer, which never changes and is never read through.
  private let base: UnsafeMutableRawPointer
  private let bytes: Int

  /// Maps a volume; `nil` where the system refuses so much address space: then every page counts
  /// as resident, and a worker may wait for the disk.
  ///
  /// The corresponding C function is `mmap`.
  public init?(_ volume: Volume) {
    let count = Int(volume.bytes)
    let mapped = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, volume.readFile.descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != UnsafeMutableRawPointer(bitPattern: -1)
    else { return nil }
    unsafe base = mapped
    bytes = count
  }

  deinit { unsafe munmap(base, bytes) }

  /// Whether all pages of a range were in the page cache a moment ago: a hint.
  ///
  /// The corresponding C function is `mincore`.
  func isResident(offset: Int, count: Int) -> Bool {
    let page = StoreLimits.sectorBytes
    let start = offset / page * page
    let end = min(bytes, offset + count)
    let pages = (end - start + page - 1) / page
    guard pages > 0 else { return true }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pages) { states in
      guard let first = states.baseAddress,
        unsafe mincore(base + start, end - start, first) == 0
      else { return true }
      for index in 0..<pages where unsafe states[index] & 1 == 0 { return false }
      return true
    }
  }
}
