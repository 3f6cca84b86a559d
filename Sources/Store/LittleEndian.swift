internal import Bytes
internal import Glibc

/// Integers as they stand on a volume: least significant byte first, at any offset.
extension UnsafeMutableRawBufferPointer {
  @inline(__always)
  func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }

  @inline(__always)
  func store(_ hash: Hash128, at offset: Int) {
    unsafe store(hash.low, at: offset)
    unsafe store(hash.high, at: offset + 8)
  }

  /// Makes every byte the same.
  ///
  /// Not `initializeMemory`, which goes byte by byte where it is not optimised.
  func fill(with byte: UInt8 = 0) {
    guard let start = baseAddress else { return }
    unsafe memset(start, Int32(byte), count)
  }

  /// The part of `count` bytes from `offset`.
  @inline(__always)
  func part(at offset: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(rebasing: self[offset..<(offset + count)])
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  func integer<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
    unsafe Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }

  @inline(__always)
  func hash(at offset: Int) -> Hash128 {
    unsafe Hash128(
      low: integer(at: offset, as: UInt64.self), high: integer(at: offset + 8, as: UInt64.self))
  }

  /// The part of `count` bytes from `offset`.
  @inline(__always)
  func part(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: self[offset..<(offset + count)])
  }

  /// Whether every byte is zero.
  var isBlank: Bool {
    guard let start = baseAddress, count > 0 else { return true }
    // Each byte is as the one before it, and the first is zero.
    return unsafe self[0] == 0 && memcmp(start, start + 1, count - 1) == 0
  }
}
