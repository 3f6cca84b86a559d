internal import Synchronization

/// A histogram of times with fixed bounds from 100 µs to 60 s, written by one thread.
///
/// `record` takes the place from the number's highest bit and one comparison; it never allocates.
/// Any thread may read: sums lag, but no number is ever torn.
public struct Histogram: ~Copyable, Sendable {
  private let buckets: InlineArray<19, Atomic<UInt64>>
  private let sum = Atomic<UInt64>(0)

  /// Upper bounds in microseconds, inclusive; the bucket after the last has none.
  ///
  /// Each is at least twice the one before, so between two powers of two there is at most one.
  public static let bounds: InlineArray<18, UInt64> = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
  ]

  /// By bit width: how many bounds are below the smallest number of that width.
  private static let boundsBelow: InlineArray<27, UInt8> = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 14, 15, 16, 17,
  ]

  /// Makes an empty histogram.
  public init() { buckets = InlineArray { _ in Atomic<UInt64>(0) } }

  /// Adds one time; its owner only.
  @inline(__always)
  public borrowing func record(microseconds: UInt64) {
    let place = Self.bucket(of: microseconds)
    increase(buckets[place], by: 1)
    increase(sum, by: microseconds)
  }

  /// The bucket of a time: the number of bounds below it.
  public static func bucket(of microseconds: UInt64) -> Int {
    let width = UInt64.bitWidth - microseconds.leadingZeroBitCount
    guard width < boundsBelow.count else { return bounds.count }
    let first = Int(boundsBelow[width])
    return microseconds > bounds[first] ? first + 1 : first
  }

  /// How many times fell into bucket `index`; any thread.
  public borrowing func count(bucket index: Int) -> UInt64 {
    buckets[index].load(ordering: .relaxed)
  }

  /// The sum of all times in microseconds; any thread.
  public borrowing func sumMicroseconds() -> UInt64 { sum.load(ordering: .relaxed) }
}

/// Adds to a cell that only the calling thread writes: a load and a store, without a lock prefix.
@inline(__always)
func increase(_ cell: borrowing Atomic<UInt64>, by amount: UInt64) {
  cell.store(cell.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
}
