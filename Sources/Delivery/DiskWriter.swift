internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Store

/// What the writer of a volume does.
enum WriteJob: Sendable {
  /// Write a whole object down; its bytes are reserved among those that wait.
  case keep(CachedObject, now: Moment)
  /// A long object has a new head.
  case update(CachedObject, now: Moment)
  /// Write a slice of an object down, which is in memory until then.
  case slice(CachedObject, part: UInt32, now: Moment)
  /// Remove what lies there under this variant.
  case forget(Hash128)
  /// Write a Fill down while it passes.
  case follow(CachedObject, now: Moment)
  /// Such a Fill has more bytes, or has ended.
  case grew(CachedObject)
}

/// Does the writing of one volume, on its own thread.
///
/// A failure costs what was not committed; then the volume is left alone for a while.
final class DiskWriter {
  let tier: VolumeTier
  let writer: VolumeWriter
  private let reader: IndexReader
  private var hasBegun = false
  private var retryAt = Instant(nanoseconds: .min)
  private var dueAt: Instant?
  /// Removals that the next commit makes durable.
  private var removals: [Hash128] = []
  /// Removals that could not be written, or were lost with a batch: they come first next time.
  private var lostRemovals: [Hash128] = []
  private var streams: [ObjectIdentifier: DiskStream] = [:]
  /// Followed objects that can be found once their records are committed.
  private var finished: [CachedObject] = []
  /// Slices that can be found once their records are committed.
  private var slices: [(body: StoredBody, part: UInt32, record: BodyRecord)] = []

  init(_ tier: VolumeTier, volume: Int) throws(StoreError) {
    self.tier = tier
    writer = tier.store.makeWriter(volume: volume, judge: TierJudge(tier))
    reader = try tier.store.index.reader()
  }

  /// Until when the thread may sleep: the next commit, or the next try.
  var deadline: Instant? { dueAt ?? (lostRemovals.isEmpty ? nil : retryAt) }

  func run(_ job: WriteJob) {
    if case .keep(let object, _) = job { tier.counters.release(Int(object.body.count)) }
    guard isReady(), repeatRemovals() else { return shed(job) }
    do throws(StoreError) {
      switch job {
      case .keep(let object, let now): try insert(object, now)
      case .update(let object, let now): try update(object, now)
      case .slice(let object, let part, let now): try write(slice: part, of: object, now)
      case .forget(let variant): try remove(variant)
      case .follow(let object, let now): try follow(object, now)
      case .grew(let object): try pull(object)
      }
      if dueAt == nil { dueAt = Instant.read() + DiskLimits.commitInterval }
    } catch {
      failed()
    }
  }

  /// After a batch of jobs, and when time is up: commits what is due.
  func settle(isLast: Bool = false) {
    if dueAt == nil, !lostRemovals.isEmpty, isReady(), repeatRemovals() { dueAt = Instant.read() }
    guard let due = dueAt, isLast || writer.needsCommit || due <= Instant.read() else { return }
    do throws(StoreError) {
      try writer.commit()
      dueAt = nil
      for variant in removals { tier.unbar(variant) }
      removals.removeAll(keepingCapacity: true)
      for object in finished { tier.bench?.table.forgetPass(object) }
      finished.removeAll()
      for slice in slices { slice.body.settle(slice.part, at: slice.record) }
      slices.removeAll()
    } catch {
      failed()
    }
  }

  /// The end: Fills that are followed are given up.
  func end() {
    for stream in Array(streams.values) { giveUp(stream) }
    settle(isLast: true)
  }

  // MARK: failures

  private func isReady() -> Bool {
    guard Instant.read() >= retryAt else { return false }
    if hasBegun { return true }
    do throws(StoreError) {
      try writer.begin()
      hasBegun = true
      return true
    } catch {
      failed()
      return false
    }
  }

  private func failed() {
    tier.counters.add(to: .writeFailures)
    retryAt = Instant.read() + DiskLimits.writeRetry
    dueAt = nil
    lostRemovals += removals
    removals.removeAll()
    finished.removeAll()
    // Their heads may be among what was lost: the next slice writes one again.
    for slice in slices { slice.body.record = nil }
    slices.removeAll()
    for stream in Array(streams.values) { giveUp(stream) }
  }

  /// Writes what was to be removed and is not; whether that worked.
  private func repeatRemovals() -> Bool {
    do throws(StoreError) {
      while let variant = lostRemovals.popLast() { try remove(variant) }
      return true
    } catch {
      failed()
      return false
    }
  }

  private func remove(_ variant: Hash128) throws(StoreError) {
    // Noted first: where the writing fails it is among what was lost.
    removals.append(variant)
    try writer.remove(variant)
  }

