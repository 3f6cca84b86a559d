internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Playlists and manifests are whole before anybody sees them: what they say decides from which
// server they come, how they are numbered, and how long they live.
extension FillRunner {
  // MARK: which server

  /// Operators learn which playlists are asked for too often: neither those of sessions by rule,
  /// which are as many as there are viewers, nor reloads that the origin holds.
  func countPlaylist(_ fill: Fill) {
    let path = fill.order.path
    let kind = ObjectKind.guess(contentType: nil, path: path.span)
    guard kind.isPlaylist || kind == .dashManifest, fill.order.reload == nil,
      !fill.order.rule.isSession(of: kind)
    else { return }
    worker.node.streams.asked(path, site: fill.object.site, at: worker.loop.now)
  }

  /// The order of a Fill or pass, to the server that its presentation comes from.
  func routed(_ fill: Fill) -> FetchOrder { routed(fill, fill.order.fetch) }

  func routed(_ fill: Fill, _ order: FetchOrder) -> FetchOrder {
    var order = order
    let path = fill.order.path
    let kind = ObjectKind.guess(contentType: nil, path: path.span)
    let isManifest = (kind.isPlaylist || kind == .dashManifest) && !fill.order.isPass
    let origin = order.snapshot.origins[order.originIndex]
    if isManifest {
      askForState(fill, &order)
      // Validators of one packager say nothing about the playlists of another, and those of what
      // was rewritten are the node's own.
      let saysNothing = origin.servers.count > 1 && origin.twins != .sameBytes || rewrites(fill)
      switch order.condition {
      case .revalidate where saysNothing, .anyOf where saysNothing:
        order.condition = .none
        fill.isConditional = false
      case .revalidate, .anyOf, .none, .range, .resume: break
      }
    }
    guard origin.servers.count > 1, !order.isSession else { return order }
    let route = worker.node.streams.route(
      path.span, site: fill.object.site, mark: fill.order.mark, isManifest: isManifest,
      at: worker.loop.now)
    guard let route else { return order }
    order.preferredServer = route.server
    order.mayGoElsewhere = route.mayGoElsewhere
    if route.mayGoElsewhere { order.avoidedServers = route.alike.others }
    guard isManifest else { return order }
    let manifest = fill.manifest ?? ManifestFill()
    manifest.isRouted = true
    fill.manifest = manifest
    for server in route.passedOver.places { manifest.add(failureOf: server) }
    if let patience = route.firstByte, fill.order.reload == nil {
      order.firstByteTimeout = min(origin.timeouts.firstByte, patience)
    }
    return order
  }

  /// The present server of a presentation failed: a twin may stand in for it.
  func asksTwin(_ fill: Fill, after failure: FetchFailure) -> Bool {
    guard let manifest = fill.manifest, manifest.isRouted || manifest.asked != nil,
      manifest.finished == nil, !manifest.isLastResort, fill.object.progress == .awaitingHead,
      failure.kind != .overLimit
    else { return false }
    report(failure, fill)
    if let fetch = fill.fetch { forget(fetch) }
    manifest.bytes = []
    manifest.add(failureOf: manifest.asked ?? failure.server)
    if manifest.asked == nil { manifest.failure = failure }
    manifest.asked = nil
    judge(fill)
    return true
  }

  /// The same for an answer that is no playlist: an error, a redirect.
  func asksTwin(_ fill: Fill, insteadOf status: UInt16) -> Bool {
    guard let manifest = fill.manifest, manifest.isRouted, !manifest.isLastResort,
      status != 200, status != 304, status != 206
    else { return false }
    dropFetch(fill)
    manifest.add(failureOf: fill.object.server)
    judge(fill)
    return true
  }

  // MARK: gathering

  /// The head is here: from now on the body is gathered.
  func beginGathering(_ fill: Fill) {
    guard let head = fill.head else { return }
    let manifest = fill.manifest ?? ManifestFill()
    fill.manifest = manifest
    fill.phase = .streaming
    manifest.pending = ManifestFill.Candidate(
      head: head, freshness: fill.freshness, tags: fill.tags, server: fill.object.server,
      arrival: fill.arrival)
  }

  /// How much more is gathered; what is longer than any playlist passes as it comes.
  func roomToGather(_ fill: Fill) -> Int {
    guard let manifest = fill.manifest else { return 0 }
    let limit = Int(DeliveryLimits.playlistBytes)
    if manifest.bytes.count <= limit { return limit + 1 - manifest.bytes.count }
    dropFetch(fill)
    manifest.bytes = []
    if let asked = manifest.asked {
      manifest.add(failureOf: asked)
      manifest.asked = nil
      judge(fill)
    } else {
      manifest.isTooLong = true
      fill.holdsHead = false
      fill.phase = .awaitingHead
      fetchAgain(fill, .none)
    }
    return 0
  }

