internal import Glibc

/// A worker's pool of buffers for heads and small bodies, in three sizes.
///
/// Owned by one worker and used on its thread. An idle connection gives its chunks back, so their
/// number follows the requests in flight, not the connections. With `-DSPILLWAY_SANITIZE` every
/// chunk is allocated and freed for real, so that pooling hides no use after free.
@safe public final class ChunkPool {
  /// The sizes: a usual head; a large one; the largest head with the start of a body behind it.
  public static let sizes = (small: 4096, medium: 16_384, large: 65_536)

  private var free:
    ([UnsafeMutableRawPointer], [UnsafeMutableRawPointer], [UnsafeMutableRawPointer])
  private let keptMax: Int
  /// Chunks that are out: what a leak would show in.
  public private(set) var outCount = 0

  /// Makes a pool that keeps at most `keptMax` free chunks of each size.
  public init(keptMax: Int = 256) {
    unsafe free = ([], [], [])
    self.keptMax = keptMax
  }

  deinit {
    unsafe free.0.forEach { unsafe $0.deallocate() }
    unsafe free.1.forEach { unsafe $0.deallocate() }
    unsafe free.2.forEach { unsafe $0.deallocate() }
  }

  /// The smallest chunk size that holds `count` bytes; the largest if none does.
  static func size(for count: Int) -> Int {
    count <= sizes.small ? sizes.small : count <= sizes.medium ? sizes.medium : sizes.large
  }

  func take(_ size: Int) -> UnsafeMutableRawPointer {
    outCount += 1
    let pooled: UnsafeMutableRawPointer? =
      switch size {
      case ChunkPool.sizes.small: unsafe free.0.popLast()
      case ChunkPool.sizes.medium: unsafe free.1.popLast()
      default: unsafe free.2.popLast()
      }
    if let pooled = unsafe pooled { return unsafe pooled }
    return .allocate(byteCount: size, alignment: 16)
  }

  func give(back pointer: UnsafeMutableRawPointer, size: Int) {
    outCount -= 1
    #if SPILLWAY_SANITIZE
      unsafe pointer.deallocate()
    #else
      switch size {
      case ChunkPool.sizes.small where unsafe free.0.count < keptMax:
        unsafe free.0.append(pointer)
      case ChunkPool.sizes.medium where unsafe free.1.count < keptMax:
        unsafe free.1.append(pointer)
      case ChunkPool.sizes.large where unsafe free.2.count < keptMax:
        unsafe free.2.append(pointer)
      default: unsafe pointer.deallocate()
      }
    #endif
  }
}
