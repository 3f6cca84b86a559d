internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// The head of a Fill's answer: what it means for those who wait, and whether the body is kept.
extension FillRunner {
  /// Decides once, when the head is here.
  func answered(_ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>) {
    fill.length = FillRunner.length(of: head.framing)
    if let wanted = fill.order.resumes, !FillRunner.continues(wanted, head, bytes) {
      return refuseRest(fill)
    }
    if head.status == 304, !fill.isConditional { return refuseAnswer(fill) }
    if fill.order.isPass { return passOn(fill, head: head, bytes: bytes) }
    if asksTwin(fill, insteadOf: head.status) || asksOn(fill, insteadOf: head.status) { return }
    let asksForRange = fill.part != nil || fill.assembly != nil || fill.slice != nil
    if head.status == 206, !asksForRange { return refuseAnswer(fill) }
    fill.kind = kind(of: head, bytes: bytes, path: fill.order.path)
    if let assembly = fill.assembly, !isNewWhole(fill, assembly, head: head, bytes: bytes) {
      return
    }
    if let slice = fill.slice, !isUnsliced(fill, slice, head: head, bytes: bytes) { return }
    if let part = fill.part, !isWhole(fill, part, head: head, bytes: bytes) { return }
    if head.status == 304 {
      if let old = fill.object.fallback { return refresh(fill, old, head: head, bytes: bytes) }
      return takeSibling(fill, head: head, bytes: bytes)
    }
    let now = worker.loop.now
    if OriginError.isOne(status: head.status), let old = fill.object.fallback,
      old.mayServeOnError(at: now)
    {
      return serveStale(fill, status: head.status)
    }
    switch CachingDecision.make(head, bytes: bytes, facts: facts(fill)) {
    case .doNotStore(_, let remember):
      noteSegment(fill, status: head.status, lifetime: .zero)
      doNotStore(fill, head: head, bytes: bytes, remember: remember)
    case .store where isClock(fill):
      doNotStore(fill, head: head, bytes: bytes, remember: PolicyLimits.uncacheableMemory)
    case .store(let freshness):
      noteSegment(fill, status: head.status, lifetime: freshness.lifetime)
      // Not yet there, or cancelled: a moment later it may be there.
      if head.status >= 400, fill.order.isNamedPart { return relay(fill, head, bytes) }
      store(fill, freshness, head: head, bytes: bytes)
    }
  }

  func facts(_ fill: Fill) -> DecisionFacts {
    let loop = worker.loop
    return DecisionFacts(
      hasAuthorization: fill.order.hasAuthorization, rule: fill.order.rule, kind: fill.kind,
      isBlockingReload: fill.order.reload != nil, delay: loop.now - fill.started, now: loop.wall,
      jitter: random.next())
  }

  /// Whether an answer is exactly the rest that was asked for: RFC 9110 section 15.3.7.
  static func continues(
    _ wanted: (offset: UInt64, entityTag: [UInt8]), _ head: borrowing ResponseHead,
    _ bytes: Span<UInt8>
  ) -> Bool {
    guard head.status == 206, let field = head.fields.first(.contentRange),
      let range = ContentRange(bytes.slice(field)), let tag = head.fields.first(.etag)
    else { return false }
    return range.range?.first == wanted.offset
      && EntityTag.strongMatch(bytes.slice(tag), wanted.entityTag.span)
  }

  /// Another version, or no ranges: what the viewer has cannot be completed.
  func refuseRest(_ fill: Fill) {
    cancelFetch(fill)
    breakOff(fill)
  }

  /// A 304 to a request without a condition, or a 206 to one without a range, answers nothing: an
  /// error of the origin's.
  private func refuseAnswer(_ fill: Fill) {
    cancelFetch(fill)
    failed(fill, FetchFailure(kind: .badHead, server: fill.object.server, headGiven: false))
  }

