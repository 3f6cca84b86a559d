internal import Bytes
internal import Cache
internal import Loop
internal import Telemetry

// Bytes out: heads from the connection's queue, bodies from the arena, one system call a piece.
extension Worker {
  /// How far a flush has come with a connection.
  private enum Flushed {
    /// Everything is out, or the exchange waits for more bytes.
    case done
    /// The socket takes no more now.
    case blocked
    /// The turn's share is used up.
    case shared
    /// The connection is gone.
    case closed
  }

  /// Sends what the connection has: gathered heads and small bodies, then the body under way.
  func flush(_ viewer: ViewerConnection) {
    var budget = DeliveryLimits.bytesPerTurn
    var outcome = Flushed.done
    while viewer.isOpen {
      guard let exchange = viewer.exchange, exchange.step == .deliver else {
        outcome = sendOutbound(viewer)
        break
      }
      guard budget > 0 else {
        outcome = .shared
        break
      }
      outcome = sendBody(exchange, viewer, budget: &budget)
      guard outcome == .done else { break }
      if exchange.step == .parked || exchange.step == .deliver { break }
      // The body is out: the record, and the next request if it is already here.
      travel(viewer)
    }
    guard viewer.isOpen else { return }
    switch outcome {
    case .blocked:
      setInterest(viewer, viewer.interest.union(.writable))
      if viewer.wait != .send { setDeadline(viewer, DeliveryLimits.sendStall, for: .send) }
    case .shared: enqueue(viewer)
    case .closed: break
    case .done: settle(viewer)
    }
  }

  /// Everything is out: close, linger, or be idle.
  private func settle(_ viewer: ViewerConnection) {
    if let exchange = viewer.exchange {
      if viewer.wait == .send { clearDeadline(viewer) }
      // A pipeline that was held back ends with a part of a head: the rest must be read.
      if exchange.step == .receive { readOn(viewer) }
      return
    }
    if viewer.closesAfterResponse || viewer.sawEnd {
      return viewer.isLingering ? linger(viewer) : close(viewer)
    }
    if chunks.outCount > DeliveryLimits.warmChunks {
      viewer.inbound.giveBackIfEmpty(to: chunks)
      viewer.outbound.giveBackIfEmpty(to: chunks)
    }
    setDeadline(viewer, DeliveryLimits.keepAlive, for: .request)
    readOn(viewer)
  }

  private func readOn(_ viewer: ViewerConnection) {
    guard !viewer.interest.contains(.readable), !viewer.sawEnd else { return }
    setInterest(viewer, viewer.interest.union(.readable))
  }

  /// Ends our side and discards what still comes, so that the peer reads the answer and no reset.
  private func linger(_ viewer: ViewerConnection) {
    guard viewer.wait != .linger else { return }
    if viewer.sawEnd { return close(viewer) }
    viewer.inbound.giveBack(to: chunks)
    loop.network.finishWriting(viewer.socket)
    setInterest(viewer, .readable)
    setDeadline(viewer, DeliveryLimits.linger, for: .linger)
  }

  /// Sends the gathered bytes alone.
  private func sendOutbound(_ viewer: ViewerConnection) -> Flushed {
    while !viewer.outbound.isEmpty {
      let transfer = unsafe withPieces(viewer.outbound.bytes, nil) {
        unsafe loop.network.write(viewer.socket, $0, more: false)
      }
      switch transfer {
      case .moved(let count): viewer.outbound.consume(count)
      case .wait: return .blocked
      case .end, .failed: return sendFailed(viewer)
      }
    }
    if chunks.outCount > DeliveryLimits.warmChunks { viewer.outbound.giveBackIfEmpty(to: chunks) }
    return .done
  }

