internal import Bytes
internal import Loop
internal import Telemetry
internal import Wire

/// Reading an answer: heads into the fetch's own memory, bodies straight into the client's.
extension OriginPool {
  /// Reads until the socket is empty, the client is full, the turn is over or the answer is.
  func read(_ fetch: Fetch, _ client: FetchClient, over connection: OriginConnection) -> Standing {
    var left = OriginLimits.turnBytes
    while true {
      if let standing = digestHeld(fetch, client) { return standing }
      guard !fetch.isPaused, left > 0 else { return .going }
      var count = 0
      let standing =
        fetch.machine.hasHead
        ? readBody(fetch, client, connection.socket, &count)
        : readHead(fetch, connection.socket, &count)
      if let standing { return standing }
      left -= count
    }
  }

  /// Tells the client what the held bytes mean; `nil` when more must be read.
  private func digestHeld(_ fetch: Fetch, _ client: FetchClient) -> Standing? {
    if fetch.machine.phase == .length(0) { return digest(fetch, client, fetch.input ?? scratch) }
    guard let input = fetch.input, !input.isEmpty else { return nil }
    return digest(fetch, client, input)
  }

  /// Goes through the bytes of `buffer` until they are used up or the client is full.
  ///
  /// `room` is what the client has said and not been given since.
  private func digest(
    _ fetch: Fetch, _ client: FetchClient, _ buffer: FetchBuffer, room: Int = 0
  ) -> Standing? {
    var room = room
    while true {
      let isInBody = fetch.machine.hasHead && fetch.machine.phase != .length(0)
      if isInBody, buffer.isEmpty { return nil }
      if isInBody, room == 0 {
        room = max(0, client.fetchRoom(fetch.id))
        if let standing = pauseOrStop(fetch, room: room) { return standing }
      }
      switch fetch.machine.next(buffer.held, room: room, head: &head) {
      case .more(let consumed):
        buffer.consume(consumed)
        if !fetch.machine.hasHead { return nil }
      case .skip(let count):
        buffer.consume(count)
        fetch.lastProgress = loop.now
      case .interim(let count):
        fetch.lastProgress = loop.now
        countAnswer(head.status)
        // The first server's are enough.
        if fetch.main == nil {
          client.fetchInterim(fetch.id, head: head, bytes: buffer.held.extracting(0..<count))
        }
        buffer.consume(count)
      case .head(let count): giveHead(fetch, client, buffer, count)
      case .payload(let start, let count, let consumed):
        room -= count
        client.fetchBody(fetch.id, bytes: buffer.held.extracting(start..<(start + count)))
        buffer.consume(consumed)
      case .ended(let consumed, let closeDelimited):
        buffer.consume(consumed)
        fetch.hasSurplus = !buffer.isEmpty
        return .ended(closeDelimited: closeDelimited)
      case .failed(let kind): return .failed(kind)
      }
      guard !fetch.isCancelled else { return .cancelled }
    }
  }

  /// Whether the client stopped the fetch, or has no room and it must wait.
  private func pauseOrStop(_ fetch: Fetch, room: Int) -> Standing? {
    guard !fetch.isCancelled else { return .cancelled }
    guard room <= 0 else { return nil }
    fetch.isPaused = true
    return .going
  }

  private func giveHead(
    _ fetch: Fetch, _ client: FetchClient, _ buffer: FetchBuffer, _ count: Int
  ) {
    fetch.progress.headGiven = true
    fetch.lastProgress = loop.now
    fetch.isErrorAnswer = [500, 502, 503, 504].contains(head.status)
    countAnswer(head.status)
    guard wins(fetch, status: head.status) else { return }
    unpair(fetch)
    noteFirstByte(of: fetch)
    client.fetchHead(
      fetch.id, head: head, bytes: buffer.held.extracting(0..<count), server: fetch.server)
    buffer.consume(count)
  }

  /// Reads bytes of a head; `nil` when some came.
  private func readHead(_ fetch: Fetch, _ socket: Socket, _ count: inout Int) -> Standing? {
    let input = fetch.input ?? inputs.take()
    fetch.input = input
    let transfer = unsafe loop.network.read(
      socket, into: unsafe input.freeSpace(limit: OriginLimits.headReadBytes))
    guard case .moved(let moved) = transfer else {
      return standing(after: transfer, of: fetch, held: input.count)
    }
    input.filled(moved)
    arrived(moved, of: fetch, &count)
    return nil
  }

  /// Reads bytes of a body; `nil` when some came.
  private func readBody(
    _ fetch: Fetch, _ client: FetchClient, _ socket: Socket, _ count: inout Int
  ) -> Standing? {
    let room = client.fetchRoom(fetch.id)
    if let standing = pauseOrStop(fetch, room: room) { return standing }
    let plain = min(room, Int(clamping: fetch.machine.plainPayloadMax))
    if plain > 0 {
      let memory = unsafe client.fetchBuffer(fetch.id, limit: plain)
      guard !fetch.isCancelled else { return .cancelled }
      if let memory = unsafe memory, unsafe !memory.isEmpty {
        let bounded = unsafe UnsafeMutableRawBufferPointer(
          rebasing: memory[..<min(plain, memory.count)])
        return unsafe readInPlace(fetch, client, socket, bounded, &count)
      }
    }
    return readThroughScratch(fetch, client, socket, limit: plain > 0 ? plain : room, &count)
  }

  private func readInPlace(
    _ fetch: Fetch, _ client: FetchClient, _ socket: Socket,
    _ memory: UnsafeMutableRawBufferPointer, _ count: inout Int
  ) -> Standing? {
    let transfer = unsafe loop.network.read(socket, into: memory)
    guard case .moved(let moved) = transfer else {
      client.fetchFilled(fetch.id, count: 0)
      guard !fetch.isCancelled else { return .cancelled }
      return standing(after: transfer, of: fetch, held: 0)
    }
    fetch.machine.took(moved)
    arrived(moved, of: fetch, &count)
    client.fetchFilled(fetch.id, count: moved)
    return fetch.isCancelled ? .cancelled : nil
  }

  private func readThroughScratch(
    _ fetch: Fetch, _ client: FetchClient, _ socket: Socket, limit: Int, _ count: inout Int
  ) -> Standing? {
    defer { scratch.clear() }
    let transfer = unsafe loop.network.read(socket, into: unsafe scratch.freeSpace(limit: limit))
    guard case .moved(let moved) = transfer else {
      return standing(after: transfer, of: fetch, held: 0)
    }
    scratch.filled(moved)
    arrived(moved, of: fetch, &count)
    // No more was read than there is room for, so nothing is left over.
    return digest(fetch, client, scratch, room: limit)
  }

  private func arrived(_ moved: Int, of fetch: Fetch, _ count: inout Int) {
    count += moved
    telemetry.add(moved, to: .originBytesReceived)
    fetch.progress.answerStarted = true
    guard fetch.machine.hasHead else { return }
    let gap = loop.now - fetch.lastProgress
    if gap > fetch.longestGap { fetch.longestGap = gap }
    fetch.lastProgress = loop.now
  }

  /// What a read that brought no bytes means.
  private func standing(after transfer: Transfer, of fetch: Fetch, held: Int) -> Standing {
    switch transfer {
    case .moved, .wait: return .going
    case .failed: return .failed(.reset)
    case .end:
      switch fetch.machine.peerEnded(held: held) {
      case .ended(_, let closeDelimited): return .ended(closeDelimited: closeDelimited)
      case .failed(let kind): return .failed(kind)
      case .more, .interim, .skip, .head, .payload: return .going
      }
    }
  }
}
