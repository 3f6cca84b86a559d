internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry

// A Fill asks the volumes before the origin: whoever waits for it learns that the object is there,
// and looks again. What is learnt of stored objects is told to the volumes.
extension FillRunner {
  /// Whether a volume is to be asked: not where memory holds what is to be confirmed or completed.
  func mayLieOnDisk(_ order: FillOrder) -> Bool {
    !order.isPass && order.completes == nil && order.object.fallback == nil
      && order.slice?.parent == nil
      && worker.node.disk.mayHold(order.object.variant)
  }

  /// Asks, and sets the time after which the origin is asked in its place.
  func askDisk(_ fill: Fill) {
    fill.phase = .awaitingDisk
    setTimer(fill, after: DeliveryLimits.diskAnswer)
    worker.node.disk.find(fill.object, owner: worker.index, now: worker.moment)
  }

  /// Asks for a request that no Fill may stand for: who waits for `object` looks again.
  func askDisk(for object: CachedObject) {
    questions[ObjectIdentifier(object)] =
      setTimer(of: object, after: DeliveryLimits.diskAnswer).number
    worker.node.disk.find(object, owner: worker.index, now: worker.moment)
  }

  /// A volume has answered, or its time is up; an answer that comes later says nothing any more.
  func diskAnswered(_ object: CachedObject, _ answer: DiskAnswer) {
    guard let fill = fill(of: object), fill.phase == .awaitingDisk else {
      return questionAnswered(object, answer)
    }
    let worker = worker
    worker.loop.timers.cancel(fill.timer)
    forgetTimer(fill.timerNumber)
    switch answer {
    case .absent: fetch(fill)
    case .varies(let rule):
      worker.node.table.learn(rule, from: object)
      lookAgain(fill)
    case .found(let found):
      switch worker.node.table.complete(object, found: found) {
      case .entered:
        worker.telemetry.add(to: .diskHits)
        lookAgain(fill)
      case .purged:
        worker.node.disk.forget(object.variant, of: object.primary)
        fetch(fill)
      case .detached: fetch(fill)
      }
    case .copies(let source): copy(source, into: fill)
    }
  }

  /// Whoever waits for the Fill looks again: what he wants is there, or under another variant.
  private func lookAgain(_ fill: Fill) {
    fill.object.becomeFound()
    finish(fill)
    wake(fill.object, fill.object.body.wakeAll())
  }

  private func questionAnswered(_ object: CachedObject, _ answer: DiskAnswer) {
    guard let number = questions.removeValue(forKey: ObjectIdentifier(object)) else { return }
    forgetTimer(number)
    let table = worker.node.table
    switch answer {
    case .absent, .copies: break
    case .varies(let rule): table.learn(rule, from: object)
    case .found(let found):
      if table.enter(found: found) == .purged {
        worker.node.disk.forget(found.variant, of: found.primary)
      }
    }
    object.becomeFound()
    wake(object, object.body.wakeAll())
  }

  // MARK: bytes by way of memory

  /// The object's bytes come from its volume as an origin's would: whoever waits follows them.
  ///
  /// One that is not fresh is not worth the way: the origin is asked.
  private func copy(_ source: CachedObject, into fill: Fill) {
    let worker = worker
    guard !source.isPurged(by: worker.node.table.purges), source.isFresh(at: worker.loop.now) else {
      return fetch(fill)
    }
    worker.telemetry.add(to: .diskHits)
    fill.copies = source
    fill.head = source.head
    fill.freshness = source.freshness
    fill.arrival = source.arrival
    fill.tags = source.tags
    fill.length = source.body.count
    fill.keepAtMost = UInt64(worker.node.snapshot.cache.memoryObjectBytesMax)
    fill.object.take(variantOf: source)
    fill.phase = .awaitingHead
    admit(fill)
    readDisk(fill)
  }

  /// Asks for the next bytes, as far as the Body takes them.
  func readDisk(_ fill: Fill) {
    guard fill.phase == .streaming, !fill.isReadingDisk, let source = fill.copies else { return }
    let body = fill.object.body
    let room = body.room
    if body.gaveUpKeeping() { stopKeeping(fill) }
    let left = source.body.count - body.count
    guard fill.phase == .streaming, room > 0, left > 0 else { return }
    fill.isReadingDisk = true
    worker.node.disk.read(
      source, for: fill.object, offset: body.count,
      limit: Int(min(UInt64(min(room, DeliveryLimits.diskReadBytes)), left)))
  }

  /// Bytes have come, or could not be read: then nothing of the object is served any more.
  func diskRead(_ object: CachedObject, _ bytes: [UInt8]) {
    guard let fill = fill(of: object), let source = fill.copies, fill.isReadingDisk else { return }
    fill.isReadingDisk = false
    guard !bytes.isEmpty else {
      worker.node.disk.forget(object.variant, of: object.primary)
      return breakOff(fill)
    }
    wake(object, object.body.append(bytes.span))
    guard object.body.count == source.body.count else { return readDisk(fill) }
    let wake = object.body.seal()
    _ = worker.node.table.complete(object)
    finish(fill)
    self.wake(object, wake)
  }

  // MARK: what volumes are told

  /// A whole object is stored, or its head has changed: its volume writes that down, or drops it.
  func settleOnDisk(_ object: CachedObject, isKept: Bool) {
    let disk = worker.node.disk
    if isKept, object.isWorthKeeping(now: worker.loop.now) {
      disk.keep(object, now: worker.moment)
    } else if disk.mayHold(object.variant) {
      disk.forget(object.variant, of: object.primary)
    }
  }

  /// The head of a stored object has changed.
  func updateOnDisk(_ object: CachedObject) {
    let disk = worker.node.disk
    guard disk.mayHold(object.variant) else { return }
    if object.isWorthKeeping(now: worker.loop.now) {
      disk.update(object, now: worker.moment)
    } else {
      disk.forget(object.variant, of: object.primary)
    }
  }

  /// What was stored under this variant is not to be served again.
  func forgetOnDisk(_ object: CachedObject) {
    let disk = worker.node.disk
    if disk.mayHold(object.variant) { disk.forget(object.variant, of: object.primary) }
  }
}
