internal import CLibevent

/// What a network knows of one watched descriptor; its address never changes, since libevent
/// links it into its lists.
@unsafe struct Watch {
  var event: event
  var token: Token
  var network: Unmanaged<KernelNetwork>?
  var descriptor: Int32
  var interest: Readiness
}

/// The watches of one network: records from chunks of 64, found by descriptor.
@safe struct WatchPool: ~Copyable {
  private static let chunkCount = 64

  private var chunks: [UnsafeMutablePointer<Watch>] = unsafe []
  private var free: [UnsafeMutablePointer<Watch>] = unsafe []
  private var byDescriptor: [UnsafeMutablePointer<Watch>?] = unsafe []

  deinit {
    unsafe chunks.forEach { unsafe $0.deallocate() }
  }

  /// The watch of `descriptor`, if it is watched.
  @inline(__always)
  func find(_ descriptor: Int32) -> UnsafeMutablePointer<Watch>? {
    let index = Int(descriptor)
    guard unsafe index >= 0 && index < byDescriptor.count else { return nil }
    return unsafe byDescriptor[index]
  }

  /// A record for `descriptor`, which must not be watched.
  mutating func insert(_ descriptor: Int32) -> UnsafeMutablePointer<Watch> {
    let index = Int(descriptor)
    precondition(index >= 0, "a closed socket cannot be watched")
    while unsafe byDescriptor.count <= index { unsafe byDescriptor.append(nil) }
    precondition(unsafe byDescriptor[index] == nil, "the socket is watched already")
    if unsafe free.isEmpty { grow() }
    let watch = unsafe free.removeLast()
    unsafe byDescriptor[index] = watch
    return unsafe watch
  }

  /// Takes a record back; its event must not be pending.
  mutating func remove(_ watch: UnsafeMutablePointer<Watch>) {
    unsafe byDescriptor[Int(watch.pointee.descriptor)] = nil
    unsafe free.append(watch)
  }

  /// Hands every watch to `body` and forgets it.
  mutating func removeAll(_ body: (UnsafeMutablePointer<Watch>) -> Void) {
    for index in unsafe byDescriptor.indices {
      guard let watch = unsafe byDescriptor[index] else { continue }
      unsafe body(watch)
      unsafe remove(watch)
    }
  }

  private mutating func grow() {
    let chunk = UnsafeMutablePointer<Watch>.allocate(capacity: WatchPool.chunkCount)
    unsafe chunk.initialize(
      repeating: Watch(
        event: event(), token: Token(bits: 0), network: nil, descriptor: -1, interest: []),
      count: WatchPool.chunkCount)
    unsafe chunks.append(chunk)
    for index in 0..<WatchPool.chunkCount { unsafe free.append(chunk + index) }
  }
}