  /// The answer may not be shared: everybody who waits is released at once.
  ///
  /// Its initiator may have it where nothing of his request was left out of the Fill's.
  func doNotStore(
    _ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>, remember: Milliseconds
  ) {
    let worker = worker
    worker.node.table.rememberPass(fill.object, until: worker.loop.now + remember)
    forgetOnDisk(fill.object)
    let isForHim = !head.fields.has(.vary) || fill.order.forwardsFields
    if fill.order.isPlain, isForHim {
      return passBody(fill, head: head, bytes: bytes)
    }
    fill.object.release()
    cancelFetch(fill)
    finish(fill)
    wake(fill.object, fill.object.body.wakeAll())
  }

  func store(
    _ fill: Fill, _ freshness: Freshness, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    let worker = worker
    let withheld = WithheldFields.of(head, bytes: bytes, rule: fill.order.rule)
    var stored = StoredHead(
      head, bytes: bytes, received: worker.loop.wall, withheld: withheld)
    if freshness.source == .kindDefault, !head.fields.has(.cacheControl), !freshness.awaitsBody {
      stored.add(.cacheControl, "max-age=\(max(0, freshness.lifetime.count / 1000))")
    }
    if let assembly = fill.assembly {
      stored = StoredHead(
        assembly.view.lead.head, updatedBy: head, bytes: bytes, now: worker.loop.wall)
    }
    rewriteLocation(of: &stored, fill)
    fill.head = fill.extent == nil ? stored : stored.ofWhole
    fill.freshness = freshness
    fill.tags = StoredHead.tags(of: head, bytes: bytes)
    if !fill.order.isPass, !enterVariant(fill, variation(fill, head, bytes)) {
      return doNotStore(
        fill, head: head, bytes: bytes, remember: PolicyLimits.uncacheableMemory)
    }
    let isAll = head.status == 200 || fill.assembly != nil || fill.extent?.isWhole ?? false
    let isWhole = !head.fields.has(.contentEncoding) && isAll
    let path = fill.order.path
    let directory = ContainerTrust.directory(
      ofPath: path.span, site: UInt64(fill.object.site))
    let origin = fill.order.fetch.originIndex
    if isWhole, trust.isChecked(directory: directory, now: worker.loop.now),
      worker.node.streams.switches.isOn(.seal, origin: origin)
    {
      fill.container = ContainerCheck()
    }
    fill.holdsHead =
      fill.isManifest && isWhole && fill.extent == nil && fill.assembly == nil
      && (fill.length ?? 0) <= DeliveryLimits.playlistBytes
      && !(fill.manifest?.isTooLong ?? false)
    fill.keepAtMost = UInt64(worker.node.snapshot.cache.memoryObjectBytesMax)
    if fill.isManifest, head.status == 200, !fill.holdsHead, rewrites(fill) {
      worker.telemetry.add(to: .rewritesRefused)
    }
    if fill.holdsHead, !fill.order.isPass || rewrites(fill) { return beginGathering(fill) }
    admit(fill)
  }

  /// What the answer varies by, as the rule of its path reads it.
  func variation(
    _ fill: Fill, _ head: borrowing ResponseHead, _ bytes: Span<UInt8>
  ) -> Variation {
    let rule = fill.order.rule
    return VaryRule.read(
      head, bytes: bytes, negotiation: fill.order.fetch.snapshot.negotiation(of: rule),
      ignoring: rule.ignores)
  }

  /// The head that the origin was really asked with.
  ///
  /// A rule that was not known when the Fill was ordered names fields that were left out, so the
  /// answer is for a request without them, whoever caused it.
  private func askedHead(_ fill: Fill) -> [UInt8] {
    let order = fill.order.fetch
    var asked: [UInt8] = []
    order.request.appendHead(
      to: &asked, server: order.snapshot.origins[order.originIndex].servers[0], condition: .none)
    return asked
  }