  /// Pulls and sends the next pieces of the exchange's body.
  private func sendBody(
    _ exchange: Exchange, _ viewer: ViewerConnection, budget: inout Int
  ) -> Flushed {
    while budget > 0 {
      if exchange.offset >= exchange.end {
        if exchange.framing == .parts, advance(exchange, viewer) { continue }
        exchange.step = .record
        return .done
      }
      var limit = min(budget, Int(min(exchange.end - exchange.offset, 1 << 30)))
      if exchange.chunkLeft > 0 { limit = min(limit, exchange.chunkLeft) }
      let piece = nextPiece(exchange, limit: limit)
      switch piece {
      case .range(let range):
        let outcome = send(range, exchange, viewer, budget: &budget)
        guard outcome == .done else { return outcome }
      case .copied(let count, let wakesWriter):
        if wakesWriter { tellWriter(exchange) }
        let outcome = sendCopy(count, exchange, viewer, budget: &budget)
        guard outcome == .done else { return outcome }
      case .file(let range):
        let outcome = send(range, exchange, viewer, budget: &budget)
        guard outcome == .done else { return outcome }
      case .absent(let part):
        awaitDisk(exchange, viewer, part: part)
        return sendOutbound(viewer)
      case .wait(let wakesWriter):
        if wakesWriter { tellWriter(exchange) }
        // The bit is set: the writer's next step posts a message, this exchange waits for it.
        followBody(exchange, viewer)
        return sendOutbound(viewer)
      case .end:
        return endOfBody(exchange, viewer)
      case .lapped:
        telemetry.add(to: .readersLapped)
        forgetEvicted(exchange)
        if goOnAlone(exchange, viewer) { return sendOutbound(viewer) }
        return bodyBroken(exchange, viewer, lapped: true)
      case .aborted:
        return bodyBroken(exchange, viewer, lapped: false)
      }
    }
    return .shared
  }

  /// A body that its volume has evicted, or that turned out to be damaged, is not served again.
  private func forgetEvicted(_ exchange: Exchange) {
    withObject(exchange) { if $0.body.file != nil { table.forget($0) } }
  }

  private func nextPiece(_ exchange: Exchange, limit: Int) -> BodyPiece {
    let scratch = unsafe copyScratch.room(ChunkPool.sizes.large, from: chunks)
    return withObject(exchange) { object in
      unsafe object.body.next(
        offset: exchange.offset - exchange.bodyStart, limit: limit, worker: index, scratch: scratch)
    }
  }

  /// Sends a range of the arena behind whatever is gathered.
  private func send(
    _ range: ArenaRange, _ exchange: Exchange, _ viewer: ViewerConnection, budget: inout Int
  ) -> Flushed {
    announce(range.count, exchange, viewer)
    let transfer: Transfer
    let headBytes = viewer.outbound.count
    if range.mayLend, range.count >= DeliveryLimits.lentBytes {
      transfer = lend(range, exchange, viewer)
    } else {
      let body = unsafe UnsafeRawBufferPointer(
        node.arena.bytes(offset: range.offset, count: range.count))
      transfer = unsafe withPieces(viewer.outbound.bytes, body) {
        unsafe loop.network.write(viewer.socket, $0, more: false)
      }
    }
    if range.isPinned, unpin(exchange) { tellWriter(exchange) }
    return account(transfer, headBytes: headBytes, wanted: range.count, exchange, viewer, &budget)
  }

  /// Sends the gathered head with `MSG_MORE`, then the range by `sendfile`.
  private func lend(
    _ range: ArenaRange, _ exchange: Exchange, _ viewer: ViewerConnection
  ) -> Transfer {
    withObject(exchange) { $0.body.markLent() }
    return lendFile(
      viewer, descriptor: node.arena.descriptor, offset: range.offset, count: range.count)
  }

  private func lendFile(
    _ viewer: ViewerConnection, descriptor: Int32, offset: Int, count: Int
  ) -> Transfer {
    let headBytes = viewer.outbound.count
    if headBytes > 0 {
      let transfer = unsafe withPieces(viewer.outbound.bytes, nil) {
        unsafe loop.network.write(viewer.socket, $0, more: true)
      }
      guard transfer == .moved(headBytes) else { return transfer }
    }
    let transfer = loop.network.sendFile(
      viewer.socket, descriptor: descriptor, offset: offset, count: count)
    switch transfer {
    case .moved(let count): return .moved(headBytes + count)
    case .wait: return headBytes > 0 ? .moved(headBytes) : .wait
    case .end, .failed: return transfer
    }
  }

  /// Sends a range of a volume behind whatever is gathered; its zone is pinned for this call alone.
  private func send(
    _ range: FileRange, _ exchange: Exchange, _ viewer: ViewerConnection, budget: inout Int
  ) -> Flushed {
    announce(range.count, exchange, viewer)
    let headBytes = viewer.outbound.count
    let start = loop.network.instant()
    let transfer = lendFile(
      viewer, descriptor: range.descriptor, offset: range.offset, count: range.count)
    let length = loop.network.instant() - start
    withObject(exchange) { object in
      object.body.file?.release(range)
      if length >= DeliveryLimits.diskStall { node.disk.sent(object, in: length) }
    }
    return account(transfer, headBytes: headBytes, wanted: range.count, exchange, viewer, &budget)
  }

