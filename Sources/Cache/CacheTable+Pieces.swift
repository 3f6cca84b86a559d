internal import Bytes
internal import Policy
internal import Wire

// Partial content: RFC 9111 sections 3.3 and 3.4.
extension CacheTable {
  /// What a lookup finds in pieces, where neither a whole object nor its Fill is there.
  ///
  /// `nil` where pieces do not matter; the shard is locked.
  func decidePartial(
    _ entry: inout Entry, _ request: LookupRequest, variant: Hash128,
    head: borrowing RequestHead, bytes: Span<UInt8>
  ) -> Lookup? {
    guard request.ranges != .ignored, entry.current == nil, entry.filling == nil else {
      return nil
    }
    let asked = request.ranges == .whole ? nil : RangeQuestion(head, bytes: bytes)
    if let view = entry.pieces?.view {
      return decide(view, asked, &entry, request, variant).map { .partial($0) }
    }
    guard let asked, request.mayFill else { return nil }
    if request.ranges == .measured { return measure(asked, &entry, request, variant) }
    guard asked.range.count == 1 else { return .partial(.pass(hasPieces: false)) }
    return .partial(part(asked.asIs, nil, &entry, request, variant))
  }

  /// One range tells for all who ask meanwhile how long the object is.
  private func measure(
    _ asked: RangeQuestion, _ entry: inout Entry, _ request: LookupRequest, _ variant: Hash128
  ) -> Lookup? {
    guard asked.range.count == 1, let first = asked.first else { return nil }
    let running = entry.pieces?.filling.first { $0.part?.isFirst ?? false }
    if let running { return .partial(.join(running, nil)) }
    return .partial(part(first, nil, &entry, request, variant))
  }

  /// With pieces there: a hit, a question whether they are still true, or a Fill of what is
  /// missing.
  private func decide(
    _ view: PieceView, _ asked: RangeQuestion?, _ entry: inout Entry, _ request: LookupRequest,
    _ variant: Hash128
  ) -> PartialLookup? {
    let lead = view.lead
    if request.terms.hasAuthorization, !lead.freshness.isShared { return nil }
    var isFresh = false
    if case .fresh = lead.freshness.state(
      arrival: lead.arrival, now: request.now, terms: request.terms)
    {
      isFresh = true
    }
    let holds = asked?.holds(for: lead) ?? false
    if let asked, !holds, !isFresh {
      // Neither is known: whether the pieces are still true, nor which version is meant.
      guard request.mayFill else { return nil }
      guard asked.range.count == 1 else { return .pass(hasPieces: true) }
      return part(asked.asIs, nil, &entry, request, variant)
    }
    let wanted = Wanted(holds ? asked?.range : nil, length: view.length)
    if wanted.isIn(view) {
      if isFresh { return .hit(view) }
      if request.now < entry.retryAt, lead.mayServeOnError(at: request.now) { return .stale(view) }
      guard request.mayFill else { return nil }
      let validators = lead.validators
      let question = PartRequest(
        wanted.extent(of: asked), validators: validators.isEmpty ? nil : validators)
      return part(question, validators.isEmpty ? nil : view, &entry, request, variant)
    }
    guard request.mayFill else { return nil }
    return fetch(wanted, of: view, holds ? asked : nil, &entry, request, variant)
  }

  /// Fetches what is missing: all of it for what is short enough, else what is asked.
  private func fetch(
    _ wanted: Wanted, of view: PieceView, _ asked: RangeQuestion?, _ entry: inout Entry,
    _ request: LookupRequest, _ variant: Hash128
  ) -> PartialLookup {
    if view.isStrong, view.length <= request.completedBytesMax {
      return .complete(enter(&entry, request, variant, .partial, fallback: nil), view)
    }
    switch wanted {
    case .one(let range):
      guard let asked else { break }
      if view.isStrong, let missing = view.missing(in: range) {
        let rest = PartRequest(
          .closed(first: missing.first, last: missing.last),
          ifRange: view.lead.validators.entityTag, isTrimmed: true)
        return part(rest, view, &entry, request, variant)
      }
      let again = PartRequest(wanted.extent(of: asked), ifRange: asked.ifRange)
      return part(again, nil, &entry, request, variant)
    case .several where view.length > request.completedBytesMax:
      return .pass(hasPieces: true)
    case .several, .everything, .nothing: break
    }
    return .whole(enter(&entry, request, variant, .partial, fallback: nil))
  }

