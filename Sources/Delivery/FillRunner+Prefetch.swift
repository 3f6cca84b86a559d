internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// What a live playlist names anew is fetched before viewers learn of it: so an origin that dies
// takes nothing with it that a viewer was told of. It moves requests and adds none: whoever reads
// the playlist asks for the segment next.
extension FillRunner {
  /// Fetches what is new in a playlist of the present server, then goes on to judge it.
  func awaitSegments(_ fill: Fill, _ sighting: PlaylistSighting) {
    guard let manifest = fill.manifest else { return }
    if manifest.isLastResort { return judge(fill) }
    let uris = worker.node.streams.unseen(sighting, of: question(fill))
    for uri in uris {
      if let object = prefetch(uri, from: fill) { manifest.awaited.append(object) }
    }
    let index = worker.index
    for object in manifest.awaited {
      object.body.waitForChange(worker: index)
      awaiting[ObjectIdentifier(object), default: []].append(fill.object)
    }
    if hasSegments(fill) { return judge(fill) }
    fill.phase = .awaitingSegments
    let target = sighting.text.targetDuration.count
    setTimer(fill, after: Milliseconds(min(DeliveryLimits.segmentWait.count, target / 2)))
  }

  /// An object that a playlist may be waiting for has come further.
  func grew(_ object: CachedObject) {
    guard let waiting = awaiting[ObjectIdentifier(object)] else { return }
    for playlist in waiting {
      guard let fill = fill(of: playlist), fill.phase == .awaitingSegments else { continue }
      if hasSegments(fill) {
        worker.loop.timers.cancel(fill.timer)
        forgetTimer(fill.timerNumber)
        judge(fill)
      } else if object.body.phase == .filling {
        object.body.waitForChange(worker: worker.index)
      }
    }
  }

  /// Whether everything that a playlist waits for is there, or will not come.
  ///
  /// What will not come because its server died is not named to viewers at all.
  private func hasSegments(_ fill: Fill) -> Bool {
    guard let manifest = fill.manifest else { return true }
    for object in manifest.awaited where isLost(object) {
      manifest.poll.withdrawLast()
      manifest.candidates.removeLast()
      return true
    }
    return manifest.awaited.allSatisfy { object in
      switch object.progress {
      case .awaitingHead: false
      case .following: object.body.phase != .filling
      case .released, .refreshed, .failed, .found: true
      }
    }
  }

  /// What its server does not have, for whatever reason, is another's to name.
  private func isLost(_ object: CachedObject) -> Bool {
    object.progress == .failed && object.failure != 503 || object.body.phase == .aborted
      || object.status == 404 || object.status == 410
  }

  func forgetAwaited(_ fill: Fill) {
    guard let manifest = fill.manifest, !manifest.awaited.isEmpty else { return }
    for object in manifest.awaited {
      let name = ObjectIdentifier(object)
      awaiting[name]?.removeAll { $0 === fill.object }
      if awaiting[name]?.isEmpty ?? false { awaiting[name] = nil }
    }
    manifest.awaited = []
  }

  /// Starts the Fill of a segment that nobody has asked for yet.
  ///
  /// - Returns: The object that is being fetched; `nil` where it is there, or is none of ours.
  private func prefetch(_ uri: [UInt8], from fill: Fill) -> CachedObject? {
    guard let request = request(for: uri, from: fill) else { return nil }
    let worker = worker
    var scratch: [UInt8] = []
    let lookUp = LookupRequest(
      key: request.key, worker: worker.index, exchange: worker.newExchangeID(),
      now: worker.loop.now, terms: .none, isIdentityOnly: true,
      keepAtMost: UInt64(worker.node.snapshot.cache.objectBytesMax))
    let text = request.head
    var parser = RequestHeadParser()
    var head = RequestHead()
    do throws(HeadError) {
      guard try parser.parse(text.span, into: &head) != nil else { return nil }
    } catch {
      return nil
    }
    switch worker.node.table.lookUp(lookUp, head: head, bytes: text.span, scratch: &scratch) {
    case .busy(let object): return object
    case .miss(let object), .expired(let object):
      let key = request.key.text
      let order = FillOrder(
        shared: object, target: key.span.extracting(droppingFirst: request.key.targetStart),
        head: head, bytes: text.span, rule: request.rule, mayBeHeld: false,
        snapshot: fill.order.fetch.snapshot)
      worker.telemetry.add(to: .fillsPrefetched)
      worker.tell(object.owner, .startFill(order))
      return object
    // That it is not there is remembered for a moment.
    case .hit(let object), .hitOnce(let object): return object.status >= 400 ? object : nil
    case .stale, .partial, .pass, .absent: return nil
    }
  }

  /// Whether what a URI of a playlist names can be had without its origin.
  func isHeld(_ uri: [UInt8], from fill: Fill) -> Bool {
    guard let request = request(for: uri, from: fill) else { return true }
    return worker.node.table.holds(request.key.hash)
      || worker.node.disk.mayHold(request.key.hash)
  }

  /// The request that a player of this playlist would make for one of its URIs.
  private func request(
    for uri: [UInt8], from fill: Fill
  ) -> (key: CacheKeyText, head: [UInt8], rule: Rule)? {
    let kept = fill.order.requestHead
    var asked = RequestHead()
    guard readRequest(fill, into: &asked) else { return nil }
    var target: [UInt8] = []
    let isSecure = asked.target.form == .absolute && asked.target.isSecure
    guard
      Reference.resolve(
        uri.span, against: asked.target, in: kept.span, isSecure: isSecure, into: &target)
    else { return nil }
    let host = kept.span.slice(asked.target.host)
    guard let (key, rule) = key(of: target, host: host, fill), !rule.bypass,
      !rule.isSession(of: ObjectKind.guess(contentType: nil, path: target.span)),
      rule.sliceBytes == 0
    else { return nil }
    var head = Array("GET ".utf8)
    head += target
    head += Array(" HTTP/1.1\r\nHost: ".utf8)
    head.append(copying: host)
    head += Array("\r\n\r\n".utf8)
    return (key, head, rule)
  }

  /// The key of a target of the same site and host.
  func key(
    of target: [UInt8], host: Span<UInt8>, _ fill: Fill
  ) -> (key: CacheKeyText, rule: Rule)? {
    let snapshot = fill.order.fetch.snapshot
    let site = fill.object.site
    let text = target.span
    let question = target.firstIndex(of: UInt8(ascii: "?"))
    let path = text.extracting(0..<(question ?? target.count))
    let rule = snapshot.rule(site: site, path: path)
    var key: [UInt8] = []
    do throws(CacheKeyError) {
      let made = try CacheKey.make(
        snapshot: snapshot, site: site, rule: rule, host: host, path: path,
        query: text.extracting((question.map { $0 + 1 } ?? target.count)..<target.count),
        hasQuery: question != nil, into: &key)
      return (
        CacheKeyText(hash: made.hash, text: key, targetStart: made.targetStart, site: site), rule
      )
    } catch {
      return nil
    }
  }
}
