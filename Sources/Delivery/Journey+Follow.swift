internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Waits for the head of a Fill, then decides whether its answer is for this exchange.
  ///
  /// The bit is set before the state is looked at, so that no change can be missed.
  /// Next: `parked` until the Fill's worker says something; `open`; `lookUp` again or `pass` when
  /// the answer turned out not to be shared; `record` after a failure.
  func follow(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    guard let object = exchange.object else {
      preconditionFailure("an exchange follows no object")
    }
    object.body.waitForChange(worker: index)
    switch object.progress {
    case .awaitingHead:
      return park(exchange, viewer, behind: object, resume: .follow)
    case .following:
      if isFor(object, exchange) {
        if hasMissed(object) { return lookAgain(exchange) }
        if object.body.phase == .aborted { return brokenOff(exchange, viewer) }
        // A part is withheld until it is whole, then sent at once; others on the same Fill stream.
        if exchange.bursts, object.body.phase == .filling, object.body.isKept {
          return park(exchange, viewer, behind: object, resume: .follow)
        }
        return exchange.skip == nil ? .open : .shorten
      }
      if object.isPrivate { telemetry.add(to: .fillWaitersReleased) }
      return lookAgain(exchange)
    case .refreshed:
      leave(exchange)
      exchange.object = object.replacement
      exchange.cache = object.isReplacementNew ? .miss : .revalidated
      exchange.forwardStatus = object.isReplacementNew ? 206 : 304
      return exchange.skip == nil ? .open : .shorten
    case .found: return lookAgain(exchange)
    case .released:
      telemetry.add(to: .fillWaitersReleased)
      return lookAgain(exchange)
    case .failed:
      return failed(object, exchange, viewer)
    }
  }

  /// Waits for the next step of an object's Fill, which resumes `step`; its bit must be set.
  func park(
    _ exchange: Exchange, _ viewer: ViewerConnection, behind object: CachedObject,
    resume step: Step
  ) -> Step {
    clearDeadline(viewer)
    followers[ObjectIdentifier(object), default: []].append(viewer.reference)
    exchange.resume = step
    exchange.outlivedTurn = true
    return .parked
  }

  /// Whether a published answer may be used by this exchange.
  private func isFor(_ object: CachedObject, _ exchange: Exchange) -> Bool {
    if object.isPrivate { return object.initiator == exchange.id }
    guard object.vary != nil else { return true }
    let kept = exchange.savedHead
    return object.matches(
      head: head, bytes: kept.span, scratch: &variantScratch)
  }

  /// Whether a shared answer that is not kept is past its beginning, or was given up for want of
  /// readers, before this exchange came to read it: its key is known to pass by now.
  private func hasMissed(_ object: CachedObject) -> Bool {
    guard !object.isPrivate, !object.body.isKept else { return false }
    return object.body.phase == .aborted || !object.body.reaches(0)
  }

  /// The answer broke off before anything of it was sent: an error can still be told.
  func brokenOff(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    leave(exchange)
    exchange.cache = .error
    exchange.detail = .truncated
    return refuseUnread(exchange, viewer, status: 502, "The origin broke off its answer.")
  }

  /// The Fill's answer was not to be shared with this exchange.
  func lookAgain(_ exchange: Exchange) -> Step {
    leave(exchange)
    exchange.hold = .none
    exchange.isForwarded = false
    exchange.isCollapsed = false
    guard exchange.lookUps < DeliveryLimits.lookUpsMax else {
      exchange.cache = .pass
      exchange.forward = .miss
      return .pass
    }
    return .lookUp
  }

  /// No server answered: the stale object if it may be used, else the error.
  private func failed(
    _ object: CachedObject, _ exchange: Exchange, _ viewer: ViewerConnection
  ) -> Step {
    let fallback = object.fallback
    leave(exchange)
    if let fallback, fallback.mayServeOnError(at: loop.now) {
      exchange.object = fallback
      exchange.cache = .stale
      exchange.forwardStatus = object.answeredFailure
      return .open
    }
    exchange.cache = .error
    exchange.detail = AccessDetail(rawValue: object.failureWord) ?? .none
    switch object.failure {
    case 400:
      return refuseUnread(exchange, viewer, status: 400, "The body is malformed or broke off.")
    case 504: return refuseUnread(exchange, viewer, status: 504, "No origin answered in time.")
    case 404 where exchange.detail == .notYet:
      return refuseUnread(exchange, viewer, status: 404, "The segment is not there yet.")
    case 404: return refuseUnread(exchange, viewer, status: 404, "It will not come any more.")
    case 503 where exchange.detail == .reloadTimeout:
      return refuseUnread(
        exchange, viewer, status: 503, "The playlist did not get so far in time.")
    case 503: return refuseUnread(exchange, viewer, status: 503, "The node is out of memory.")
    default: return refuseUnread(exchange, viewer, status: 502, "No origin gave a valid answer.")
    }
  }

  /// No longer reads the object that it followed.
  func leave(_ exchange: Exchange) {
    if let plan = exchange.plan {
      exchange.object = plan.joined
      exchange.plan = nil
    }
    guard let object = exchange.object else { return }
    exchange.object = nil
    guard exchange.isFollowing else { return }
    exchange.isFollowing = false
    switch object.body.leave() {
    case .unnoticed: break
    case .wakesWriter: tell(object.owner, .roomMade(object))
    case .last: tell(object.owner, .abandoned(object))
    }
  }

  /// Everybody here who waits for this object goes on, a turn's share at a time.
  func wakeFollowers(of object: CachedObject) {
    guard let waiting = followers.removeValue(forKey: ObjectIdentifier(object)) else { return }
    for reference in waiting {
      if let viewer = viewer(reference) { enqueue(viewer) }
    }
  }

  /// Goes on with a connection from the run queue.
  func resume(_ viewer: ViewerConnection) {
    guard let exchange = viewer.exchange else { return markDirty(viewer) }
    switch exchange.step {
    case .parked:
      exchange.step = exchange.resume
      if exchange.step != .receive { readAgain(exchange) }
      travel(viewer)
      markDirty(viewer)
    case .deliver: markDirty(viewer)
    default: travel(viewer)
    }
  }

  /// An exchange has sent all that there is so far: it waits for the writer's next step.
  func followBody(_ exchange: Exchange, _ viewer: ViewerConnection) {
    guard let object = exchange.object else {
      preconditionFailure("a whole body made its reader wait")
    }
    followers[ObjectIdentifier(object), default: []].append(viewer.reference)
  }

  /// The next bytes are not in the page cache: they are loaded, and the exchange is woken.
  ///
  /// The bit is set before the load is asked for, so that its end cannot be missed.
  func awaitDisk(_ exchange: Exchange, _ viewer: ViewerConnection, part: UInt32) {
    withObject(exchange) { object in
      object.body.waitForChange(worker: index)
      followers[ObjectIdentifier(object), default: []].append(viewer.reference)
      if node.disk.load(object, part: part) { fetchSlices(of: object, from: part, exchange) }
    }
  }

  /// An interim response of the origin goes to everybody who waits for the head.
  func passInterim(_ bytes: [UInt8], to object: CachedObject) {
    for reference in followers[ObjectIdentifier(object)] ?? [] {
      guard let viewer = viewer(reference), let exchange = viewer.exchange,
        exchange.step == .parked, exchange.resume == .follow, exchange.minorVersion > 0
      else { continue }
      append(bytes.span, to: viewer)
      markDirty(viewer)
    }
  }
}
