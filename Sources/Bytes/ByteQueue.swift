internal import Glibc

/// Bytes that came in and are not used yet, or that are to go out and are not sent yet.
///
/// Lives in a chunk of the worker's pool and holds none while it is empty. The owner gives the
/// chunk back with `giveBack`; a queue must be empty of memory before it is dropped.
@safe public struct ByteQueue: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  private var end = 0

  /// Makes an empty queue without memory.
  public init() {}

  deinit { assert(capacity == 0, "a chunk was dropped instead of given back") }

  /// How many bytes are in the queue.
  @inline(__always)
  public var count: Int { end &- start }

  /// Whether there is nothing in the queue.
  @inline(__always)
  public var isEmpty: Bool { start == end }

  /// Whether the queue has a chunk.
  @inline(__always)
  public var hasMemory: Bool { capacity != 0 }

  /// The bytes in the queue.
  @inline(__always)
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeRawBufferPointer(bytes).assumingMemoryBound(to: UInt8.self)
      let span = unsafe Span(_unsafeElements: buffer)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The bytes in the queue, for a system call.
  @inline(__always)
  public var bytes: UnsafeRawBufferPointer {
    guard let base = unsafe base else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeRawBufferPointer(start: base + start, count: count)
  }

  /// Memory behind the bytes for at least `needed` more, taken or enlarged from `pool` if need be.
  ///
  /// - Returns: the free memory; shorter than `needed` only when the largest chunk is full.
  @inline(__always)
  public mutating func room(
    _ needed: Int, from pool: ChunkPool
  ) -> UnsafeMutableRawBufferPointer {
    if capacity &- end < needed || capacity == 0 { makeRoom(needed, from: pool) }
    return unsafe UnsafeMutableRawBufferPointer(
      start: base.unsafelyUnwrapped + end, count: capacity &- end)
  }

  /// `count` bytes were put into the memory that `room` gave.
  @inline(__always)
  public mutating func filled(_ count: Int) {
    precondition(count >= 0 && end &+ count <= capacity)
    end &+= count
  }

  /// The first `count` bytes have been used.
  @inline(__always)
  public mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= self.count)
    start &+= count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// Gives the chunk back if the queue is empty.
  @inline(__always)
  public mutating func giveBackIfEmpty(to pool: ChunkPool) {
    if isEmpty, capacity != 0 { giveBack(to: pool) }
  }

  /// Drops what is in the queue and gives the chunk back.
  public mutating func giveBack(to pool: ChunkPool) {
    if let chunk = unsafe base { unsafe pool.give(back: unsafe chunk, size: capacity) }
    unsafe base = nil
    capacity = 0
    start = 0
    end = 0
  }

  private mutating func makeRoom(_ needed: Int, from pool: ChunkPool) {
    let held = count
    if let base = unsafe base {
      if start > 0 {
        unsafe base.copyMemory(from: base + start, byteCount: held)
        start = 0
        end = held
      }
      if capacity - end >= needed || capacity == ChunkPool.sizes.large { return }
    }
    let size = ChunkPool.size(for: held + needed)
    let larger = unsafe pool.take(size)
    if let base = unsafe base {
      unsafe larger.copyMemory(from: base + start, byteCount: held)
      unsafe pool.give(back: base, size: capacity)
    }
    unsafe base = larger
    capacity = size
    start = 0
    end = held
  }
}
