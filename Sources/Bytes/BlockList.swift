/// The blocks of one Body in order: a bare growable list, read on hits without reference counting.
@safe struct BlockList: ~Copyable {
  private var storage: UnsafeMutablePointer<UInt32>
  private var capacity = 4
  private(set) var count = 0

  init() { unsafe storage = .allocate(capacity: 4) }

  deinit { unsafe storage.deallocate() }

  var last: UInt32? { count == 0 ? nil : self[count - 1] }

  var span: Span<UInt32> {
    @_lifetime(borrow self)
    get { unsafe Span(_unsafeStart: storage, count: count) }
  }

  @inline(__always)
  subscript(index: Int) -> UInt32 {
    precondition(index >= 0 && index < count)
    return unsafe storage[index]
  }

  mutating func append(_ block: UInt32) {
    if count == capacity {
      let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
      unsafe larger.update(from: storage, count: count)
      unsafe storage.deallocate()
      unsafe storage = larger
      capacity *= 2
    }
    unsafe storage[count] = block
    count += 1
  }

  mutating func removeFirst() -> UInt32 {
    let first = self[0]
    unsafe storage.update(from: storage + 1, count: count - 1)
    count -= 1
    return first
  }

  mutating func removeAll() { count = 0 }

  /// How many blocks from `index` on follow each other in the arena.
  func run(from index: Int, atMost limit: Int) -> Int {
    var length = 1
    while length < limit, index + length < count,
      self[index + length] == self[index] &+ UInt32(length)
    {
      length += 1
    }
    return length
  }
}