  /// Sends bytes that were copied out of a window.
  private func sendCopy(
    _ count: Int, _ exchange: Exchange, _ viewer: ViewerConnection, budget: inout Int
  ) -> Flushed {
    announce(count, exchange, viewer)
    let headBytes = viewer.outbound.count
    let scratch = unsafe copyScratch.room(ChunkPool.sizes.large, from: chunks)
    let body = unsafe UnsafeRawBufferPointer(rebasing: scratch[..<count])
    let transfer = unsafe withPieces(viewer.outbound.bytes, body) {
      unsafe loop.network.write(viewer.socket, $0, more: false)
    }
    return account(transfer, headBytes: headBytes, wanted: count, exchange, viewer, &budget)
  }

  /// Books what a system call moved; `.done` when all of the piece went out.
  private func account(
    _ transfer: Transfer, headBytes: Int, wanted: Int, _ exchange: Exchange,
    _ viewer: ViewerConnection, _ budget: inout Int
  ) -> Flushed {
    guard case .moved(let count) = transfer else {
      return transfer == .wait ? .blocked : sendFailed(viewer)
    }
    viewer.outbound.consume(min(count, headBytes))
    let body = max(0, count - headBytes)
    if body > 0 {
      if exchange.firstByte == nil { exchange.firstByte = loop.now }
      exchange.offset += UInt64(body)
      exchange.bodySent += UInt64(body)
      budget -= body
      if exchange.chunkLeft > 0 {
        exchange.chunkLeft -= body
        if exchange.chunkLeft == 0 { append("\r\n", to: viewer) }
      }
      if viewer.wait == .send { viewer.deadline = loop.now + DeliveryLimits.sendStall }
    }
    return body == wanted ? .done : .blocked
  }

  /// Writes the size line of the next chunk where the response is chunked.
  private func announce(_ count: Int, _ exchange: Exchange, _ viewer: ViewerConnection) {
    guard exchange.framing == .chunked, exchange.chunkLeft == 0 else { return }
    exchange.chunkLeft = count
    appendChunkSize(count, to: viewer)
  }

  private func endOfBody(_ exchange: Exchange, _ viewer: ViewerConnection) -> Flushed {
    precondition(
      exchange.end == .max || exchange.offset == exchange.end,
      "a body ended before the length that its head promised")
    if exchange.framing == .chunked { append("0\r\n\r\n", to: viewer) }
    if exchange.framing == .untilClose { viewer.closesAfterResponse = true }
    exchange.end = exchange.offset
    exchange.step = .record
    return .done
  }

  /// The transfer broke: never a clean end, in any framing.
  private func bodyBroken(
    _ exchange: Exchange, _ viewer: ViewerConnection, lapped: Bool
  ) -> Flushed {
    exchange.detail = lapped ? .lapped : .truncated
    exchange.isAborted = true
    telemetry.add(to: lapped ? .responseAbortedByEdge : .responseAbortedByOrigin)
    finishAborted(exchange, viewer)
    return .closed
  }

  private func sendFailed(_ viewer: ViewerConnection) -> Flushed {
    if let exchange = viewer.exchange, exchange.step != .receive {
      exchange.detail = .viewerReset
      exchange.isAborted = true
      telemetry.add(to: .responseAbortedByViewer)
      finishAborted(exchange, viewer)
    } else {
      close(viewer)
    }
    return .closed
  }

  /// Calls `body` with one or two pieces, without allocating.
  @inline(__always)
  private func withPieces<Result>(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer?,
    _ body: (UnsafeBufferPointer<UnsafeRawBufferPointer>) -> Result
  ) -> Result {
    guard let second = unsafe second else {
      return unsafe withUnsafePointer(to: first) {
        unsafe body(UnsafeBufferPointer(start: $0, count: 1))
      }
    }
    if unsafe first.isEmpty {
      return unsafe withUnsafePointer(to: second) {
        unsafe body(UnsafeBufferPointer(start: $0, count: 1))
      }
    }
    return unsafe withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: 2) {
      pieces in
      unsafe pieces.initializeElement(at: 0, to: first)
      unsafe pieces.initializeElement(at: 1, to: second)
      return unsafe body(UnsafeBufferPointer(pieces))
    }
  }
}
