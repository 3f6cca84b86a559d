internal import Bytes
internal import Loop
internal import Telemetry

/// The tables of fetches and connections: slots, names, buffers, timers.
extension OriginPool {
  /// The fetch that `id` names, if its client still listens.
  func find(_ id: FetchID) -> Fetch? {
    guard Int(id.slot) < fetches.count else { return nil }
    let fetch = fetches[Int(id.slot)]
    return fetch.isCalled(id) ? fetch : nil
  }

  /// The fetch whose timer has this token, unless it has ended since; `nil` for a connection's.
  func fetch(of token: Token) -> Fetch? {
    let slot = Int(token.bits & 0xFFFF_FFFF)
    guard slot < fetches.count, fetches[slot].token == token, fetches[slot].order != nil else {
      return nil
    }
    return fetches[slot]
  }

  /// A free fetch.
  func takeFetch() -> Fetch {
    if let slot = freeFetches.popLast() { return fetches[Int(slot)] }
    let fetch = Fetch(slot: UInt32(fetches.count))
    fetches.append(fetch)
    return fetch
  }

  /// Ends a fetch that has no connection any more.
  func release(_ fetch: Fetch) {
    unpair(fetch)
    if let input = fetch.input { inputs.give(back: input) }
    fetch.input = nil
    releaseUpload(fetch)
    loop.timers.cancel(fetch.timer)
    fetch.timer = .none
    leaveServer(fetch)
    returnPermit(fetch)
    fetch.end()
    freeFetches.append(fetch.slot)
  }

  /// Gives the memory of a request's body back.
  func releaseUpload(_ fetch: Fetch) {
    if let buffer = fetch.uploadBuffer { uploads.give(back: buffer) }
    fetch.uploadBuffer = nil
  }

  /// Closes the connection of a fetch that nobody wants any more, and ends it.
  func abandon(_ fetch: Fetch) {
    if fetch.isTrial { note(.nothing, of: fetch) }
    if let connection = fetch.connection { close(connection) }
    release(fetch)
  }

  /// Goes on with `fetch` in `endTurn`.
  func enqueue(_ fetch: Fetch) {
    guard !fetch.isQueued else { return }
    fetch.isQueued = true
    queue.append(fetch.id)
  }

  /// Keeps the failure of `fetch` until `endTurn` tells it.
  func conclude(_ fetch: Fetch, _ failure: FetchFailure) {
    fetch.outcome = failure
    enqueue(fetch)
  }

  /// The connection that `token` names, unless it has been closed since.
  func connection(of token: Token) -> OriginConnection? {
    let slot = Int(token.bits & 0xFFFF_FFFF)
    guard slot < connections.count, connections[slot].token == token else { return nil }
    return connections[slot]
  }

  /// A closed connection to use anew; `nil` when all are in use.
  func takeConnection() -> OriginConnection? {
    if openConnections >= OriginLimits.connectionsMax, !closeOldestIdle() { return nil }
    openConnections += 1
    if let slot = freeConnections.popLast() { return connections[Int(slot)] }
    let connection = OriginConnection(slot: UInt32(connections.count))
    connections.append(connection)
    return connection
  }

  /// Gives back a connection that never got a socket.
  func giveBack(_ connection: OriginConnection) {
    openConnections -= 1
    freeConnections.append(connection.slot)
  }

  /// Closes a connection, whatever it is doing; its fetch loses it.
  func close(_ connection: OriginConnection) {
    precondition(connection.phase != .closed, "a connection was closed twice")
    if connection.phase == .idle { servers.forget(idle: connection.slot, of: connection.server) }
    connection.fetch?.connection = nil
    loop.timers.cancel(connection.timer)
    connection.timer = .none
    loop.network.close(connection.socket)
    servers.connectionClosed(connection.server)
    telemetry.subtract(from: .originConnectionsActive)
    connection.end()
    giveBack(connection)
  }

  /// Closes the connection that has been idle for longest, if any is idle.
  private func closeOldestIdle() -> Bool {
    var oldest: OriginConnection?
    for connection in connections where connection.phase == .idle {
      if let found = oldest, found.since <= connection.since { continue }
      oldest = connection
    }
    guard let oldest else { return false }
    close(oldest)
    return true
  }

  /// Watches the socket for what its phase and its fetch need.
  func updateInterest(_ connection: OriginConnection) {
    var wanted: Readiness = []
    switch connection.phase {
    case .closed: return
    case .connecting: wanted = .writable
    case .idle: wanted = .readable
    case .exchanging:
      guard let fetch = connection.fetch else { return }
      if !fetch.isPaused { wanted.insert(.readable) }
      if fetch.wantsToWrite { wanted.insert(.writable) }
    }
    guard wanted != connection.interest else { return }
    connection.interest = wanted
    loop.network.setInterest(connection.socket, wanted)
  }
}
