internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Wire

// A Fill that completes stored pieces: what is there is copied, what is missing is fetched by Range
// and If-Range, in order. Whoever follows it sees one growing Body, all of one version or cut.
extension FillRunner {
  /// Looks at the head of the answer for a gap; `true` where it goes on as that of any Fill.
  func isNewWhole(
    _ fill: Fill, _ assembly: Assembly, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    guard let gap = assembly.gap else { preconditionFailure("an answer came without a gap") }
    if let extent = assembly.request(for: gap).extent(of: head, bytes: bytes),
      extent.length == assembly.view.length, head.framing == .length(extent.range.length),
      let tag = head.fields.first(.etag),
      EntityTag.strongMatch(bytes.slice(tag), assembly.view.lead.validators.entityTag.span)
    {
      var next = assembly
      next.gap = extent.range
      next.isAnswered = true
      fill.assembly = next
      confirm(fill, head: head, bytes: bytes)
      return false
    }
    if !OriginError.isOne(status: head.status) { worker.node.table.forgetPieces(of: fill.object) }
    if assembly.isConfirmed {
      // What the viewers have is of a version that is gone: never mixed.
      cancelFetch(fill)
      breakOff(fill)
      return false
    }
    fill.assembly = nil
    guard head.status == 206 || head.status == 416 else { return true }
    cancelFetch(fill)
    fetchAgain(fill, .none)
    return false
  }

  /// The version is confirmed: the head is decided on once, then bytes move.
  private func confirm(_ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>) {
    guard let assembly = fill.assembly, !assembly.isConfirmed else { return pump(fill) }
    switch CachingDecision.makeOfPiece(head, bytes: bytes, facts: facts(fill)) {
    case .doNotStore(_, let remember):
      worker.node.table.rememberPass(fill.object, until: worker.loop.now + remember)
      forgetOnDisk(fill.object)
      release(fill)
    case .store(let freshness):
      fill.assembly?.isConfirmed = true
      fill.length = assembly.view.length
      store(fill, freshness, head: head, bytes: bytes)
      pump(fill)
    }
  }

  /// Moves what can be moved now: copies at most a turn's share, then lets bytes come or asks for
  /// more of them.
  func pump(_ fill: Fill) {
    var budget = DeliveryLimits.bytesPerTurn
    while fill.phase == .streaming, let assembly = fill.assembly {
      if assembly.room > 0 { return resumeFetch(fill) }
      if let gap = assembly.gap, assembly.position >= gap.first {
        // Its bytes are here and its end is not, or its answer is still to come.
        return
      }
      guard let source = assembly.source else { return }
      let room = fill.object.body.room
      if fill.object.body.gaveUpKeeping() { stopKeeping(fill) }
      guard room > 0 else { return }
      guard budget > 0 else {
        // The others of this worker get their turn first.
        return worker.node.mailboxes[worker.index].post(.roomMade(fill.object))
      }
      let count = copy(source, into: fill, limit: min(budget, room))
      budget -= count
      if endsAssembly(fill) { return }
    }
  }

  /// Copies a run of bytes; returns how many.
  private func copy(
    _ source: (object: CachedObject, range: ResolvedRange), into fill: Fill, limit: Int
  ) -> Int {
    guard let start = source.object.extent?.range.first else {
      preconditionFailure("a whole object is no piece")
    }
    let piece = unsafe source.object.body.next(
      offset: source.range.first - start, limit: min(limit, Int(source.range.length)),
      worker: worker.index, scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    guard case .range(let range) = piece else {
      preconditionFailure("a stored piece is not whole")
    }
    let bytes = unsafe UnsafeRawBufferPointer(
      worker.node.arena.bytes(offset: range.offset, count: range.count))
    unsafe bytes.withMemoryRebound(to: UInt8.self) {
      unsafe fill.container?.feed($0.span)
      unsafe wake(fill.object, fill.object.body.append($0.span))
    }
    fill.assembly?.position += UInt64(range.count)
    return range.count
  }

  /// After bytes came to the end of a piece: the end of all, or the next gap; `true` at the end.
  private func endsAssembly(_ fill: Fill) -> Bool {
    guard let assembly = fill.assembly else { return true }
    if assembly.position == assembly.view.length {
      ended(fill, closeDelimited: false)
      return true
    }
    guard assembly.gap == nil else { return false }
    let rest = ResolvedRange(first: assembly.position, last: assembly.view.length - 1)
    guard let gap = assembly.view.gap(in: rest) else { return false }
    guard assembly.fetches < DeliveryLimits.gapFetchesMax else {
      breakOff(fill)
      return true
    }
    fill.assembly?.gap = gap
    fill.assembly?.isAnswered = false
    fill.assembly?.fetches += 1
    let part = assembly.request(for: gap)
    fetchAgain(fill, .range(part.extent, ifRange: part.ifRange, validators: nil))
    return false
  }

  /// The bytes of a gap have all come.
  func gapEnded(_ fill: Fill, _ assembly: Assembly) {
    guard let gap = assembly.gap, assembly.position == gap.last + 1 else {
      return breakOff(fill)
    }
    fill.assembly?.gap = nil
    if !endsAssembly(fill) { pump(fill) }
  }
}
