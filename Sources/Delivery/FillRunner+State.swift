internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Fills that wait for a state of a playlist (`_HLS_msn`): in whose numbers it is asked for, for how
// long, and what a playlist that is stored means for others that wait.
extension FillRunner {
  // MARK: asking

  /// Asks in the numbers of the present server, and waits no longer than viewers do.
  func askForState(_ fill: Fill, _ order: inout FetchOrder) {
    guard let reload = fill.order.reload else { return }
    let worker = worker
    let now = worker.loop.now
    let question = question(fill)
    worker.node.waiting.add(fill.object, for: reload, of: question.name)
    guard
      let known = worker.node.streams.known(
        question.path.span, site: question.site, name: question.name)
    else { return }
    let own = known.offset.flatMap { $0 == 0 ? reload : reload.shifted(by: $0) }
    if own != reload { order.request = requestOfState(own ?? BlockingReload(), fill) }
    var end = heldUntil(fill, known.text.targetDuration)
    if order.snapshot.origins[order.originIndex].servers.count > 1, let due = known.due(reload) {
      end = min(end, due)
    }
    order.firstByteTimeout = max(end - now, DeliveryLimits.heldReloadMin)
  }

  /// The request for one state, by the numbers of the server.
  func requestOfState(_ reload: BlockingReload, _ fill: Fill) -> OriginRequest {
    let key = fill.object.keyText
    let target = key.span.extracting(droppingFirst: fill.object.targetStart)
    let query = RenditionName.query(of: target)
    let canonical = reload.canonical(query)
    var text = [UInt8](copying: target.extracting(0..<(target.count - query.count)))
    text += canonical
    if canonical.isEmpty, text.last == UInt8(ascii: "?") { text.removeLast() }
    return fill.order.fetch.request.asking(for: text)
  }

  /// When a reload ends with 503: 1.5 target durations after it was asked.
  ///
  /// The draft says three (RFC 8216bis section 6.2.5.2), but AVPlayer fetches no segment while a
  /// reload is held.
  private func heldUntil(_ fill: Fill, _ targetDuration: Milliseconds) -> Instant {
    if let end = fill.heldUntil { return end }
    let length = min(targetDuration.count * 3 / 2, DeliveryLimits.heldReload.count)
    let end = fill.started + Milliseconds(length)
    fill.heldUntil = end
    return end
  }

  // MARK: waiting

  /// A playlist came that lacks what was asked for: others may wait for what it has.
  func waitForState(_ fill: Fill, _ index: Int, _ text: PlaylistText?) {
    guard let manifest = fill.manifest else { return }
    let sighting = manifest.poll.sightings[index]
    let full = text ?? sighting.text
    keepState(
      fill, manifest.candidates[index], full, text?.write() ?? sighting.body, isOwn: text != nil)
    _ = heldUntil(fill, full.targetDuration)
    askSoon(fill)
  }

  /// The server, or all servers, said nothing for as long as one part may be late.
  func asksAgain(_ fill: Fill, after failure: FetchFailure) -> Bool {
    guard fill.order.reload != nil, failure.kind == .firstByteTimedOut, let end = fill.heldUntil,
      worker.loop.now + DeliveryLimits.reloadPause < end
    else { return false }
    askSoon(fill)
    return true
  }

  private func askSoon(_ fill: Fill) {
    let worker = worker
    let next = worker.loop.now + DeliveryLimits.reloadPause
    guard let end = fill.heldUntil, next < end else { return endWaiting(fill) }
    fill.manifest?.beginAgain()
    fill.phase = .awaitingState
    setTimer(fill, after: DeliveryLimits.reloadPause)
  }

  func askAgain(_ fill: Fill) {
    fill.phase = .awaitingHead
    worker.telemetry.add(to: .reloadsAskedAgain)
    fetchAgain(fill, .none)
  }

  /// Time is up: whoever waits is told so.
  func endWaiting(_ fill: Fill) {
    let worker = worker
    let object = fill.object
    worker.telemetry.add(to: .reloadsTimedOut)
    object.fail(status: 503, reason: AccessDetail.reloadTimeout.rawValue)
    worker.node.table.detach(object)
    finish(fill)
    wake(object, object.body.abort())
  }

  /// What this object waits for is stored under another key: its waiters look there.
  func overtake(_ object: CachedObject) {
    guard let fill = fill(of: object), object.progress == .awaitingHead,
      fill.phase == .awaitingHead || fill.phase == .awaitingState
    else { return }
    let worker = worker
    worker.telemetry.add(to: .reloadsOvertaken)
    cancelFetch(fill)
    worker.node.table.detach(object)
    object.becomeFound()
    finish(fill)
    wake(object, object.body.wakeAll())
  }

  /// Whether a part was announced by a server that its presentation has left: what did not come is
  /// cancelled (RFC 8216bis section 4.4.5.3).
  func isCancelledPart(_ fill: Fill) -> Bool {
    guard fill.order.isNamedPart else { return false }
    let worker = worker
    let path = fill.order.path
    let route = worker.node.streams.route(
      path.span, site: fill.object.site, mark: fill.order.mark, isManifest: false,
      at: worker.loop.now)
    return route?.isLeft ?? false
  }

  // MARK: publishing

  /// The playlist of a Fill is stored: it answers whoever waits for what it has.
  func publishState(_ fill: Fill) {
    guard let manifest = fill.manifest, let text = manifest.text, let answer = manifest.sent,
      let body = manifest.finished, fill.object.vary == nil, !fill.order.isPass
    else { return }
    if let reload = fill.order.reload {
      publish(text, as: reload, fill)
    } else if !keepState(fill, answer, text, body, isOwn: false) {
      publish(text, as: BlockingReload(), fill)
    }
  }

  private func publish(_ text: PlaylistText, as key: BlockingReload, _ fill: Fill) {
    let worker = worker
    let question = question(fill)
    worker.node.streams.published(text, as: key, of: question)
    for object in worker.node.waiting.answered(by: text, of: question.name)
    where object !== fill.object {
      worker.tell(object.owner, .stateReached(object))
    }
  }

  /// Stores a playlist under the key of the state that it has, beside what it was fetched for.
  ///
  /// - Returns: Whether the state can be had there; `false` for one that no reload waits for.
  @discardableResult
  private func keepState(
    _ fill: Fill, _ answer: ManifestFill.Candidate, _ text: PlaylistText, _ body: [UInt8],
    isOwn: Bool
  ) -> Bool {
    guard let state = BlockingReload.naming(text), let freshness = answer.freshness,
      fill.object.vary == nil
    else { return false }
    let worker = worker
    let question = question(fill)
    let known = worker.node.streams.known(
      question.path.span, site: question.site, name: question.name)
    if known.flatMap({ BlockingReload.naming($0.text) }) == state { return true }
    var copy = WrittenPlaylist(
      head: answer.head, freshness: freshness, body: body, under: fill.order.rule)
    if isOwn { copy.head.becomeRewritten(body) }
    copy.freshness = settle(
      freshness, bytes: body, kind: fill.kind, site: fill.object.site,
      lastChange: worker.loop.now, isBlockingReload: true)
    if freshness.awaitsBody, copy.head.first(.cacheControl) == nil {
      copy.head.add(.cacheControl, "max-age=\(max(0, copy.freshness.lifetime.count / 1000))")
    }
    copy.arrival = answer.arrival
    copy.tags = answer.tags
    let key = fill.object.keyText
    copy.query = state.canonical(RenditionName.query(of: key.span))
    guard worker.store(copy, beside: fill.object) else { return false }
    publish(text, as: state, fill)
    return true
  }
}
