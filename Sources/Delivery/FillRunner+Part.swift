internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Telemetry
internal import Wire

// The answer to a Fill of one range: RFC 9110 section 15.3.7, RFC 9111 section 3.3.
extension FillRunner {
  /// Looks at the head of an answer to a Range; `true` where it goes on as that of any Fill.
  func isWhole(
    _ fill: Fill, _ part: PartRequest, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    let table = worker.node.table
    if OriginError.isOne(status: head.status), let old = fill.object.fallback,
      old.mayServeOnError(at: worker.loop.now)
    {
      serveStale(fill, status: head.status)
      return false
    }
    switch head.status {
    case 206:
      storePiece(fill, part, head: head, bytes: bytes)
      return false
    case 304:
      if let old = fill.object.fallback { refreshPiece(fill, old, head: head, bytes: bytes) }
      return false
    case 416:
      relayUnsatisfied(fill, part, head: head, bytes: bytes)
      return false
    default:
      fill.part = nil
      table.becomeWhole(fill.object)
      if head.status == 200 { table.forgetPieces(of: fill.object) }
      return true
    }
  }

  private func storePiece(
    _ fill: Fill, _ part: PartRequest, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    guard let extent = part.extent(of: head, bytes: bytes) else {
      if !part.isFirst, part.isOfUnknownLength(head, bytes: bytes) {
        return doNotStore(
          fill, head: head, bytes: bytes, remember: PolicyLimits.uncacheableErrorMemory)
      }
      // Not what was asked: a range that this origin cannot be asked for.
      return fetchWhole(fill)
    }
    if part.isFirst, !extent.isWhole {
      let isShort = extent.length <= lengthOfShort
      let mayBeSliced = maySlice(extent, head: head, bytes: bytes)
      // Whoever waits for the whole meanwhile is not overtaken.
      if isShort || mayBeSliced, worker.node.table.hasWhole(of: fill.object) {
        return release(fill)
      }
      if isShort { return fetchWhole(fill) }
      if mayBeSliced { return fetchSlice(fill, of: extent) }
    }
    switch CachingDecision.makeOfPiece(head, bytes: bytes, facts: facts(fill)) {
    case .doNotStore(_, let remember):
      doNotStore(fill, head: head, bytes: bytes, remember: remember)
    case .store(let freshness):
      fill.extent = extent
      fill.length = extent.range.length
      store(fill, freshness, head: head, bytes: bytes)
    }
  }

  /// Media up to this length is fetched whole, whatever part of it is wanted first.
  private var lengthOfShort: UInt64 {
    min(CacheLimits.completedBytes, UInt64(worker.node.snapshot.cache.objectBytesMax))
  }

  /// Long media that a volume keeps is fetched in slices from then on, for pieces are not written
  /// to volumes.
  private func maySlice(
    _ extent: PieceExtent, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    let node = worker.node
    guard node.disk.hasVolumes, extent.length <= UInt64(node.snapshot.cache.objectBytesMax),
      extent.range.first / CacheLimits.firstRangeBytes < UInt64(UInt32.max),
      let tag = head.fields.first(.etag)
    else { return false }
    return isStrong(bytes.slice(tag))
  }

  private func fetchSlice(_ fill: Fill, of extent: PieceExtent) {
    let unit = CacheLimits.firstRangeBytes
    fill.part = nil
    worker.node.table.becomeWhole(fill.object)
    askInstead(
      fill, SliceOrder(unit: unit, part: UInt32(extent.range.first / unit), parent: nil))
  }

  /// Ranges are of no use: the same Fill asks once more, for the whole.
  func fetchWhole(_ fill: Fill) {
    let table = worker.node.table
    fill.part = nil
    table.becomeWhole(fill.object)
    table.forgetPieces(of: fill.object)
    cancelFetch(fill)
    fetchAgain(fill, .none)
  }

  /// The range lies beyond the end: whoever asked for it is told what the origin says of it.
  private func relayUnsatisfied(
    _ fill: Fill, _ part: PartRequest, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    let worker = worker
    worker.node.table.forgetPieces(of: fill.object)
    guard !part.isTrimmed else { return release(fill) }
    // Others wait for it who want other ranges: it is for its initiator alone.
    relay(fill, head, bytes, isForAll: !part.isFirst)
  }

  /// Whoever waits is told what the origin says, and nothing of it is stored.
  func relay(
    _ fill: Fill, _ head: borrowing ResponseHead, _ bytes: Span<UInt8>, isForAll: Bool = true
  ) {
    fill.head = StoredHead(passing: head, bytes: bytes, received: worker.loop.wall)
    fill.isRelayed = isForAll
    fill.keepAtMost = 0
    admit(fill)
  }

  /// Everybody who waits looks again.
  func release(_ fill: Fill) {
    let worker = worker
    cancelFetch(fill)
    worker.node.table.detach(fill.object)
    fill.object.release()
    finish(fill)
    wake(fill.object, fill.object.body.wakeAll())
  }

  /// A 304: the stored pieces are fresh again, for everybody who waited.
  private func refreshPiece(
    _ fill: Fill, _ old: CachedObject, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    let worker = worker
    let decision = CachingDecision.refresh(
      head, bytes: bytes, previous: old.freshness, facts: facts(fill))
    guard case .store(let freshness) = decision,
      old.isConfirmed(by: head, bytes: bytes, now: worker.loop.wall.seconds)
    else {
      worker.node.table.forgetPieces(of: fill.object)
      return release(fill)
    }
    // The fetch ends by itself, for a 304 has no body, and its connection is kept.
    finish(fill)
    let refreshed = CachedObject(
      refreshing: old,
      head: StoredHead(old.head, updatedBy: head, bytes: bytes, now: worker.loop.wall),
      freshness: freshness, arrival: fill.arrival, filledSequence: fill.object.filledSequence)
    worker.telemetry.add(to: .fillsRevalidated)
    worker.node.table.completePiece(fill.object, with: refreshed)
    wake(fill.object, fill.object.body.wakeAll())
  }
}
