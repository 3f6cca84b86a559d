internal import CXXHash

/// XXH3 over 64 bits: what tells a torn or rotten fragment from a sound one.
public enum Checksum {
  /// The checksum of `bytes`.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe spillway_checksum(bytes.baseAddress, bytes.count)
  }
}