  /// Moves the object to the variant that its request asked for; from a variant to its key, where
  /// the answer varies no more.
  func enterVariant(_ fill: Fill, _ variation: Variation) -> Bool {
    let worker = worker
    guard case .rule(let rule) = variation else {
      return worker.node.table.enterVariant(
        fill.object, rule: .everybody, variant: fill.object.primary) == .entered
    }
    var parser = RequestHeadParser()
    var request = RequestHead()
    var scratch: [UInt8] = []
    let kept = fill.object.vary == rule ? fill.order.requestHead : askedHead(fill)
    do throws(HeadError) {
      guard try parser.parse(kept.span, into: &request) != nil else {
        return false
      }
    } catch {
      return false
    }
    let variant = rule.variantKey(
      of: fill.object.primary, head: request, bytes: kept.span,
      isIdentityOnly: fill.object.isIdentityOnly, scratch: &scratch)
    guard let variant else { return false }
    return worker.node.table.enterVariant(fill.object, rule: rule, variant: variant) == .entered
  }

  /// A 304: what was stale is fresh again, for everybody who waited.
  private func refresh(
    _ fill: Fill, _ old: CachedObject, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    let worker = worker
    let (decision, updated) = judgeUpdate(of: old, by: head, bytes: bytes, facts: facts(fill))
    // The fetch ends by itself, for a 304 has no body, and its connection is kept.
    finish(fill)
    guard case .store(let freshness) = decision,
      old.isConfirmed(by: head, bytes: bytes, now: worker.loop.wall.seconds)
    else {
      worker.node.table.forget(old)
      forgetOnDisk(old)
      worker.node.table.detach(fill.object)
      fill.object.release()
      return wake(fill.object, fill.object.body.wakeAll())
    }
    let refreshed = CachedObject(
      refreshing: old,
      head: updated, freshness: settled(freshness, old), arrival: fill.arrival,
      filledSequence: fill.object.filledSequence)
    worker.telemetry.add(to: .fillsRevalidated)
    worker.node.table.complete(fill.object, with: refreshed)
    updateOnDisk(refreshed)
    wake(fill.object, fill.object.body.wakeAll())
  }

  /// The lifetime of a playlist that a 304 confirmed: it has not changed for longer.
  func settled(_ freshness: Freshness, _ old: CachedObject) -> Freshness {
    guard freshness.awaitsBody || freshness.staleAwaitsBody,
      let bytes = old.body.copyWhole(atMost: DeliveryLimits.playlistBytes)
    else { return freshness }
    let key = old.keyText
    let kind = ObjectKind.guess(
      contentType: nil, path: key.span.extracting(droppingFirst: old.targetStart))
    return settle(
      freshness, bytes: bytes, kind: kind, site: old.site, lastChange: old.lastChange,
      isBlockingReload: false)
  }

  /// The origin answers with an error, and something stale may be served instead.
  func serveStale(_ fill: Fill, status: UInt16) {
    let worker = worker
    cancelFetch(fill)
    fill.object.fail(status: 502, reason: 0, answered: status)
    worker.node.table.detach(
      fill.object, retryAt: worker.loop.now + DeliveryLimits.refreshRetry)
    finish(fill)
    wake(fill.object, fill.object.body.wakeAll())
  }

  /// Reserves memory for the body; without any, tries again for a second.
  func admit(_ fill: Fill) {
    if let text = fill.manifest?.finished { return admit(fill, text) }
    let worker = worker
    switch fill.object.body.admit(length: fill.length, keepAtMost: fill.keepAtMost) {
    case .kept: break
    case .windowed:
      // It streams to those who wait and is not kept; who comes later passes.
      noteNotKept(fill)
    case .refused:
      if fill.phase == .awaitingHead {
        fill.refuseAt = worker.loop.now + DeliveryLimits.memoryWait
        fill.phase = .awaitingMemory
      }
      guard worker.loop.now < fill.refuseAt else { return refuse(fill) }
      return setTimer(fill, after: DeliveryLimits.memoryRetry)
    }
    let waited = fill.phase == .awaitingMemory
    fill.phase = .streaming
    if !fill.holdsHead { publish(fill) }
    if waited { resume(fill.object) }
  }

