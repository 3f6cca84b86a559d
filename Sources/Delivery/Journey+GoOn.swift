internal import Bytes
internal import Cache
internal import Origin
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// A reader that fell out of the window of an object that is not kept goes on alone: it asks the
  /// origin for the rest, by Range and If-Range under the strong validator of what it has sent.
  ///
  /// Without such a validator, or a second time, the transfer is aborted: never stitched.
  func goOnAlone(_ exchange: Exchange, _ viewer: ViewerConnection) -> Bool {
    guard let old = exchange.object, !old.isPrivate, old.status == 200, exchange.bodyStart == 0,
      exchange.plan == nil,
      exchange.chunkLeft == 0, old.validators.isStrong
    else { return false }
    readAgain(exchange)
    let kept = exchange.savedHead
    let rest = CachedObject(
      key: CacheKeyText(
        hash: old.primary, text: old.keyText, targetStart: old.targetStart, site: old.site),
      owner: index, body: Body(arena: node.arena), filledSequence: 0, initiator: exchange.id,
      fallback: nil, isIdentityOnly: old.isIdentityOnly)
    let order = FillOrder(
      resuming: rest, of: old, from: exchange.offset, head: head, bytes: kept.span,
      rule: exchange.rule, snapshot: snapshot)
    leave(exchange)
    _ = join(rest, exchange)
    exchange.bodyStart = exchange.offset
    fills.start(order)
    exchange.step = rejoin(exchange, viewer)
    return true
  }

  /// Waits until the origin has agreed to send the rest.
  ///
  /// Next: `deliver`; `idle` when it did not, the connection is then reset.
  func rejoin(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    guard let object = exchange.object else {
      preconditionFailure("an exchange goes on without an object")
    }
    object.body.waitForChange(worker: index)
    switch object.progress {
    case .awaitingHead:
      return park(exchange, viewer, behind: object, resume: .rejoin)
    case .following:
      return .deliver
    case .released, .refreshed, .failed, .found:
      exchange.detail = .lapped
      exchange.isAborted = true
      telemetry.add(to: .responseAbortedByEdge)
      finishAborted(exchange, viewer)
      return .idle
    }
  }
}
