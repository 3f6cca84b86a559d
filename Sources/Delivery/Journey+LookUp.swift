internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

extension Worker {
  /// Asks the cache: first the worker's own front table, then the node's.
  ///
  /// Requests with terms of their own (RFC 9111 sections 3.5 and 5.2.1) ask the node's alone.
  /// Next: `open` with an object that may be used, `follow` behind a Fill, `pass`.
  func lookUp(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    let kept = exchange.savedHead
    let bytes = kept.span
    let made: CacheKey
    do throws(CacheKeyError) {
      made = try CacheKey.make(
        snapshot: snapshot, rule: exchange.rule, path: bytes.slice(head.target.path),
        query: bytes.slice(head.target.query), hasQuery: head.target.hasQuery,
        after: keyStart(of: exchange, bytes.slice(head.target.host)), in: &key)
    } catch {
      return goAlone(exchange, viewer, .bypass)
    }
    guard exchange.terms.isNone else {
      return asksForState(exchange)
        ? lookUpState(exchange, viewer, made) : askTable(exchange, viewer, made)
    }
    let hold = front.find(
      primary: made.hash, key: key, table: table, head: head, bytes: bytes,
      now: loop.now, scratch: &variantScratch)
    if hold != .none {
      exchange.hold = hold
      exchange.cache = .hit
      return .open
    }
    if head.target.hasQuery, asksForState(exchange) { return lookUpState(exchange, viewer, made) }
    return askTable(exchange, viewer, made)
  }

  /// Where the target begins in `key`, which another host's exchange may have written meanwhile.
  func keyStart(of exchange: Exchange, _ host: Span<UInt8>) -> Int {
    if lastSite != exchange.site || !isLastHost(host) { _ = findSite(host) }
    return targetStart
  }

  /// What is stored is fresh; without a hold the exchange keeps it itself.
  private func hit(_ object: CachedObject, _ exchange: Exchange) -> Step {
    exchange.cache = .hit
    if exchange.hold == .none {
      object.count(hits: 1)
      exchange.object = object
    }
    return .open
  }

  func askTable(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ made: CacheKey
  ) -> Step {
    let version = table.version(of: made.hash)
    // A player's HEAD is soon followed by a GET and fetches the object; anybody else's goes on as
    // it is: a monitor must not fetch gigabytes.
    let isForStreams = isIdentityOnly(exchange)
    let request = LookupRequest(
      key: CacheKeyText(
        hash: made.hash, text: key, targetStart: made.targetStart, site: exchange.site),
      worker: index, exchange: exchange.id, now: loop.now, terms: exchange.terms,
      isIdentityOnly: isForStreams, forwardsHead: exchange.method == .head && !isForStreams,
      ranges: rangeUse(exchange, isForStreams: isForStreams),
      keepAtMost: UInt64(snapshot.cache.objectBytesMax))
    let kept = exchange.savedHead
    let lookup = table.lookUp(
      request, head: head, bytes: kept.span, scratch: &variantScratch)
    exchange.lookUps += 1
    switch lookup {
    case .hit(let object):
      let isHeld = exchange.terms.isNone
      exchange.hold = isHeld ? front.hold(object, version: version) : .none
      return hit(object, exchange)
    case .hitOnce(let object): return hit(object, exchange)
    case .stale(let object, let refresh):
      exchange.cache = .stale
      object.count(hits: 1)
      exchange.object = object
      if let refresh { startFill(refresh, exchange, made) }
      return .open
    case .busy(let object):
      exchange.bursts = asksForPart(exchange)
      telemetry.add(to: .fillJoins)
      exchange.cache = .joined
      exchange.forward = object.reason
      exchange.isCollapsed = true
      return join(object, exchange)
    case .miss(let object), .expired(let object):
      exchange.cache = .miss
      exchange.forward = object.reason
      startFill(object, exchange, made)
      return join(object, exchange)
    case .partial(let partial):
      return lookedUp(partial, exchange, viewer, made)
    case .pass:
      return goAlone(exchange, viewer, .miss, detail: .uncacheable)
    case .absent(let reason, let fallback, let variant):
      if !exchange.askedDisk, fallback == nil, node.disk.mayHold(variant) {
        return askDisk(exchange, request, variant)
      }
      if !exchange.terms.onlyIfCached { exchange.fallback = fallback }
      return goAlone(exchange, viewer, reason)
    }
  }

  /// No Fill may stand for the request, but a volume may hold what it wants.
  private func askDisk(
    _ exchange: Exchange, _ request: LookupRequest, _ variant: Hash128
  ) -> Step {
    exchange.askedDisk = true
    let object = table.makeQuestion(request, variant: variant)
    let next = join(object, exchange)
    fills.askDisk(for: object)
    return next
  }

  /// Nothing that is stored will do, and no Fill is started for this request: it passes, unless it
  /// wanted only what is stored.
  func goAlone(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ reason: CacheStatus.Forward,
    detail: CacheStatus.Detail = .none
  ) -> Step {
    if exchange.terms.onlyIfCached { return refuse504(exchange, viewer) }
    exchange.cache = .pass
    exchange.forward = reason
    exchange.forwardDetail = detail
    return .pass
  }

  /// Playlists, manifests and media are fetched uncompressed: they are read, and sent by range.
  func isIdentityOnly(_ exchange: Exchange) -> Bool {
    OriginRequest.isIdentityOnly(namedKind(exchange))
  }

  /// The kind of object that its path names.
  func namedKind(_ exchange: Exchange) -> ObjectKind {
    let kept = exchange.savedHead
    return ObjectKind.guess(contentType: nil, path: kept.span.slice(head.target.path))
  }

  /// Whether its path names a playlist or manifest.
  func namesManifest(_ exchange: Exchange) -> Bool {
    let kind = namedKind(exchange)
    return kind.isPlaylist || kind == .dashManifest
  }

  /// Orders the Fill of an object that was just entered, on the worker that owns its key.
  func startFill(
    _ object: CachedObject, _ exchange: Exchange, _ made: CacheKey, part: PartRequest? = nil,
    completes: PieceView? = nil
  ) {
    exchange.bursts = asksForPart(exchange)
    let text = key
    let kept = exchange.savedHead
    let order = FillOrder(
      shared: object, target: text.span.extracting(droppingFirst: made.targetStart), head: head,
      bytes: kept.span, rule: exchange.rule, mayBeHeld: exchange.bursts, part: part,
      completes: completes, slice: firstSlice(exchange), snapshot: snapshot)
    tell(object.owner, .startFill(order))
  }

  /// Whether a playlist has named what is asked as a part (by file, or by byte range).
  func asksForPart(_ exchange: Exchange) -> Bool {
    let kept = exchange.savedHead
    var start: UInt64 = 0
    if let field = head.fields.first(.range), let range = RangeRequest(kept.span.slice(field)),
      case .closed(let first, _) = range.extent
    {
      start = first
    }
    return node.parts.contains(
      site: exchange.site, path: kept.span.slice(head.target.path), start: start)
  }

  /// Becomes a reader of an object whose Fill is under way.
  func join(_ object: CachedObject, _ exchange: Exchange) -> Step {
    object.body.join()
    exchange.isFollowing = true
    exchange.isForwarded = true
    exchange.skip = nil
    exchange.object = object
    return .follow
  }
}