  func gather(_ fill: Fill, _ bytes: Span<UInt8>) { fill.manifest?.bytes.append(copying: bytes) }

  /// An answer is whole.
  func gathered(_ fill: Fill) {
    guard let manifest = fill.manifest, var pending = manifest.pending else { return }
    if fill.resumptions > 0, UInt64(manifest.bytes.count) != fill.length { return breakOff(fill) }
    manifest.pending = nil
    manifest.asked = nil
    if let fetch = fill.fetch { forget(fetch) }
    let body = rewrite(manifest.bytes, of: &pending, fill)
    manifest.bytes = []
    if fill.order.isPass || pending.freshness == nil {
      return send(fill, pending, body, isOwn: false)
    }
    let server = pending.server
    if let sighting = PlaylistSighting(server: server, body: body, at: worker.loop.now) {
      manifest.candidates.append(pending)
      manifest.poll.add(sighting)
      return awaitSegments(fill, sighting)
    }
    if let sighting = ManifestSighting(server: server, body: body, at: worker.loop.now) {
      manifest.candidates.append(pending)
      manifest.manifests.add(sighting)
      return judge(fill)
    }
    let playlist = MultivariantPlaylist.read(body.span)
    if let playlist { worker.node.streams.learn(playlist, of: question(fill), server: server) }
    if manifest.candidates.isEmpty, playlist != nil || manifest.poll.failed.isEmpty {
      return send(fill, pending, body, isOwn: false)
    }
    manifest.add(failureOf: server)
    judge(fill)
  }

  // MARK: judging

  func question(_ fill: Fill) -> StreamBook.Question {
    let key = fill.object.keyText
    var question = StreamBook.Question(
      site: fill.object.site, name: RenditionName.hash(ofKey: key.span), path: fill.order.path,
      now: worker.loop.now, wall: worker.loop.wall)
    question.reload = fill.order.reload
    return question
  }

  /// What is known of the playlist decides: it is sent, a twin is asked first, or nothing can be.
  func judge(_ fill: Fill) {
    guard let manifest = fill.manifest else { return }
    let path = fill.order.path
    let named = ObjectKind.guess(contentType: nil, path: path.span)
    if fill.kind == .dashManifest || fill.kind == .other && named == .dashManifest {
      return judgeManifest(fill, manifest)
    }
    forgetAwaited(fill)
    let (decision, events) = worker.node.streams.judge(&manifest.poll, of: question(fill)) { uri in
      self.isHeld(uri, from: fill)
    }
    count(events)
    switch decision {
    case .send(let index, let text):
      let body = text?.write() ?? manifest.poll.sightings[index].body
      manifest.text = text ?? manifest.poll.sightings[index].text
      noteDecision(fill, events, isTwin: index > 0)
      send(fill, manifest.candidates[index], body, isOwn: text != nil)
    case .wait(let index, let text): waitForState(fill, index, text)
    case .ask(let server): ask(server, fill)
    case .fail: giveUp(fill)
    }
  }

  private func judgeManifest(_ fill: Fill, _ manifest: ManifestFill) {
    let (decision, events) = worker.node.streams.judge(&manifest.manifests, of: question(fill))
    count(events)
    switch decision {
    case .send(let index, let own):
      let sighting = manifest.manifests.sightings[index]
      let body = own ?? sighting.body
      learnNames(fill, own, sighting)
      noteDecision(fill, events, isTwin: index > 0)
      send(fill, manifest.candidates[index], body, isOwn: own != nil)
    case .ask(let server): ask(server, fill)
    case .fail: giveUp(fill)
    }
  }

  func count(_ events: [StreamEvent]) {
    for event in events {
      if let counter = Counter(event) { worker.telemetry.add(to: counter) }
    }
  }

  /// What was decided, for the access log.
  private func noteDecision(_ fill: Fill, _ events: [StreamEvent], isTwin: Bool) {
    let hasFailed = fill.manifest?.failure != nil
    let word = AccessDetail(events, isTwin: isTwin || hasFailed)
    if word != .none { fill.object.noteDecision(word.rawValue) }
  }

  private func ask(_ server: Int, _ fill: Fill) {
    guard let manifest = fill.manifest else { return }
    manifest.asked = server
    fill.phase = .awaitingHead
    fill.isConditional = false
    var order = fill.order.fetch
    order.condition = .none
    // Its numbers are not known yet: what it has now says more than what it would wait for.
    if fill.order.reload != nil { order.request = requestOfState(BlockingReload(), fill) }
    order.preferredServer = server
    order.mayGoElsewhere = false
    let limit = order.snapshot.origins[order.originIndex].timeouts.firstByte
    order.firstByteTimeout = min(limit, DeliveryLimits.twinAnswer)
    fetch(fill, order)
  }

