internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Decides what of the object is answered and writes the head.
  ///
  /// Next: `deliver`; `record` where there is no body; `parked` while a range waits for the length.
  func open(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    // An answer before the end of the request is the last one (RFC 9112 section 9.6).
    if exchange.upload?.isFinished == false { viewer.closesAfterResponse = true }
    if exchange.hold == .none, let step = openPieces(exchange, viewer) { return step }
    var liesInFile = false
    var hasGzip = false
    var condition = withObject(exchange) { object in
      // Who fetched it, or waited for that, makes it no more popular than a scan.
      if !exchange.isForwarded { object.markHit() }
      liesInFile = object.body.file != nil
      hasGzip = object.coded != nil
      return evaluate(exchange, object, length: object.knownLength)
    }
    if hasGzip, sendsGzip(exchange) {
      condition = withObject(exchange) { evaluate(exchange, $0, length: $0.knownLength) }
    }
    // What lies in memory pays nothing for what may lie elsewhere.
    if liesInFile, hasGone(exchange) { return lookAgain(exchange) }
    // Patterns, not `==`: comparing what the cases carry costs a hit 42 instructions.
    if case .partialOnceLengthIsKnown = condition { return waitForLength(exchange, viewer) }
    if isBeyondWindow(condition, exchange) { return passRange(exchange) }
    let isInSlices = liesInFile && notesMissingSlices(condition, exchange)
    var isWhole = false
    if case .full = condition { isWhole = !isInSlices }
    if !isWhole || !copyHead(exchange, viewer) {
      withObject(exchange) { answer(condition, exchange, viewer, $0, length: $0.knownLength) }
    }
    if exchange.method == .head || !allowsBody(exchange.status) { endWithoutBody(exchange) }
    return exchange.offset < exchange.end || exchange.framing == .parts ? .deliver : .record
  }

  /// Whether the object's volume has evicted it since it was found: then it leaves the table too.
  private func hasGone(_ exchange: Exchange) -> Bool {
    withObject(exchange) { object in
      guard let file = object.body.file, !file.isAlive else { return false }
      table.forget(object)
      return true
    }
  }

  /// The commonest answer of all, a hot object whole, copies the head that was last written for it
  /// while Age and ttl are still true.
  private func copyHead(_ exchange: Exchange, _ viewer: ViewerConnection) -> Bool {
    guard exchange.hold != .none, exchange.minorVersion > 0, !viewer.closesAfterResponse else {
      return false
    }
    let (status, length) = withObject(exchange) { ($0.status, $0.body.count) }
    exchange.status = status
    exchange.offset = 0
    exchange.end = length
    exchange.framing = .length
    if let kept = unsafe front.head(of: exchange.hold, at: loop.now) {
      let room = unsafe viewer.outbound.room(kept.count, from: chunks)
      unsafe room.copyMemory(from: kept)
      viewer.outbound.filled(kept.count)
      exchange.headWritten = true
      return true
    }
    let before = viewer.outbound.count
    let end = withObject(exchange) { object in
      writeHead(exchange, viewer, object, contentLength: length, range: nil)
      return object.nextSecond(after: loop.now)
    }
    let written = unsafe UnsafeRawBufferPointer(rebasing: viewer.outbound.bytes[before...])
    unsafe front.keepHead(written, of: exchange.hold, until: end)
    return true
  }

  /// Writes the head of an answer; `length` is that of the whole.
  func answer(
    _ condition: Condition, _ exchange: Exchange, _ viewer: ViewerConnection,
    _ object: CachedObject, length: UInt64?
  ) {
    switch condition {
    case .full, .partialOnceLengthIsKnown:
      exchange.status = object.head.status
      exchange.offset = 0
      exchange.end = length ?? .max
      frame(exchange, viewer, length: length)
      writeHead(exchange, viewer, object, contentLength: length, range: nil)
    case .partial(let range):
      exchange.status = 206
      exchange.offset = range.first
      exchange.end = range.last + 1
      frame(exchange, viewer, length: range.length)
      writeHead(
        exchange, viewer, object, contentLength: range.length, range: .part(range, length: length))
    case .several:
      guard let length else { preconditionFailure("ranges of an unknown length are resolved") }
      answerSeveral(exchange, viewer, object, length: length)
    case .partialOpenEnded(let first):
      exchange.status = 206
      exchange.offset = first
      exchange.end = .max
      frame(exchange, viewer, length: nil)
      writeHead(exchange, viewer, object, contentLength: nil, range: .openEnded(first: first))
    case .unsatisfiable:
      exchange.status = 416
      endWithoutBody(exchange)
      writeHead(exchange, viewer, object, contentLength: 0, range: .unsatisfied(length: length))
    case .notModified:
      exchange.status = 304
      endWithoutBody(exchange)
      writeHead(exchange, viewer, object, contentLength: nil, range: nil)
    case .preconditionFailed:
      exchange.status = 412
      endWithoutBody(exchange)
      writeHead(exchange, viewer, object, contentLength: 0, range: nil)
    }
  }

  /// Whether a range begins where an object that is not kept is not read to for long.
  private func isBeyondWindow(_ condition: Condition, _ exchange: Exchange) -> Bool {
    switch condition {
    case .partial(let range): !withObject(exchange) { $0.body.reaches(range.first) }
    case .partialOpenEnded(let first): !withObject(exchange) { $0.body.reaches(first) }
    case .full, .several, .notModified, .partialOnceLengthIsKnown, .unsatisfiable,
      .preconditionFailed:
      false
    }
  }

  /// The origin has such a range at once.
  private func passRange(_ exchange: Exchange) -> Step {
    leave(exchange)
    exchange.cache = .pass
    exchange.forward = .partial
    return .pass
  }

  /// Conditions and ranges are answered from the cache; a pass had its answer from the origin.
  private func evaluate(
    _ exchange: Exchange, _ object: CachedObject, length: UInt64?
  ) -> Condition {
    if !head.hasConditions || object.isPrivate { return .full }
    let kept = exchange.savedHead
    let condition = object.condition(
      head, bytes: kept.span, length: length, now: loop.wall.seconds)
    // A window would be full before the length is known, and does not go back for ranges in another
    // order: its reader has to read.
    if condition == .partialOnceLengthIsKnown || condition == .several, !object.body.isKept,
      object.body.phase != .whole
    {
      return .full
    }
    return condition
  }

  /// A range of a growing object of unknown length waits for its end (AVPlayer rejects a 206
  /// without a length).
  private func waitForLength(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    guard let object = exchange.object else {
      preconditionFailure("a whole object has no length")
    }
    object.body.waitForChange(worker: index)
    switch object.body.phase {
    case .aborted: return brokenOff(exchange, viewer)
    case .whole, .ended:
      return .open
    case .filling:
      return park(exchange, viewer, behind: object, resume: .open)
    }
  }

  private func endWithoutBody(_ exchange: Exchange) {
    exchange.offset = 0
    exchange.end = 0
    exchange.framing = .none
  }

  private func allowsBody(_ status: UInt16) -> Bool { status != 204 && status != 304 }

  /// How the viewer learns where the body ends.
  private func frame(_ exchange: Exchange, _ viewer: ViewerConnection, length: UInt64?) {
    if length != nil {
      exchange.framing = .length
    } else if exchange.minorVersion > 0 {
      exchange.framing = .chunked
    } else {
      exchange.framing = .untilClose
      viewer.closesAfterResponse = true
    }
  }
}
