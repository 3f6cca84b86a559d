internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Segments of live DASH: whether they are beyond the live edge, and what becomes of one that is not
// there.
extension FillRunner {
  // MARK: before the origin is asked

  /// Learns how segments are named, and where the clock stands, from the manifest that is sent:
  /// `own`, or the server's.
  func learnNames(_ fill: Fill, _ own: [UInt8]?, _ sighting: ManifestSighting) {
    guard let manifest = own.map({ Manifest.read($0.span) }) ?? sighting.manifest else { return }
    worker.node.streams.learnSegments(of: manifest, question(fill))
    learnClocks(fill, of: manifest)
  }

  /// Whether the origin is asked; else the Fill is over, or waits and asks again.
  func mayAsk(_ fill: Fill) -> Bool {
    guard fill.segment == nil, isOfTemplate(fill) else { return true }
    switch worker.node.streams.ask(segmentQuestion(fill), waiter: nil) {
    case .ask(let name):
      fill.segment = name
      return true
    case .refuse: refuseSegment(fill)
    case .wait: return waits(fill)
    }
    return false
  }

  /// Whether a template of a manifest may make its path, and nothing that is stored could be sent.
  private func isOfTemplate(_ fill: Fill) -> Bool {
    let path = fill.order.path
    switch ObjectKind.guess(contentType: nil, path: path.span) {
    case .segment, .initSegment, .text, .image, .other: break
    case .playlist, .mediaPlaylist, .multivariantPlaylist, .dashManifest, .key: return false
    }
    return !fill.order.isPass && (fill.object.fallback?.status ?? 404) >= 400
  }

  private func segmentQuestion(_ fill: Fill) -> StreamBook.SegmentQuestion {
    let worker = worker
    return StreamBook.SegmentQuestion(
      site: fill.object.site, path: fill.order.path, mark: fill.order.mark, now: worker.loop.now,
      wall: worker.loop.wall)
  }

  /// Waits for what the origin says of another segment; whether it may ask after all.
  private func waits(_ fill: Fill) -> Bool {
    let worker = worker
    let end = fill.waitsUntil ?? worker.loop.now + DeliveryLimits.segmentWaitMax
    fill.waitsUntil = end
    guard worker.loop.now < end else {
      failWaiting(fill)
      return false
    }
    fill.phase = .awaitingVerdict
    setTimer(fill, after: min(end - worker.loop.now, OriginLimits.segmentQuestionMax))
    let waiter = SegmentWaiter(worker: worker.index, number: fill.timerNumber)
    let verdict = worker.node.streams.ask(segmentQuestion(fill), waiter: waiter)
    if verdict == .wait { return false }
    stopWaiting(fill)
    // The edge has moved in between.
    if case .ask(let name) = verdict { fill.segment = name } else { refuseSegment(fill) }
    return verdict != .refuse
  }

  private func stopWaiting(_ fill: Fill) {
    worker.loop.timers.cancel(fill.timer)
    forgetTimer(fill.timerNumber)
    fill.timer = .none
  }

  /// What Fills waited for is known.
  func askAnew(_ numbers: [UInt32]) {
    for number in numbers {
      guard let fill = fill(ofTimer: number), fill.phase == .awaitingVerdict,
        fill.timerNumber == number
      else { continue }
      stopWaiting(fill)
      fetch(fill)
    }
  }

  /// It is not there yet, as the origin said of an earlier one.
  private func refuseSegment(_ fill: Fill) {
    worker.telemetry.add(to: .segmentsRefused)
    end(fill, status: 404, .notYet)
  }

  /// The origin says nothing of the others.
  private func failWaiting(_ fill: Fill) {
    worker.telemetry.add(to: .fillsAborted)
    end(fill, status: 504, .firstByteTimeout)
  }

  private func end(_ fill: Fill, status: UInt16, _ word: AccessDetail) {
    let object = fill.object
    object.fail(status: status, reason: word.rawValue)
    worker.node.table.detach(object)
    finish(fill)
    wake(object, object.body.abort())
  }

  // MARK: what the origin says

