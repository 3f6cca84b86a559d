internal import Bytes
internal import Cache
internal import Loop
internal import Telemetry

extension Worker {
  /// Sends the body: a small whole one is copied behind its head and done; a longer one is pulled
  /// at the end of the turn, and then whenever the socket takes more or the Fill has more.
  ///
  /// Next: `record`, or `deliver` again.
  func deliver(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    markDirty(viewer)
    guard exchange.framing == .length, exchange.bodySent == 0,
      exchange.end - exchange.offset <= UInt64(DeliveryLimits.copiedBodyBytes),
      copySmall(exchange, viewer)
    else {
      if exchange.hold != .none, !exchange.isReading {
        exchange.isReading = true
        front.beginReading(exchange.hold)
      }
      exchange.outlivedTurn = true
      return .deliver
    }
    return .record
  }

  private func copySmall(_ exchange: Exchange, _ viewer: ViewerConnection) -> Bool {
    let count = Int(exchange.end - exchange.offset)
    return withObject(exchange) { object in
      guard object.body.phase == .whole, object.body.file == nil else { return false }
      let piece = unsafe object.body.next(
        offset: exchange.offset, limit: count, worker: index,
        scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      guard case .range(let range) = piece, range.count == count else { return false }
      let room = unsafe viewer.outbound.room(count, from: chunks)
      guard room.count >= count else { return false }
      unsafe room.copyMemory(
        from: UnsafeRawBufferPointer(node.arena.bytes(offset: range.offset, count: count)))
      viewer.outbound.filled(count)
      exchange.offset += UInt64(count)
      exchange.bodySent += UInt64(count)
      exchange.firstByte = loop.now
      return true
    }
  }

  /// Calls `body` with the object that the exchange reads, held by the front table or by itself.
  @inline(__always)
  func withObject<Result>(_ exchange: Exchange, _ body: (CachedObject) -> Result) -> Result {
    if exchange.hold != .none { return front.with(exchange.hold, body) }
    guard let object = exchange.object else {
      preconditionFailure("an exchange reads no object")
    }
    return body(object)
  }

  /// The system call that used a pinned range has returned; `true` when the writer waits.
  func unpin(_ exchange: Exchange) -> Bool { withObject(exchange) { $0.body.unpin() } }

  /// The writer waited for a reader to make room.
  func tellWriter(_ exchange: Exchange) {
    guard let object = exchange.object else { return }
    tell(object.owner, .roomMade(object))
  }

  /// Gives back what the exchange holds; the journey is over or broken off.
  func letGo(_ exchange: Exchange, _ viewer: ViewerConnection) {
    if exchange.isReading {
      exchange.isReading = false
      front.endReading(exchange.hold)
    }
    exchange.hold = .none
    exchange.upload?.bodyBroken(self)
    exchange.upload = nil
    leave(exchange)
    if exchange.view != nil { exchange.view = nil }
    if exchange.fetched != nil { exchange.fetched = nil }
  }
}
