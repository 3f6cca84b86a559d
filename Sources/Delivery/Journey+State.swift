internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Playlists that are asked for with delivery directives (RFC 8216bis section 6.2.5).
extension Worker {
  /// Whether a playlist is asked for with delivery directives.
  func asksForState(_ exchange: Exchange) -> Bool {
    let kept = exchange.savedHead
    let bytes = kept.span
    let query = bytes.slice(head.target.query)
    var arguments = Arguments(query.wholeRange)
    while let argument = arguments.next(in: query) {
      guard query.slice(argument.name).hasPrefix("_HLS_") else { continue }
      return ObjectKind.guess(contentType: nil, path: bytes.slice(head.target.path)) == .playlist
    }
    return false
  }

  /// Looks for the state of a playlist that is asked for, under whatever key it is stored; else
  /// under its own, written one way, so that all who wait for it wait for one Fill.
  ///
  /// Next: as `lookUp`; `shorten` in front of `open`; `record` after a refusal.
  func lookUpState(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ made: CacheKey
  ) -> Step {
    let text = key
    let query = RenditionName.query(of: text.span)
    let reload: BlockingReload
    do throws(BlockingReload.Fault) {
      reload = try BlockingReload.read(query)
    } catch {
      return refuseReload(exchange, viewer, "The delivery directives of the query are wrong.")
    }
    let kept = exchange.savedHead
    let known = node.streams.known(
      kept.span.slice(head.target.path), site: exchange.site,
      name: RenditionName.hash(ofKey: text.span))
    var asked = reload
    if let known {
      switch known.verdict(of: reload, at: loop.now) {
      case .tooFarAhead:
        return refuseReload(exchange, viewer, "The playlist is far from what is asked for.")
      case .ignore: asked = BlockingReload()
      case .wait: asked = reload.normalized(for: known.text)
      case .answer:
        asked = reload.normalized(for: known.text)
        let newest = made.with(query: known.key.canonical(query), in: &key)
        if table.isFresh(newest.hash, at: loop.now) {
          asked = known.key
          telemetry.add(to: .reloadsFromState)
        }
      }
    }
    let state = made.with(query: asked.canonical(query), in: &key)
    let step = askTable(exchange, viewer, state)
    guard let skip = reload.skip, known?.allowsDelta(at: loop.now) ?? true,
      step == .open || step == .follow
    else { return step }
    exchange.skip = skip
    return step == .open ? .shorten : step
  }

  private func refuseReload(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ reason: StaticString
  ) -> Step {
    telemetry.add(to: .requestBadReload)
    exchange.detail = .badReload
    return refuseUnread(exchange, viewer, status: 400, reason)
  }

  /// Puts a delta update in place of the full playlist, if one can be made of it.
  ///
  /// It is stored beside the full playlist for as long, so that one is made of each, and later
  /// requests find it at once.
  /// Next: `open`.
  func shorten(_ exchange: Exchange) -> Step {
    guard let skip = exchange.skip else { return .open }
    exchange.skip = nil
    let full = withObject(exchange) { $0 }
    guard full.status == 200, !full.isPrivate, full.vary == nil, full.body.phase == .whole else {
      return .open
    }
    let text = full.keyText
    var query = [UInt8](copying: RenditionName.query(of: text.span))
    if !query.isEmpty { query.append(UInt8(ascii: "&")) }
    query += Array(skip.argument.utf8)
    let key = Worker.key(of: full, query: query)
    var version = table.version(of: key.hash)
    var stored = storedDelta(key, exchange)
    if stored == nil, makeDelta(of: full, skip, query, exchange.rule) {
      version = table.version(of: key.hash)
      stored = storedDelta(key, exchange)
    }
    guard let delta = stored else { return .open }
    leave(exchange)
    exchange.hold = exchange.terms.isNone ? front.hold(delta, version: version) : .none
    if exchange.hold == .none {
      delta.count(hits: 1)
      exchange.object = delta
    }
    return .open
  }

  private func storedDelta(_ key: CacheKeyText, _ exchange: Exchange) -> CachedObject? {
    var terms = ReuseTerms.none
    terms.onlyIfCached = true
    let request = LookupRequest(
      key: key, worker: index, exchange: exchange.id, now: loop.now, terms: terms,
      isIdentityOnly: true)
    let kept = exchange.savedHead
    guard
      case .hit(let object) = table.lookUp(
        request, head: head, bytes: kept.span, scratch: &variantScratch)
    else { return nil }
    return object
  }

  private func makeDelta(
    of full: CachedObject, _ skip: DeltaUpdate.Skip, _ query: [UInt8], _ rule: Rule
  ) -> Bool {
    guard let bytes = full.body.copyWhole(atMost: DeliveryLimits.playlistBytes),
      let text = PlaylistText.read(bytes.span), let update = DeltaUpdate.of(text, skip: skip)
    else { return false }
    var delta = WrittenPlaylist(
      head: full.head, freshness: full.freshness, body: update.write(), under: rule)
    delta.head.becomeRewritten(delta.body)
    delta.query = query
    delta.arrival = full.arrival
    delta.tags = full.tags
    guard store(delta, beside: full) else { return false }
    telemetry.add(to: .deltaUpdatesMade)
    return true
  }
}