  /// The head of a twin's answer.
  func twinAnswered(
    _ fill: Fill, _ server: Int, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    guard let manifest = fill.manifest else { return }
    fill.kind = kind(of: head, bytes: bytes, path: fill.order.path)
    guard head.status == 200, !head.fields.has(.contentEncoding),
      case .store(let freshness) = CachingDecision.make(head, bytes: bytes, facts: facts(fill))
    else {
      dropFetch(fill)
      manifest.add(failureOf: server)
      manifest.asked = nil
      return judge(fill)
    }
    let withheld = WithheldFields.of(head, bytes: bytes, rule: fill.order.rule)
    manifest.pending = ManifestFill.Candidate(
      head: StoredHead(head, bytes: bytes, received: worker.loop.wall, withheld: withheld),
      freshness: freshness, tags: StoredHead.tags(of: head, bytes: bytes), server: server,
      arrival: worker.loop.now)
    fill.phase = .streaming
  }

  /// No server has a playlist: what the present one says, or that it says nothing, is passed on.
  private func giveUp(_ fill: Fill) {
    guard let manifest = fill.manifest else { return }
    if let failure = manifest.failure {
      if asksAgain(fill, after: failure) { return }
      return failed(fill, failure)
    }
    manifest.isLastResort = true
    fill.phase = .awaitingHead
    fetchAgain(fill, .none)
  }

  // MARK: sending

  /// Sends `body` under the head of an answer; with `isOwn` it is not what its server sent.
  private func send(
    _ fill: Fill, _ answer: ManifestFill.Candidate, _ body: [UInt8], isOwn: Bool
  ) {
    var answer = answer
    if isOwn { answer.head.becomeRewritten(body) }
    fill.head = answer.head
    fill.freshness = answer.freshness
    fill.tags = answer.tags
    fill.arrival = answer.arrival
    fill.object.noteServer(answer.server)
    fill.holdsHead = true
    fill.container = nil
    let isKept = answer.freshness != nil
    fill.keepAtMost = isKept ? UInt64(worker.node.snapshot.cache.memoryObjectBytesMax) : 0
    read(fill, body)
    fill.length = UInt64(body.count)
    fill.manifest?.finished = body
    fill.manifest?.sent = answer
    fill.phase = .awaitingHead
    admit(fill, body)
  }

  /// Puts what is sent into the Body, once there is memory for it.
  func admit(_ fill: Fill, _ text: [UInt8]) {
    let worker = worker
    let body = fill.object.body
    let admission = body.admit(length: UInt64(text.count), keepAtMost: fill.keepAtMost)
    guard admission != .refused, text.isEmpty || body.room >= text.count else {
      if admission == .refused, fill.phase == .awaitingHead {
        fill.refuseAt = worker.loop.now + DeliveryLimits.memoryWait
        fill.phase = .awaitingMemory
      }
      guard admission == .refused, worker.loop.now < fill.refuseAt else { return refuse(fill) }
      return setTimer(fill, after: DeliveryLimits.memoryRetry)
    }
    fill.phase = .streaming
    if admission == .windowed { noteNotKept(fill) }
    fill.fetch = nil
    wake(fill.object, body.append(text.span))
    seal(fill)
  }
}

extension AccessDetail {
  /// What was decided about a playlist that is sent, from what happened at its poll.
  init(_ events: [StreamEvent], isTwin: Bool) {
    if events.contains(.switched) {
      self = .switched
    } else if events.contains(.restarted) {
      self = .restarted
    } else if events.contains(.regressionWithheld) || events.contains(.endWithheld) {
      self = .withheld
    } else {
      self = isTwin ? .twin : .none
    }
  }
}

extension Counter {
  /// What is counted of a presentation's event; `nil` for what is not.
  init?(_ event: StreamEvent) {
    let counter: Counter? =
      switch event {
      case .switched: .streamSwitches
      case .restarted: .streamRestarts
      case .regressionWithheld: .streamRegressionsWithheld
      case .endWithheld: .streamEndsWithheld
      case .ended: .streamEnds
      case .stale: .streamStale
      case .twinAsked: .streamTwinsAsked
      case .passedUnchanged: .streamPassedUnchanged
      case .wouldSwitch: .streamWouldSwitch
      case .wouldRestart: .streamWouldRestart
      case .wouldWithhold: .streamWouldWithhold
      case .ordered: nil
      }
    guard let counter else { return nil }
    self = counter
  }
}
