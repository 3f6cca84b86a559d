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
    withObject(exchange) { object in
      object.markHit()
      let length = object.knownLength
      let condition = evaluate(exchange, object, length: length)
      switch condition {
      case .full:
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
          exchange, viewer, object, contentLength: range.length,
          range: .part(range, length: length))
      case .partialOpenEnded(let first):
        exchange.status = 206
        exchange.offset = first
        exchange.end = .max
        frame(exchange, viewer, length: nil)
        writeHead(exchange, viewer, object, contentLength: nil, range: .openEnded(first: first))
      case .partialOnceLengthIsKnown:
        return waitForLength(object, exchange, viewer)
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
      if exchange.method == .head || !allowsBody(exchange.status) { endWithoutBody(exchange) }
      return exchange.offset < exchange.end ? .deliver : .record
    }
  }

  /// Conditions and ranges are answered from the cache; a pass had its answer from the origin.
  private func evaluate(
    _ exchange: Exchange, _ object: CachedObject, length: UInt64?
  ) -> Condition {
    if object.isPrivate { return .full }
    let kept = exchange.savedHead
    return object.condition(
      head, bytes: kept.span, length: length, now: loop.wall.seconds)
  }

  /// A range of a growing object of unknown length waits for its end (AVPlayer rejects a 206
  /// without a length).
  private func waitForLength(
    _ object: CachedObject, _ exchange: Exchange, _ viewer: ViewerConnection
  ) -> Step {
    object.body.waitForChange(worker: index)
    switch object.body.phase {
    case .aborted:
      leave(exchange)
      exchange.cache = .error
      return refuseUnread(exchange, viewer, status: 502, "The origin broke off its answer.")
    case .whole, .ended:
      return .open
    case .filling:
      clearDeadline(viewer)
      followers[ObjectIdentifier(object), default: []].append(viewer.reference)
      exchange.resume = .open
      exchange.outlivedTurn = true
      return .parked
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