  /// A job that cannot be done now: what an older version there says is no longer true.
  private func shed(_ job: WriteJob) {
    switch job {
    case .keep(let object, _), .update(let object, _):
      tier.counters.add(to: .writesShed)
      if tier.mayHold(object.variant) { tier.forget(object.variant, of: object.primary) }
    case .follow(let object, _):
      tier.counters.add(to: .writesShed)
      leave(object)
    case .slice: tier.counters.add(to: .writesShed)
    case .forget(let variant): lostRemovals.append(variant)
    case .grew: break
    }
  }

  // MARK: whole objects

  private func insert(_ object: CachedObject, _ now: Moment) throws(StoreError) {
    let (draft, meta) = describe(object, now)
    guard let draft, object.body.phase == .whole, object.body.file == nil else { return }
    let count = Int(object.body.count)
    if count <= StoreLimits.inlineBodyBytes {
      _ = try unsafe writer.insert(draft, meta: meta.span, bodyLength: count) {
        unsafe copy(object.body, from: 0, into: $0)
      }
      return
    }
    var stored = writer.beginObject(draft)
    while stored.bodyLength < UInt64(count) {
      let offset = stored.bodyLength
      let part = min(Int(stored.unit), count - Int(offset))
      _ = try unsafe writer.append(to: &stored, count: part) {
        unsafe copy(object.body, from: offset, into: $0)
      }
    }
    try writer.finish(stored, meta: meta.span)
  }

  private func update(_ object: CachedObject, _ now: Moment) throws(StoreError) {
    let (draft, meta) = describe(object, now)
    guard let draft, case .object(let record)? = try reader.record(object.variant) else { return }
    guard !record.flags.contains(.inline), record.bodyLength == object.body.count else { return }
    try writer.updateHead(of: record, draft, meta: meta.span)
  }

  /// Writes a slice, behind the head of its object if that is not there yet.
  private func write(
    slice part: UInt32, of object: CachedObject, _ now: Moment
  ) throws(StoreError) {
    guard let stored = object.body.file as? StoredBody, let memory = stored.memory(of: part),
      object.isWorthKeeping(now: now.instant)
    else { return }
    let (draft, meta) = describe(object, now)
    guard let draft else { return }
    var record = stored.record
    if record == nil {
      record = try writer.insertSparse(
        draft, meta: meta.span, bodyLength: stored.count, unit: Int(stored.unit))
      stored.record = record
    }
    guard let record else { return }
    let written = try unsafe writer.appendSlice(
      part + 1, of: record, draft, count: Int(memory.count)
    ) { unsafe copy(memory, from: 0, into: $0) }
    if let written { slices.append((stored, part, written)) }
  }

  /// What the store is told of an object; no draft for one that cannot be stored.
  func describe(_ object: CachedObject, _ now: Moment) -> (ObjectDraft?, [UInt8]) {
    let meta = ObjectMeta(object, now: now.instant, wall: now.wall)
    let bytes = meta.encoded
    let rule = object.vary?.encoded ?? []
    guard bytes.count <= StoreLimits.metaBytesMax, rule.count <= StoreLimits.varyRuleBytesMax,
      rule.isEmpty == (object.variant == object.primary)
    else { return (nil, bytes) }
    return (
      ObjectDraft(
        hash: object.variant, primary: object.primary, vary: rule, usableUntil: meta.usableUntil),
      bytes
    )
  }

  /// Copies bytes of a whole Body out of the arena.
  private func copy(
    _ body: Body, from offset: UInt64, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let arena = tier.bench?.arena else { return false }
    var done = 0
    while done < target.count {
      let piece = unsafe body.next(
        offset: offset + UInt64(done), limit: target.count - done,
        worker: DeliveryLimits.volumeBit,
        scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      guard case .range(let range) = piece else { return false }
      let bytes = unsafe UnsafeRawBufferPointer(
        arena.bytes(offset: range.offset, count: range.count))
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...]).copyMemory(from: bytes)
      done += range.count
    }
    return true
  }

  // MARK: Fills that are followed

  private func follow(_ object: CachedObject, _ now: Moment) throws(StoreError) {
    streams[ObjectIdentifier(object)] = DiskStream(object, now)
    try pull(object)
  }

  private func pull(_ object: CachedObject) throws(StoreError) {
    guard let stream = streams[ObjectIdentifier(object)] else { return }
    switch try stream.pull(self) {
    case .waits: break
    case .ended:
      finished.append(object)
      giveUp(stream)
    case .lost:
      tier.counters.add(to: .streamsLapped)
      giveUp(stream)
    }
  }

  private func giveUp(_ stream: DiskStream) {
    guard streams.removeValue(forKey: ObjectIdentifier(stream.object)) != nil else { return }
    leave(stream.object)
  }

  private func leave(_ object: CachedObject) {
    tier.counters.endStream()
    if object.body.leave(asCopyist: true) == .last { tier.tell(object.owner, .abandoned(object)) }
  }
}
