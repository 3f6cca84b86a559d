internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// The head of an answer that passes: its viewer gets it, and what is stored may change by it.
extension FillRunner {
  /// The answer goes to its viewer alone.
  func passOn(_ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>) {
    switch fill.order.effect {
    case .none: break
    case .invalidates:
      if RequestPlan.invalidates(status: head.status) { invalidate(fill, head, bytes) }
    case .updates: updateStored(fill, head, bytes)
    case .adopts: if adopts(fill, head, bytes) { return }
    }
    if OriginError.isOne(status: head.status), let old = fill.object.fallback,
      old.mayServeOnError(at: worker.loop.now)
    {
      return serveStale(fill, status: head.status)
    }
    passBody(fill, head: head, bytes: bytes)
  }

  // MARK: RFC 9111 section 4.4

  /// What is stored of the target, and of what the answer names in the same origin, is invalid.
  private func invalidate(_ fill: Fill, _ head: borrowing ResponseHead, _ bytes: Span<UInt8>) {
    var request = RequestHead()
    guard readRequest(fill, into: &request) else { return }
    let kept = fill.order.requestHead
    let isSecure = request.target.form == .absolute && request.target.isSecure
    // The empty reference names the target itself.
    var names = [ByteRange.empty]
    if let location = head.fields.first(.location) { names.append(location) }
    if let location = head.fields.first(.contentLocation) { names.append(location) }
    for name in names {
      var target: [UInt8] = []
      let isOwn = Reference.resolve(
        bytes.slice(name), against: request.target, in: kept.span, isSecure: isSecure,
        into: &target)
      if isOwn { invalidate(fill, target, host: kept.span.slice(request.target.host)) }
    }
  }

  /// Invalidates what a GET for `target` would be answered with, by the rule of its path.
  func invalidate(_ fill: Fill, _ target: [UInt8], host: Span<UInt8>) {
    // What has no key is not stored.
    guard let key = key(of: target, host: host, fill)?.key else { return }
    worker.node.table.invalidate(key.hash, site: key.site)
  }

  // MARK: RFC 9111 section 4.3.5

  /// The answer to a HEAD updates the stored answer to a GET, or says that it is stale.
  private func updateStored(_ fill: Fill, _ head: borrowing ResponseHead, _ bytes: Span<UInt8>) {
    guard let old = selected(fill) else { return }
    let table = worker.node.table
    switch old.compare(head, bytes: bytes, now: worker.loop.wall.seconds) {
    case .saysNothing: return
    case .makesStale:
      table.update(
        old,
        with: CachedObject(
          refreshing: old, head: old.head, freshness: old.freshness.expired, arrival: old.arrival,
          filledSequence: old.filledSequence))
      forgetOnDisk(old)
    case .updates:
      fill.kind = kind(of: head, bytes: bytes, path: fill.order.path)
      let (decision, updatedHead) = judgeUpdate(
        of: old, by: head, bytes: bytes, facts: facts(fill))
      guard case .store(let freshness) = decision else {
        forgetOnDisk(old)
        return table.forget(old)
      }
      let updated = CachedObject(
        refreshing: old,
        head: updatedHead, freshness: settled(freshness, old), arrival: fill.arrival,
        filledSequence: old.filledSequence)
      table.update(old, with: updated)
      updateOnDisk(updated)
    }
  }

  /// The stored answer that a GET with the same fields would get.
  private func selected(_ fill: Fill) -> CachedObject? {
    var request = RequestHead()
    guard readRequest(fill, into: &request) else { return nil }
    let object = fill.object
    let lookUp = LookupRequest(
      key: CacheKeyText(
        hash: object.primary, text: object.keyText, targetStart: object.targetStart,
        site: object.site),
      worker: worker.index, exchange: object.initiator, now: worker.loop.now, terms: .none,
      isIdentityOnly: object.isIdentityOnly)
    var scratch: [UInt8] = []
    let kept = fill.order.requestHead
    return worker.node.table.stored(lookUp, head: request, bytes: kept.span, scratch: &scratch)
  }

  // MARK: RFC 9111 section 3.5

  /// The answer to a request with Authorization becomes everybody's, if its directives say so.
  private func adopts(_ fill: Fill, _ head: borrowing ResponseHead, _ bytes: Span<UInt8>) -> Bool {
    // A coding that no Fill would have asked for is not what others are to get.
    if fill.object.isIdentityOnly, head.fields.has(.contentEncoding) { return false }
    fill.kind = kind(of: head, bytes: bytes, path: fill.order.path)
    guard
      case .store(let freshness) = CachingDecision.make(head, bytes: bytes, facts: facts(fill))
    else { return false }
    if case .rule(let rule) = variation(fill, head, bytes) {
      var request = RequestHead()
      let kept = fill.order.requestHead
      guard readRequest(fill, into: &request),
        fill.object.becomeVariant(by: rule, of: request, bytes: kept.span)
      else { return false }
    } else if head.fields.has(.contentEncoding) {
      return false
    }
    store(fill, freshness, head: head, bytes: bytes)
    return true
  }

  /// Parses the head of the request that the viewer sent.
  func readRequest(_ fill: Fill, into request: inout RequestHead) -> Bool {
    let kept = fill.order.requestHead
    var parser = RequestHeadParser()
    do throws(HeadError) {
      return try parser.parse(kept.span, into: &request) != nil
    } catch {
      return false
    }
  }
}
