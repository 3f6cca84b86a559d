internal import Bytes
internal import Cache
internal import Policy
internal import Store

/// What disk readers do.
enum ReadJob: Sendable {
  /// Find what the Fill of this object was to fetch, and tell the worker.
  case find(CachedObject, owner: Int, now: Moment)
  /// Bring a part of an object's body into the page cache, and wake who waits for it.
  case load(CachedObject, part: UInt32)
  /// Copy bytes of the first object for the Fill of the second.
  case copy(CachedObject, CachedObject, offset: UInt64, limit: Int)
}

/// Does the reading of one thread: it blocks on the disk, and says what it found by message.
final class DiskReader {
  private let tier: VolumeTier
  private let reader: ObjectReader

  init(_ tier: VolumeTier) throws(StoreError) {
    self.tier = tier
    reader = try tier.store.makeReader()
  }

  func run(_ job: ReadJob) {
    switch job {
    case .find(let object, let owner, let now):
      tier.tell(owner, .diskAnswered(object, find(object, now)))
    case .load(let object, let part): load(object, part)
    case .copy(let source, let object, let offset, let limit):
      let bytes = copy(source, offset: offset, limit: limit)
      tier.tell(object.owner, .diskBytes(object, bytes))
    }
  }

  // MARK: find

  private func find(_ object: CachedObject, _ now: Moment) -> DiskAnswer {
    let found: Found
    do throws(StoreError) {
      found = try reader.find(object.variant)
    } catch {
      tier.counters.add(to: .readFailures)
      return .absent
    }
    switch found {
    case .absent: return .absent
    case .vary(let record):
      guard object.variant == object.primary, let bench = tier.bench,
        let rule = VaryRule(
          encoded: record.rule.span, negotiation: DiskReader.negotiation(of: object, bench))
      else {
        return .absent
      }
      return .varies(rule)
    case .object(let found): return answer(found, object, now)
    case .damaged: return drop(object)
    }
  }

  private func answer(
    _ found: FoundObject, _ object: CachedObject, _ now: Moment
  ) -> DiskAnswer {
    guard let bench = tier.bench else { return .absent }
    let bytes = found.meta
    let negotiation = DiskReader.negotiation(of: object, bench)
    guard let meta = ObjectMeta(bytes.span, wall: now.wall, negotiation: negotiation) else {
      return drop(object)
    }
    guard meta.keyText == object.keyText else {
      // Equal hashes of two keys: the other one's object is not this one's.
      tier.counters.add(to: .collisions)
      return .absent
    }
    guard meta.isIdentityOnly == object.isIdentityOnly, found.primary == object.primary else {
      return .absent
    }
    tier.store.directory.markHit(object.variant)
    if let inline = found.inlineBody {
      guard let body = DiskReader.body(of: inline, in: bench.arena) else { return .absent }
      return .found(
        CachedObject(found: meta, for: object, body: body, now: now.instant, wall: now.wall))
    }
    let number = Int(found.record.place.volume)
    guard
      let file = StoredBody(
        found, hash: object.variant, on: tier.store.volumes[number], map: tier.maps[number])
    else { return .absent }
    let whole = CachedObject(
      found: meta, for: object, body: Body(arena: bench.arena, file: file), now: now.instant,
      wall: now.wall)
    let isLent = file.mayLend && !tier.copyModes[number].isOn(at: .read())
    // What is stored in slices is not copied as a whole: a stall is the lesser evil.
    if file.isSparse { return file.mayLend ? .found(whole) : .absent }
    return isLent ? .found(whole) : .copies(whole)
  }

  /// What the rule of the object's path tells apart of codings and languages.
  private static func negotiation(
    of object: CachedObject, _ bench: VolumeTier.Bench
  ) -> Negotiation {
    let target = object.keyText[object.targetStart...]
    let path = Array(target.prefix { $0 != UInt8(ascii: "?") })
    return bench.snapshot.negotiation(
      of: bench.snapshot.rule(site: object.site, path: path.span))
  }

  /// A short body comes into memory with its head.
  private static func body(of bytes: [UInt8], in arena: Arena) -> Body? {
    let body = Body(arena: arena)
    guard body.admit(length: UInt64(bytes.count), keepAtMost: .max) == .kept else { return nil }
    if !bytes.isEmpty { _ = body.append(bytes.span) }
    _ = body.seal()
    return body
  }

  /// Its bytes are not those that were written: it is removed, counted, and fetched again.
  private func drop(_ object: CachedObject) -> DiskAnswer {
    tier.counters.add(to: .damaged)
    tier.forget(object.variant, of: object.primary)
    return .absent
  }

  // MARK: bytes

  private func load(_ object: CachedObject, _ part: UInt32) {
    guard let body = object.body.file as? StoredBody else { return }
    loadOne(object, body, part)
    // Who reads one part mostly wants the next: it is there before he asks.
    if let next = body.next(after: part), body.beginLoading(next) == .needed {
      loadOne(object, body, next)
    }
  }

  private func loadOne(_ object: CachedObject, _ body: StoredBody, _ part: UInt32) {
    do throws(StoreError) {
      if try !body.load(part, with: reader), !body.isSparse { lose(object, body) }
    } catch {
      tier.counters.add(to: .readFailures)
      if !body.isSparse { lose(object, body) }
    }
    tier.wakeReaders(of: object)
  }

  /// The bytes cannot be had: whoever reads them is told, and nobody comes after him.
  private func lose(_ object: CachedObject, _ body: StoredBody) {
    body.markLost()
    tier.bench?.table.forget(object)
    guard body.isAlive else { return }
    tier.counters.add(to: .damaged)
    tier.forget(object.variant, of: object.primary)
  }

  private func copy(_ source: CachedObject, offset: UInt64, limit: Int) -> [UInt8] {
    guard let body = source.body.file as? StoredBody else { return [] }
    var outcome: StoreError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = 0
      do throws(StoreError) {
        count =
          try unsafe body.copy(
            from: offset, into: UnsafeMutableRawBufferPointer(buffer), with: reader) ?? 0
      } catch {
        outcome = error
      }
    }
    if outcome != nil { tier.counters.add(to: .readFailures) }
    return bytes
  }
}
