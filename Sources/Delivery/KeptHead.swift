/// The bytes of a request head, kept while its journey lasts: the capacity stays with the pooled
/// exchange, so a warm one allocates nothing.
///
/// Exception: this file uses `unsafe` so that a step can borrow the bytes from the exchange for as
/// long as it runs; an array in a class could be borrowed for one expression only.
@safe final class KeptHead {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity = 1024
  private(set) var count = 0

  init() { unsafe storage = .allocate(capacity: capacity) }

  deinit { unsafe storage.deallocate() }

  var isEmpty: Bool { count == 0 }

  /// Replaces the bytes.
  func keep(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > capacity {
      unsafe storage.deallocate()
      capacity = bytes.count
      unsafe storage = .allocate(capacity: capacity)
    }
    unsafe UnsafeMutableRawBufferPointer(start: storage, count: bytes.count)
      .copyMemory(from: bytes)
    count = bytes.count
  }

  func clear() { count = 0 }

  /// The bytes; valid until the next `keep`.
  var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: storage, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