  /// Takes note of what the origin says of a segment, once; others may wait for that.
  func noteSegment(_ fill: Fill, _ outcome: StreamBook.SegmentOutcome) {
    guard let name = fill.segment else { return }
    fill.segment = nil
    let worker = worker
    let waiters = worker.node.streams.note(
      name, outcome, at: worker.loop.now, wall: worker.loop.wall)
    var numbers: [Int: [UInt32]] = [:]
    for waiter in waiters { numbers[waiter.worker, default: []].append(waiter.number) }
    for index in numbers.keys.sorted() {
      worker.node.mailboxes[index].post(.verdict(numbers[index] ?? []))
    }
  }

  /// The head of an answer tells whether a segment is there.
  func noteSegment(_ fill: Fill, status: UInt16, lifetime: Milliseconds) {
    let isFound = (200..<400).contains(status)
    if let name = fill.segment, isFound || FillRunner.isMissing(status) {
      let worker = worker
      let events = worker.node.streams.observed(
        name, segmentQuestion(fill), missingAt: fill.missing.everAsked,
        foundAt: isFound ? fill.object.server : nil)
      count(events)
    }
    if isFound, !fill.missing.everAsked.isEmpty { noteRescue(fill) }
    if FillRunner.isMissing(status) {
      noteSegment(fill, .missing(lifetime))
    } else {
      noteSegment(fill, isFound ? .found : .unknown)
    }
  }

  /// A segment is there after all.
  private func noteRescue(_ fill: Fill) {
    let isOfTwin = !fill.missing.everAsked.contains(fill.object.server)
    worker.telemetry.add(to: isOfTwin ? .segmentsFromTwin : .segmentsHeld)
    if isOfTwin { fill.object.noteDecision(AccessDetail.twin.rawValue) }
  }

  // MARK: a segment that is not there

  /// Whether a status says that there is no such file.
  private static func isMissing(_ status: UInt16) -> Bool { status == 404 || status == 410 }

  /// Asks a twin for a segment that its server does not have, or the same server a little later.
  ///
  /// - Returns: `false` where viewers are told what the server said.
  func asksOn(_ fill: Fill, insteadOf status: UInt16) -> Bool {
    guard FillRunner.isMissing(status), !fill.missing.isLastResort, isOfTemplate(fill),
      fill.assembly == nil, fill.slice == nil, !fill.order.isNamedPart
    else { return false }
    fill.missing.add(fill.object.server)
    let worker = worker
    let recourse = worker.node.streams.recourse(
      for: segmentQuestion(fill), fill.segment, asked: fill.missing.asked)
    switch recourse {
    case .twins(let servers):
      guard worker.origins.takeRetry(of: fill.order.fetch) else { return false }
      dropFetch(fill)
      askTwins(fill, servers)
    case .hold(let patience):
      let end = fill.missing.heldUntil ?? worker.loop.now + patience
      fill.missing.heldUntil = end
      let pause = min(patience, DeliveryLimits.segmentPause)
      guard worker.loop.now + pause <= end else { return false }
      dropFetch(fill)
      fill.phase = .awaitingSegment
      setTimer(fill, after: pause)
    case .none: return false
    }
    return true
  }

  private func askTwins(_ fill: Fill, _ servers: ServerSet) {
    var order = routed(fill)
    order.preferredServer = servers.first
    order.avoidedServers = servers.others
    order.mayGoElsewhere = true
    askAnew(fill, order)
  }

  /// A segment that is held is asked for again, as if nothing had been said.
  func askForSegment(_ fill: Fill) {
    fill.missing.asked = []
    askAnew(fill, routed(fill))
  }

  /// Asks anew: the time before is no part of how long the answer took, which makes its age.
  private func askAnew(_ fill: Fill, _ order: FetchOrder) {
    fill.phase = .awaitingHead
    fill.started = worker.loop.now
    fetch(fill, order)
  }

  /// A twin that was asked for a missing segment failed: the server that said so says it again.
  func asksOn(_ fill: Fill, after failure: FetchFailure) -> Bool {
    guard !fill.missing.asked.isEmpty, !fill.missing.isLastResort,
      fill.object.progress == .awaitingHead, fill.phase == .awaitingHead
    else { return false }
    report(failure, fill)
    if let fetch = fill.fetch { forget(fetch) }
    fill.missing.isLastResort = true
    var order = routed(fill)
    order.preferredServer = fill.missing.first
    order.mayGoElsewhere = false
    askAnew(fill, order)
    return true
  }
}
