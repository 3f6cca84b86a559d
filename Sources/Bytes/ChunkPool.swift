internal import Glibc

/// A worker's pool of buffers for heads and small bodies, in three sizes.
///
/// Owned by one worker and used on its thread. An idle connection gives its chunks back, so their
/// number follows the requests in flight, not the connections. With `-DSPILLWAY_SANITIZE` every
/// chunk is allocated and freed for real, so that pooling hides no use after free.
@safe public final class ChunkPool {
  /// The sizes: a usual head; a large one; the largest head with the start of a body behind it.
  public static let sizes = (small: 4096, medium: 16_384, large: 65_536)

  // Free chunks of each size, linked through their own first word: taking one is two loads.
  private var free: (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)
  private var kept = (0, 0, 0)
  private let keptMax: Int
  /// Chunks that are out: what a leak would show in.
  public private(set) var outCount = 0

  /// Makes a pool that keeps at most `keptMax` free chunks of each size.
  public init(keptMax: Int = 256) {
    unsafe free = (nil, nil, nil)
    self.keptMax = keptMax
  }

  deinit {
    unsafe ChunkPool.freeAll(free.0)
    unsafe ChunkPool.freeAll(free.1)
    unsafe ChunkPool.freeAll(free.2)
  }

  private static func freeAll(_ first: UnsafeMutableRawPointer?) {
    var next = unsafe first
    while let chunk = unsafe next {
      unsafe next = chunk.load(as: UnsafeMutableRawPointer?.self)
      unsafe chunk.deallocate()
    }
  }

  /// The smallest chunk size that holds `count` bytes; the largest if none does.
  static func size(for count: Int) -> Int {
    count <= sizes.small ? sizes.small : count <= sizes.medium ? sizes.medium : sizes.large
  }

  @inline(__always)
  func take(_ size: Int) -> UnsafeMutableRawPointer {
    outCount &+= 1
    let pooled: UnsafeMutableRawPointer?
    switch size {
    case ChunkPool.sizes.small: unsafe pooled = ChunkPool.pop(&free.0, &kept.0)
    case ChunkPool.sizes.medium: unsafe pooled = ChunkPool.pop(&free.1, &kept.1)
    default: unsafe pooled = ChunkPool.pop(&free.2, &kept.2)
    }
    if let pooled = unsafe pooled { return unsafe pooled }
    return .allocate(byteCount: size, alignment: 16)
  }

  @inline(__always)
  func give(back chunk: UnsafeMutableRawPointer, size: Int) {
    outCount &-= 1
    #if SPILLWAY_SANITIZE
      unsafe chunk.deallocate()
    #else
      switch size {
      case ChunkPool.sizes.small: unsafe push(chunk, on: &free.0, &kept.0)
      case ChunkPool.sizes.medium: unsafe push(chunk, on: &free.1, &kept.1)
      default: unsafe push(chunk, on: &free.2, &kept.2)
      }
    #endif
  }

  @inline(__always)
  private static func pop(
    _ first: inout UnsafeMutableRawPointer?, _ count: inout Int
  ) -> UnsafeMutableRawPointer? {
    guard let chunk = unsafe first else { return nil }
    unsafe first = chunk.load(as: UnsafeMutableRawPointer?.self)
    count &-= 1
    return unsafe chunk
  }

  @inline(__always)
  private func push(
    _ chunk: UnsafeMutableRawPointer, on first: inout UnsafeMutableRawPointer?, _ count: inout Int
  ) {
    guard count < keptMax else { return unsafe chunk.deallocate() }
    unsafe chunk.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
    unsafe first = chunk
    count &+= 1
  }
}
