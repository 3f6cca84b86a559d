/// A list of plain values that a worker fills and empties every turn.
///
/// Emptying is one store: an array's `removeAll(keepingCapacity:)` costs a hundred instructions,
/// which a turn of one hit pays in full (measured with callgrind).
@safe public struct Pile<Element: BitwiseCopyable>: ~Copyable {
  private var storage: UnsafeMutablePointer<Element>
  private var capacity = 64
  /// How many values there are.
  public private(set) var count = 0

  /// Makes an empty list.
  public init() { unsafe storage = .allocate(capacity: 64) }

  deinit { unsafe storage.deallocate() }

  /// Whether there is none.
  @inline(__always)
  public var isEmpty: Bool { count == 0 }

  /// The value at `index`.
  @inline(__always)
  public subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return unsafe storage[index]
  }

  /// Adds a value at the end; allocates only beyond the largest count so far.
  @inline(__always)
  public mutating func append(_ element: Element) {
    if count == capacity { grow() }
    unsafe (storage + count).initialize(to: element)
    count &+= 1
  }

  /// Removes all.
  @inline(__always)
  public mutating func removeAll() { count = 0 }

  /// Removes the first `length` values; the others keep their order.
  public mutating func removeFirst(_ length: Int) {
    precondition(length >= 0 && length <= count)
    let rest = count - length
    if rest > 0 { unsafe storage.update(from: storage + length, count: rest) }
    count = rest
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    unsafe larger.update(from: storage, count: count)
    unsafe storage.deallocate()
    unsafe storage = larger
    capacity *= 2
  }
}