  /// There is no memory to keep it: whoever waits is served, whoever comes later passes.
  func noteNotKept(_ fill: Fill) {
    guard !fill.order.isPass, fill.freshness != nil else { return }
    let worker = worker
    worker.telemetry.add(to: .memoryAdmissionsRefused)
    if fill.extent != nil || fill.copies != nil {
      // A piece too large to keep says nothing about others, and what a volume has it has for all.
      worker.node.table.detach(fill.object)
    } else {
      worker.node.table.rememberPass(
        fill.object, until: worker.loop.now + DeliveryLimits.passMemory)
      followToDisk(fill)
    }
    fill.holdsHead = false
  }

  /// Memory does not keep it; a volume may, which reads it as one more follower.
  private func followToDisk(_ fill: Fill) {
    let limit = UInt64(worker.node.snapshot.cache.objectBytesMax)
    guard let freshness = fill.freshness, fill.extent == nil, !fill.holdsHead, fill.kind != .key,
      freshness.lifetime >= CacheLimits.lifetimeOnVolumeMin, !freshness.alwaysRevalidate,
      fill.length ?? 0 <= limit, fill.object.body.reaches(0)
    else { return forgetOnDisk(fill.object) }
    if !worker.node.disk.follow(fill.object, now: worker.moment) { forgetOnDisk(fill.object) }
  }

  /// Memory ended in the middle: from now on the body is a window over what passes through.
  ///
  /// Whoever waits for its length or its head is told, and without a reader the Fill ends.
  func stopKeeping(_ fill: Fill) {
    let wasHeld = fill.holdsHead
    noteNotKept(fill)
    if wasHeld { return publish(fill) }
    wake(fill.object, fill.object.body.wakeAll())
    if !fill.object.body.hasReaders { abandon(fill.object) }
  }

  func refuse(_ fill: Fill) {
    let worker = worker
    worker.telemetry.add(to: .fillsRefused)
    cancelFetch(fill)
    fill.object.fail(status: 503, reason: AccessDetail.noMemory.rawValue)
    worker.node.table.detach(fill.object)
    finish(fill)
    wake(fill.object, fill.object.body.abort())
  }

  /// Lets everybody who waits have the head.
  func publish(_ fill: Fill) {
    guard var head = fill.head else { preconditionFailure("a Fill without a head is published") }
    let isPrivate = fill.freshness == nil && !fill.isRelayed
    let extent = fill.freshness == nil ? nil : fill.extent
    if let freshness = fill.freshness {
      fill.object.settle(freshness, arrival: fill.arrival)
      if let body = fill.manifest?.finished {
        var playlist = WrittenPlaylist(
          head: head, freshness: freshness, body: body, under: fill.order.rule)
        playlist.tags = fill.tags
        worker.attachGzip(to: fill.object, &playlist)
        head = playlist.head
      }
    }
    fill.object.publish(
      head: head, length: fill.length, tags: fill.tags, isPrivate: isPrivate, extent: extent,
      originStatus: extent != nil || fill.assembly != nil ? 206 : head.status)
    if extent != nil { worker.node.table.noteVersion(of: fill.object) }
    wake(fill.object, fill.object.body.wakeAll())
    if !fill.object.body.isKept, !fill.object.body.hasReaders { abandon(fill.object) }
  }

  func kind(
    of head: borrowing ResponseHead, bytes: Span<UInt8>, path: [UInt8]
  ) -> ObjectKind {
    // The type of an error is that of its page: what was asked for only the name tells.
    guard head.status < 400, let type = head.fields.first(.contentType) else {
      return ObjectKind.guess(contentType: nil, path: path.span)
    }
    return ObjectKind.guess(contentType: bytes.slice(type), path: path.span)
  }

  static func length(of framing: BodyFraming) -> UInt64? {
    switch framing {
    case .none: 0
    case .length(let count): count
    case .chunked, .untilClose: nil
    }
  }
}
