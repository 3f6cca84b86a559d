internal import CXXHash

/// A 128-bit XXH3 hash: the name of a cache key in the table.
///
/// Equal hashes are verified by key text.
public struct Hash128: Hashable, Sendable {
  /// The low 64 bits: choose the bucket.
  public var low: UInt64
  /// The high 64 bits: choose the shard and the owning worker.
  public var high: UInt64

  /// Makes a hash from its two halves.
  @inline(__always)
  public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// Hashes `bytes` with XXH3-128 and `seed`.
  public init(of bytes: Span<UInt8>, seed: UInt64 = 0) {
    let hash = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe spillway_hash(buffer.baseAddress, buffer.count, seed)
    }
    self.init(low: hash.low64, high: hash.high64)
  }

  /// The hash of this hash together with `bytes`: how a variant's key follows from its key.
  public func combined(with bytes: Span<UInt8>) -> Hash128 {
    Hash128(of: bytes, seed: low ^ (high &* 0x9E37_79B9_7F4A_7C15))
  }

  /// Feeds the low half alone: XXH3's bits are already well mixed.
  @inline(__always)
  public func hash(into hasher: inout Hasher) { hasher.combine(low) }
}
