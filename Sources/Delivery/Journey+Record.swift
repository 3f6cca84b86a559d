internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Counts the exchange, writes its access record, and makes the connection ready for the next.
  ///
  /// Next: `receive` when the next request is already here, else `idle`.
  func record(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    if exchange.upload?.isFinished == false {
      // The answer came before the request was read to its end: what follows cannot be told apart.
      viewer.closesAfterResponse = true
      viewer.isLingering = true
    }
    count(exchange, viewer)
    letGo(exchange, viewer)
    if isDraining { viewer.closesAfterResponse = true }
    if viewer.closesAfterResponse || viewer.inbound.isEmpty {
      endExchange(viewer)
      markDirty(viewer)
      return .idle
    }
    exchange.reset(id: newExchangeID(), now: loop.now)
    if viewer.outbound.count >= DeliveryLimits.gatheredBytes {
      // Answers are gathered enough: the rest of the pipeline waits for the next turn.
      exchange.resume = .receive
      markDirty(viewer)
      enqueue(viewer)
      return .parked
    }
    return .receive
  }

  /// Ends an exchange whose answer cannot be completed: the viewer must not take it for whole.
  func finishAborted(_ exchange: Exchange, _ viewer: ViewerConnection) {
    count(exchange, viewer)
    close(viewer, reset: true)
  }

  private func count(_ exchange: Exchange, _ viewer: ViewerConnection) {
    let duration = microseconds(from: exchange.started, to: loop.now)
    let firstByte = exchange.firstByte.map { microseconds(from: exchange.started, to: $0) }
    let status = exchange.status == 0 ? 499 : Int(exchange.status)
    telemetry.countRequest(
      status: status, cache: exchange.cache, firstByteMicroseconds: firstByte,
      durationMicroseconds: duration)
    telemetry.addSent(bytes: Int(exchange.bodySent), cache: exchange.cache)
    telemetry.record { record in
      record.time = loop.wall
      record.journey = exchange.id
      record.bytesSent = exchange.bodySent
      record.firstByteMicroseconds = firstByte ?? 0
      record.durationMicroseconds = duration
      record.client = viewer.client
      record.status = UInt16(status)
      record.cache = exchange.cache
      record.detail = exchange.detail
      record.end = Worker.end(of: exchange)
      describe(exchange, in: &record)
    }
  }

  private static func end(of exchange: Exchange) -> AccessRecord.End {
    guard exchange.isAborted else { return .complete }
    switch exchange.detail {
    case .viewerReset, .viewerStall: return .byViewer
    case .lapped, .shuttingDown: return .byEdge
    default: return .byOrigin
    }
  }

  /// What the viewer asked for, from the kept head; it is the one in the scratch at this moment
  /// only if the journey took a single turn.
  private func describe(_ exchange: Exchange, in record: inout AccessRecord) {
    guard !exchange.savedHead.isEmpty else { return }
    if exchange.outlivedTurn { readAgain(exchange) }
    let kept = exchange.savedHead
    let bytes = kept.span
    record.version = exchange.minorVersion > 0 ? .http11 : .http10
    record.method.set(bytes.slice(head.methodText))
    record.host.set(bytes.slice(head.target.host))
    record.path.set(bytes.slice(head.target.path))
    record.query.set(bytes.slice(head.target.query))
    if let range = head.fields.first(.range) { record.range.set(bytes.slice(range)) }
    if let agent = head.fields.first(.userAgent) { record.userAgent.set(bytes.slice(agent)) }
    if let referer = head.fields.first(.referer) { record.referer.set(bytes.slice(referer)) }
    if exchange.isFollowing || exchange.fetched != nil,
      let object = exchange.fetched ?? exchange.object
    {
      let label = node.originLabel(site: exchange.site, object.server)
      record.origin.set(label.span)
      if record.detail == .none {
        record.detail = AccessDetail(rawValue: object.decisionWord) ?? .none
      }
    }
  }

  private func microseconds(from start: Instant, to end: Instant) -> UInt64 {
    UInt64(max(0, end.nanoseconds - start.nanoseconds)) / 1000
  }
}
