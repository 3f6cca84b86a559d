/// Memory that `O_DIRECT` can read into and write from: aligned to sectors, of whole sectors.
@safe final class ZoneBuffer {
  /// The memory; it is freed with the buffer.
  let bytes: UnsafeMutableRawBufferPointer

  /// Makes a buffer of at least `count` bytes.
  init(count: Int) {
    let sectors = Int(FragmentHeader.sectors(of: count))
    unsafe bytes = .allocate(
      byteCount: sectors * StoreLimits.sectorBytes, alignment: StoreLimits.sectorBytes)
    unsafe bytes.fill()
  }

  deinit { unsafe bytes.deallocate() }

  /// How much it holds.
  var count: Int { unsafe bytes.count }

  /// A part of it to read.
  func read(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(bytes.part(at: offset, count: count))
  }

  /// A part of it to write.
  func part(at offset: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe bytes.part(at: offset, count: count)
  }

  /// Makes a part of it zero.
  func clear(at offset: Int, count: Int) {
    unsafe bytes.part(at: offset, count: count).fill()
  }

  /// Bytes of a fragment of the largest kind, padding included.
  static var fragmentBytesMax: Int {
    let head =
      FragmentHeader.byteCount + StoreLimits.varyRuleBytesMax + StoreLimits.metaBytesMax
      + StoreLimits.inlineBodyBytes
    let body = FragmentHeader.byteCount + StoreLimits.fragmentDataBytesMax
    return Int(FragmentHeader.sectors(of: max(head, body))) * StoreLimits.sectorBytes
  }
}