  /// Joins the Fill of a range, or enters the object that it will write.
  private func part(
    _ part: PartRequest, _ view: PieceView?, _ entry: inout Entry, _ request: LookupRequest,
    _ variant: Hash128
  ) -> PartialLookup {
    let pieces = entry.pieces ?? PieceSet()
    if let running = pieces.filling(part) { return .join(running, view) }
    let reason: CacheStatus.Forward =
      part.validators != nil
      ? .stale : entry.pieces == nil ? reason(entry, request, variant) : .partial
    let object = makeObject(
      request, variant, reason, fallback: part.validators == nil ? nil : view?.lead)
    object.part = part
    pieces.filling.append(object)
    entry.pieces = pieces
    return .fill(object, part, view)
  }

  /// A piece is whole: later requests may be answered from it, unless it was purged meanwhile.
  ///
  /// One that holds every byte is stored as the whole object that it is.
  func completePiece(_ piece: CachedObject) -> Bool {
    let shard = shard(of: piece.primary)
    let (isKept, old) = shard.lock.withLock { () -> (Bool, Departure?) in
      guard !piece.isPurged(by: purges), shard.isEntered(piece),
        shard.entries[piece.variant]?.current == nil
      else {
        _ = shard.withdraw(piece)
        return (false, nil)
      }
      // Its entry is not left empty in between: the rule of its key would go with it.
      _ = shard.entries[piece.variant]?.pieces?.withdraw(piece)
      piece.part = nil
      if piece.extent?.isWhole ?? false, shard.entries[piece.variant]?.filling == nil {
        return (true, shard.install(CachedObject(whole: piece)))
      }
      shard.installPiece(piece)
      return (true, nil)
    }
    piece.dropFallback()
    if let old { announce(old) }
    if isKept { trim() }
    return isKept
  }

  /// A 304 came for the Fill `object`: `refreshed` takes the place of the piece that it confirms.
  public func completePiece(_ object: CachedObject, with refreshed: CachedObject) {
    let shard = shard(of: object.primary)
    shard.lock.withLock {
      guard shard.withdraw(object), !refreshed.isPurged(by: purges),
        let old = object.fallback
      else { return }
      shard.replacePiece(old, with: refreshed)
    }
    object.refresh(with: refreshed)
    object.dropFallback()
  }

  /// The head of a piece is here: pieces of another version are not served any more.
  public func noteVersion(of piece: CachedObject) {
    let shard = shard(of: piece.primary)
    shard.lock.withLock {
      shard.dropPieces(at: piece.variant, of: piece.primary, unlikeThose: piece)
    }
  }

  /// The stored pieces of an object's variant turned out to be no good.
  public func forgetPieces(of object: CachedObject) {
    let shard = shard(of: object.primary)
    shard.lock.withLock { shard.dropPieces(at: object.variant, of: object.primary) }
  }

  /// Whether the whole of an object's variant is stored, or another Fill fetches it.
  public func hasWhole(of object: CachedObject) -> Bool {
    let shard = shard(of: object.primary)
    return shard.lock.withLock {
      let entry = shard.entries[object.variant]
      return entry?.current != nil || entry?.filling != nil
    }
  }

  /// The origin answered a range with something else: it is for everybody who asks for the key.
  public func becomeWhole(_ object: CachedObject) {
    let shard = shard(of: object.primary)
    shard.lock.withLock {
      object.part = nil
      guard var entry = shard.entries[object.variant], let pieces = entry.pieces,
        pieces.withdraw(object)
      else { return }
      entry.enter(object)
      entry.settlePieces()
      shard.put(entry, at: object.variant, of: object.primary)
    }
  }
}
