internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// The end of a Fill: sealed or gone.
extension FillRunner {
  /// The answer is complete by its framing; whether it is whole, its container has to say too.
  func ended(_ fill: Fill, closeDelimited: Bool) {
    let object = fill.object
    if let slice = fill.slice { return endSlice(fill, slice) }
    if let extent = fill.extent, object.body.count != extent.range.length { return breakOff(fill) }
    if fill.resumptions > 0, object.body.count != fill.length { return breakOff(fill) }
    guard containerCloses(fill, closeDelimited: closeDelimited) else {
      worker.telemetry.add(to: .containersOpen)
      return breakOff(fill)
    }
    if fill.holdsHead, let bytes = object.body.copyWhole(atMost: DeliveryLimits.playlistBytes) {
      read(fill, bytes)
      fill.length = object.body.count
    }
    seal(fill)
  }

  /// Everything is there: it is stored, if it was kept, and its readers reach the end.
  func seal(_ fill: Fill) {
    let object = fill.object
    if fill.freshness == nil || !object.body.isKept { return endWithoutKeeping(fill) }
    let wasHeld = fill.holdsHead
    let wake = object.body.seal()
    if wasHeld { publish(fill) }
    worker.telemetry.add(to: .fillsSealed)
    let table = worker.node.table
    let isKept = fill.order.isPass ? table.adopt(object) : table.complete(object)
    settleOnDisk(object, isKept: isKept && fill.kind != .key && fill.order.reload == nil)
    finish(fill)
    if isKept { publishState(fill) }
    self.wake(object, wake)
  }

  /// A pass, or an object that was not kept: its readers reach the end, and that is all.
  private func endWithoutKeeping(_ fill: Fill) {
    let object = fill.object
    let wake = object.body.seal()
    if object.progress == .awaitingHead { publish(fill) }
    worker.node.table.detach(object)
    finish(fill)
    self.wake(object, wake)
  }

  /// No server answered, or the answer broke off.
  func failed(_ fill: Fill, _ failure: FetchFailure) {
    let worker = worker
    let object = fill.object
    let word = AccessDetail(failure.kind)
    report(failure, fill)
    if fill.order.reload != nil, failure.kind == .firstByteTimedOut,
      object.progress == .awaitingHead
    {
      return endWaiting(fill)
    }
    if object.progress == .awaitingHead {
      object.fail(
        status: isCancelledPart(fill) ? 404 : failure.status, reason: word.rawValue)
      let retryAt = worker.loop.now + DeliveryLimits.refreshRetry
      worker.node.table.detach(object, retryAt: retryAt)
    } else {
      worker.node.table.detach(object)
    }
    worker.telemetry.add(to: .fillsAborted)
    finish(fill)
    wake(object, object.body.abort())
    giveUpSlice(fill)
  }

  /// One line for the error log, bounded there.
  func report(_ failure: FetchFailure, _ fill: Fill) {
    let worker = worker
    worker.node.errors.post(AccessDetail(failure.kind), level: .warning, now: worker.loop.now) {
      record in
      record.time = worker.loop.wall
      record.side = failure.kind == .uploadBroken ? .viewer : .origin
      record.journey = fill.object.initiator
      let key = fill.object.keyText
      let label = worker.node.originLabel(site: fill.object.site, failure.server)
      record.object.set(key.span)
      record.origin.set(label.span)
    }
  }

  /// Good framing with an open container is not whole; three in a row switch the check off there.
  private func containerCloses(_ fill: Fill, closeDelimited: Bool) -> Bool {
    guard let container = fill.container else { return true }
    let worker = worker
    let verdict = container.verdict
    let path = fill.order.path
    let directory = ContainerTrust.directory(
      ofPath: path.span, site: UInt64(fill.object.site))
    let outcome = trust.judge(verdict, directory: directory, now: worker.loop.now)
    if outcome == .dropAndSwitchOff { worker.telemetry.add(to: .containerChecksDisabled) }
    return outcome == .seal
  }

  /// Reads a held playlist or manifest: what it says decides how long it lives.
  func read(_ fill: Fill, _ bytes: [UInt8]) {
    guard let freshness = fill.freshness else { return }
    let now = worker.loop.now
    var lastChange = now
    if let old = fill.object.fallback,
      old.body.copyWhole(atMost: DeliveryLimits.playlistBytes) == bytes
    {
      lastChange = old.lastChange
    }
    fill.object.noteChange(at: lastChange)
    if fill.kind.isPlaylist {
      let path = fill.order.path
      worker.node.parts.note(NamedPart.read(bytes.span, path: path.span), site: fill.object.site)
    }
    let settled = settle(
      freshness, bytes: bytes, kind: fill.kind, site: fill.object.site, lastChange: lastChange,
      isBlockingReload: fill.order.reload != nil)
    fill.freshness = settled
    if freshness.awaitsBody, fill.head?.first(.cacheControl) == nil {
      fill.head?.add(.cacheControl, "max-age=\(max(0, settled.lifetime.count / 1000))")
    }
  }

  /// The lifetime that the body tells, where the origin told none.
  func settle(
    _ freshness: Freshness, bytes: [UInt8], kind: ObjectKind, site: Int, lastChange: Instant,
    isBlockingReload: Bool
  ) -> Freshness {
    guard freshness.awaitsBody || freshness.staleAwaitsBody else { return freshness }
    var basis = LifetimeBasis(kind: kind, status: 200)
    basis.sinceChange = worker.loop.now - lastChange
    basis.age = freshness.initialAge
    basis.isBlockingReload = isBlockingReload
    if kind == .dashManifest {
      basis.manifest = ManifestFacts.read(bytes.span)
    } else {
      let facts = PlaylistFacts.read(bytes.span)
      basis.playlist = facts
      basis.kind = kind.refined(by: facts)
    }
    let lifetime = DefaultLifetime(of: basis)
    let isLive = basis.playlist?.isLive ?? basis.manifest?.isDynamic ?? false
    let snapshot = worker.node.snapshot
    let onDead = snapshot.origins[snapshot.site(site).origin].onDead
    return freshness.settled(
      lifetime: lifetime.fresh, staleWhileRevalidate: .zero,
      staleIfError: isLive && onDead == .stale
        ? PolicyLimits.staleIfErrorDefault : lifetime.staleOnError)
  }
}
