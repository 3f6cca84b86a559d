internal import Bytes
internal import Loop
internal import Telemetry
internal import Wire

/// Moving the bytes of an exchange: what a turn does with a fetch whose socket or client is ready.
///
/// A client may call the pool at any time; `isPumping` keeps a fetch's memory in place until the
/// pump has looked at what was asked for.
extension OriginPool {
  /// How an exchange stands after its bytes were moved.
  enum Standing: Equatable {
    /// It goes on.
    case going
    /// The answer is complete.
    case ended(closeDelimited: Bool)
    /// The attempt failed.
    case failed(FetchFailure.Kind)
    /// The client wants to hear no more.
    case cancelled
  }

  /// Moves what can be moved now, then settles how the fetch stands.
  func pump(_ fetch: Fetch, reads: Bool, writes: Bool) {
    guard let connection = fetch.connection, let client = fetch.client else { return }
    precondition(!fetch.isPumping && connection.phase == .exchanging, "pumped twice")
    fetch.isPumping = true
    var standing = Standing.going
    if writes { standing = write(fetch, client) }
    if reads, standing == .going { standing = read(fetch, client, over: connection) }
    fetch.isPumping = false
    settle(fetch, standing, client, connection)
  }

  private func settle(
    _ fetch: Fetch, _ standing: Standing, _ client: FetchClient, _ connection: OriginConnection
  ) {
    guard !fetch.isCancelled else { return abandon(fetch) }
    switch standing {
    case .cancelled: preconditionFailure("a fetch that was not cancelled says it was")
    case .failed(let kind): attemptFailed(fetch, kind)
    case .ended(let closeDelimited):
      let isWhole = fetch.isRequestWritten && !fetch.isWriteBroken
      let id = fetch.id
      note(
        fetch.isErrorAnswer ? .errorAnswer : .success, of: fetch,
        reason: fetch.isErrorAnswer ? .errorAnswers : .none)
      keep(connection, mayReuse: fetch.machine.mayReuse && isWhole && !fetch.hasSurplus)
      release(fetch)
      client.fetchEnded(id, closeDelimited: closeDelimited)
    case .going:
      if let input = fetch.input, input.isEmpty, fetch.machine.hasHead {
        inputs.give(back: input)
        fetch.input = nil
      }
      updateInterest(connection)
      armTimer(connection)
    }
  }

  /// Writes as much of the request's head as the socket takes.
  func writeHead(_ fetch: Fetch) {
    guard let connection = fetch.connection else { return }
    while fetch.requestHeadWritten < fetch.requestHead.count, !fetch.isWriteBroken {
      let transfer = unsafe fetch.requestHead.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[fetch.requestHeadWritten...])
        return unsafe write(rest, to: connection.socket)
      }
      guard let count = written(transfer, of: fetch) else { return }
      fetch.requestHeadWritten += count
    }
  }

  /// Writes the head, then bytes of the body as the client has them.
  private func write(_ fetch: Fetch, _ client: FetchClient) -> Standing {
    writeHead(fetch)
    guard fetch.requestHeadWritten == fetch.requestHead.count, !fetch.isWriteBroken,
      let connection = fetch.connection
    else { return .going }
    while true {
      if let buffer = fetch.uploadBuffer, !buffer.isEmpty {
        let transfer = unsafe write(buffer.heldPointer, to: connection.socket)
        guard let count = written(transfer, of: fetch) else { return .going }
        buffer.consume(count)
        continue
      }
      guard !fetch.upload.isFinished, !fetch.isUploadWaiting else { break }
      guard let standing = pullUpload(fetch, client) else { continue }
      return standing
    }
    if fetch.upload.isFinished { releaseUpload(fetch) }
    return .going
  }

  /// Asks the client for bytes of the body; `nil` when there may be something to write.
  private func pullUpload(_ fetch: Fetch, _ client: FetchClient) -> Standing? {
    let buffer = fetch.uploadBuffer ?? uploads.take()
    fetch.uploadBuffer = buffer
    let memory = unsafe buffer.freeSpace(limit: buffer.capacity)
    let offset = fetch.upload.payloadOffset
    let limit = fetch.upload.payloadLimit(capacity: memory.count)
    let payload = unsafe UnsafeMutableRawBufferPointer(
      rebasing: memory[offset..<(offset + limit)])
    let step = unsafe client.fetchUpload(fetch.id, into: payload)
    guard !fetch.isCancelled else { return .cancelled }
    switch fetch.upload.accept(step, capacity: memory.count) {
    case .send(let count):
      if offset > 0, case .bytes(let length) = step {
        unsafe frameChunk(memory, payload: length)
      }
      buffer.filled(count)
    case .sendLastChunk:
      let last: [5 of UInt8] = [0x30, 0x0D, 0x0A, 0x0D, 0x0A]
      unsafe last.span.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
      buffer.filled(last.count)
    case .wait: fetch.isUploadWaiting = true
    case .finished: break
    case .broken: return .failed(.uploadBroken)
    }
    fetch.progress.uploadStarted = fetch.upload.hasStarted
    return nil
  }

  private func frameChunk(_ memory: UnsafeMutableRawBufferPointer, payload: Int) {
    let line = UploadMachine.chunkPrefix(payload: payload)
    unsafe line.span.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
    unsafe memory[line.count + payload] = 0x0D
    unsafe memory[line.count + payload + 1] = 0x0A
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to socket: Socket) -> Transfer {
    unsafe withUnsafePointer(to: bytes) { piece in
      let pieces = unsafe UnsafeBufferPointer(start: piece, count: 1)
      return unsafe loop.network.write(socket, pieces, more: false)
    }
  }

  /// Notes what a write came to; `nil` when nothing more can be written now.
  ///
  /// A write that fails is no verdict: an answer may lie ready to be read (RFC 9112 §9.5), and if
  /// none does, the read tells.
  private func written(_ transfer: Transfer, of fetch: Fetch) -> Int? {
    switch transfer {
    case .moved(let count):
      if !fetch.machine.hasHead { fetch.lastProgress = loop.now }
      fetch.progress.requestStarted = true
      telemetry.add(count, to: .originBytesSent)
      return count
    case .wait: return nil
    case .end, .failed:
      fetch.isWriteBroken = true
      return nil
    }
  }
}
