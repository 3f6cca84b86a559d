/// The sizes of memory that everything else is counted in.
public enum BytesLimits {
  /// One block of the arena: the unit of Bodies, of the memory tier and of `sendfile` runs.
  ///
  /// 64 KiB: a 2 s segment of 6 Mbit/s is 23 of them, and punching one costs one system call.
  public static let blockBytes = 65_536

  /// Bodies shorter than this are packed into slots of a shared block instead of a block each.
  public static let slotBodyBytes = 32_768

  /// How far an origin is read ahead of the fastest reader when the object is not kept: 16 MiB.
  ///
  /// A second of 128 Mbit/s; more would let one download push the memory tier out.
  public static let windowBlocks = 256

  /// Blocks reserved for a body of unknown length before its first byte, and each time it grows.
  public static let growthBlocks = 4
}
