internal import Bytes
internal import Cache
internal import Policy
internal import Telemetry
internal import Wire

// Objects that are fetched in slices, each when somebody wants it.
extension Worker {
  /// The slice that a miss asks for first: that of the first byte that is wanted.
  ///
  /// How long the object is has to be learnt: who wants its end waits for the first slice too. What
  /// is read, playlists and manifests, comes whole.
  func firstSlice(_ exchange: Exchange) -> SliceOrder? {
    let unit = UInt64(exchange.rule.sliceBytes)
    guard unit > 0, exchange.method == .get || exchange.method == .head, !namesManifest(exchange)
    else { return nil }
    var first: UInt64 = 0
    let kept = exchange.savedHead
    if let field = head.fields.first(.range), !head.fields.has(.ifRange),
      let range = RangeRequest(kept.span.slice(field))
    {
      switch range.extent {
      case .closed(let start, _), .from(let start), .openEnded(let start): first = start
      case .suffix: break
      }
    }
    guard first / unit < UInt64(UInt32.max) else { return nil }
    return SliceOrder(unit: unit, part: UInt32(first / unit), parent: nil)
  }

  /// Orders the fetch of a slice, and of the one behind it if the viewer will want that too.
  func fetchSlices(of object: CachedObject, from part: UInt32, _ exchange: Exchange) {
    guard let unit = sliceUnit(of: object) else { return }
    readAgain(exchange)
    fetchSlice(part, of: object, unit: unit, exchange)
    let next = UInt64(part + 1) * unit
    if next < exchange.end, next < object.body.count, node.disk.load(object, part: part + 1) {
      fetchSlice(part + 1, of: object, unit: unit, exchange)
    }
  }

  private func fetchSlice(
    _ part: UInt32, of parent: CachedObject, unit: UInt64, _ exchange: Exchange
  ) {
    let kept = exchange.savedHead
    let key = parent.keyText
    let slice = CachedObject(
      key: CacheKeyText(
        hash: parent.primary, text: key, targetStart: parent.targetStart, site: parent.site),
      owner: parent.owner, body: Body(arena: node.arena), filledSequence: parent.filledSequence,
      initiator: exchange.id, fallback: nil, isIdentityOnly: parent.isIdentityOnly,
      variant: parent.variant)
    slice.take(variantOf: parent)
    let order = FillOrder(
      shared: slice, target: key.span.extracting(droppingFirst: parent.targetStart), head: head,
      bytes: kept.span, rule: exchange.rule, mayBeHeld: false,
      slice: SliceOrder(unit: unit, part: part, parent: parent), snapshot: snapshot)
    tell(parent.owner, .startFill(order))
  }

  private func sliceUnit(of object: CachedObject) -> UInt64? {
    object.body.file.map { $0.partBytes }
  }

  /// Whether the answer is made of slices that are not all here: then it is no hit, for the origin
  /// is asked for the rest (RFC 9211 section 2.2: `partial`).
  func notesMissingSlices(_ condition: Condition, _ exchange: Exchange) -> Bool {
    withObject(exchange) { object in
      guard let file = object.body.file, exchange.method == .get else { return false }
      let wanted: Range<UInt64>
      switch condition {
      case .full: wanted = 0..<object.body.count
      case .partial(let range): wanted = range.first..<(range.last + 1)
      case .several, .partialOpenEnded, .partialOnceLengthIsKnown, .unsatisfiable, .notModified,
        .preconditionFailed:
        return false
      }
      guard !file.holds(wanted) else { return false }
      if exchange.cache == .hit {
        exchange.cache = .miss
        exchange.isForwarded = true
        exchange.forward = .partial
      }
      return true
    }
  }
}
