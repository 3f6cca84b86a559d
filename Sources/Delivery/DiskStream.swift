internal import Bytes
internal import Cache
internal import Store

/// A Fill on its way to a volume: one more follower of its Body, which gates nobody.
///
/// It gathers a fragment, writes it, and goes on; when it falls out of the Body's window, or the
/// Fill breaks, what is written is garbage that nothing points to.
@safe final class DiskStream {
  /// How far it has come.
  enum Progress {
    /// The Fill has no more bytes yet.
    case waits
    /// Everything is written, and visible with the next commit.
    case ended
    /// It cannot be completed.
    case lost
  }

  let object: CachedObject
  private let now: Moment
  private var stored: ObjectInProgress?
  private var offset: UInt64 = 0
  private var gathered: [UInt8] = []
  private let scratch: UnsafeMutableRawBufferPointer

  init(_ object: CachedObject, _ now: Moment) {
    self.object = object
    self.now = now
    gathered.reserveCapacity(StoreLimits.fragmentDataBytesMax)
    unsafe scratch = .allocate(byteCount: BytesLimits.blockBytes, alignment: 64)
  }

  deinit { unsafe scratch.deallocate() }

  /// Takes what there is.
  func pull(_ disk: DiskWriter) throws(StoreError) -> Progress {
    while true {
      let room = StoreLimits.fragmentDataBytesMax - gathered.count
      if room == 0 {
        guard try write(disk) else { return .lost }
        continue
      }
      let piece = unsafe object.body.next(
        offset: offset, limit: min(room, scratch.count), worker: DeliveryLimits.volumeBit,
        scratch: scratch, isCopyist: true)
      switch piece {
      case .copied(let count, let wakesWriter):
        unsafe gathered.append(contentsOf: scratch[..<count])
        offset += UInt64(count)
        if wakesWriter { disk.tier.tell(object.owner, .roomMade(object)) }
      case .range(let range):
        guard let arena = disk.tier.bench?.arena else { return .lost }
        unsafe gathered.append(
          contentsOf: unsafe UnsafeRawBufferPointer(
            arena.bytes(offset: range.offset, count: range.count)))
        offset += UInt64(range.count)
        if range.isPinned, object.body.unpin() {
          disk.tier.tell(object.owner, .roomMade(object))
        }
      case .wait(let wakesWriter):
        if wakesWriter { disk.tier.tell(object.owner, .roomMade(object)) }
        return .waits
      case .end: return try finish(disk) ? .ended : .lost
      case .aborted, .lapped, .file, .absent: return .lost
      }
    }
  }

  /// Writes what is gathered as the next fragment.
  private func write(_ disk: DiskWriter) throws(StoreError) -> Bool {
    guard !gathered.isEmpty else { return true }
    if stored == nil {
      guard let draft = disk.describe(object, now).0 else { return false }
      stored = disk.writer.beginObject(draft)
    }
    guard var object = stored else { return false }
    let bytes = gathered
    try disk.writer.append(to: &object, bytes.span)
    stored = object
    gathered.removeAll(keepingCapacity: true)
    return true
  }

  private func finish(_ disk: DiskWriter) throws(StoreError) -> Bool {
    guard object.progress == .following, object.knownLength == offset else { return false }
    let (draft, meta) = disk.describe(object, now)
    guard let draft else { return false }
    if stored == nil, gathered.count <= StoreLimits.inlineBodyBytes {
      let bytes = gathered
      try disk.writer.insert(draft, meta: meta.span, body: bytes.span)
      return true
    }
    guard try write(disk), let stored else { return false }
    try disk.writer.finish(stored, meta: meta.span)
    return true
  }
}
