/// Memory of a running fetch between a socket and its reader: filled at the end, used at the front.
///
/// Pooled by `BufferPool`; an idle connection holds none.
@safe
final class FetchBuffer {
  private let memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  init(capacity: Int) {
    unsafe memory = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { unsafe memory.deallocate() }

  /// How many bytes it can hold in all.
  var capacity: Int { unsafe memory.count }

  /// The bytes held.
  var count: Int { end - start }

  /// Whether no byte is held.
  var isEmpty: Bool { start == end }

  /// The bytes held, front first; valid until the next call that changes the buffer.
  var held: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
      let span = unsafe Span<UInt8>(_bytes: RawSpan(_unsafeBytes: bytes))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The bytes held, for a write.
  var heldPointer: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
  }

  /// Free memory behind the held bytes, at most `limit`; moves them to the front if need be.
  func freeSpace(limit: Int) -> UnsafeMutableRawBufferPointer {
    if start > 0 { moveToFront() }
    let size = unsafe min(limit, memory.count - end)
    return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end..<(end + size)])
  }

  /// Notes that `count` bytes were put into the free memory.
  func filled(_ count: Int) {
    precondition(count >= 0 && count <= capacity - end, "more bytes than there was room")
    end += count
  }

  /// Drops `count` bytes from the front.
  func consume(_ count: Int) {
    precondition(count >= 0 && count <= self.count, "more bytes dropped than held")
    start += count
    if start == end { clear() }
  }

  /// Drops all bytes.
  func clear() {
    start = 0
    end = 0
  }

  private func moveToFront() {
    guard let base = unsafe memory.baseAddress else { return }
    unsafe base.copyMemory(from: base + start, byteCount: count)
    end -= start
    start = 0
  }
}

/// Buffers of one size, kept for the next fetch up to `OriginLimits.spareBuffersMax`.
///
/// With `-DSPILLWAY_SANITIZE` every buffer is freed at once: pooling must hide no use after free.
struct BufferPool {
  private let bufferBytes: Int
  private var spare: [FetchBuffer] = []

  init(bufferBytes: Int) { self.bufferBytes = bufferBytes }

  /// An empty buffer.
  mutating func take() -> FetchBuffer {
    spare.popLast() ?? FetchBuffer(capacity: bufferBytes)
  }

  /// Keeps `buffer` for the next fetch.
  mutating func give(back buffer: FetchBuffer) {
    #if !SPILLWAY_SANITIZE
      guard spare.count < OriginLimits.spareBuffersMax else { return }
      buffer.clear()
      spare.append(buffer)
    #endif
  }
}
