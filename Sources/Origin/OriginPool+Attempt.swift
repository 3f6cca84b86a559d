internal import Bytes
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

/// Choosing a server and a connection, and what follows when an attempt fails.
extension OriginPool {
  /// Makes the next attempt of `fetch`; what fails at once is judged at once, within bounds.
  func attempt(_ fetch: Fetch) {
    guard let order = fetch.order else { return }
    if fetch.server < 0 {
      guard
        let (server, isTrial) = servers.choose(for: order, tried: fetch.plan.tried, at: loop.now)
      else {
        return conclude(fetch, FetchFailure(kind: .unresolved, server: -1, headGiven: false))
      }
      fetch.server = server
      fetch.isTrial = isTrial
      fetch.addressOffset = 0
    }
    let server = servers.index(order.snapshot, order.originIndex, server: fetch.server)
    fetch.prepareAttempt()
    fetch.attemptBegan = loop.now
    fetch.plan.began()
    armHedge(fetch)
    // A request that must not be sent twice is not risked on a connection that may have died.
    if order.mayBeRisked, !fetch.mustBeFresh, let connection = takeIdle(of: server) {
      telemetry.add(to: .originConnectionsReused)
      fetch.progress.reused = true
      return carry(fetch, over: connection)
    }
    connect(fetch, to: server)
  }

  /// Judges a failed attempt: closes its connection and tries again, or gives up.
  func attemptFailed(_ fetch: Fetch, _ kind: FetchFailure.Kind) {
    let server = fetch.server
    let hadDied = kind == .reset && fetch.progress.reused && !fetch.progress.answerStarted
    if let connection = fetch.connection { close(connection) }
    fetch.input?.clear()
    fetch.uploadBuffer?.clear()
    let next = fetch.plan.failed(kind, at: server, fetch.progress)
    if !(hadDied && next == .freshConnection) { blame(fetch, kind) }
    if next == .nextServer || next == .surrender {
      if fetch.main != nil { return hedgeFailed(fetch) }
      if let hedge = fetch.hedge { return promote(hedge, inPlaceOf: fetch) }
    }
    let failure = FetchFailure(
      kind: kind, server: server, headGiven: fetch.progress.headGiven)
    switch next {
    case .freshConnection:
      fetch.mustBeFresh = true
      telemetry.add(to: .originRetriesReusedConnection)
    case .nextAddress:
      fetch.addressOffset += 1
    case .nextServer:
      guard let order = fetch.order,
        servers.hasMore(order.snapshot, order.originIndex, tried: fetch.plan.tried),
        takeRetry(of: order)
      else { return conclude(fetch, failure) }
      leaveServer(fetch)
      telemetry.add(to: .originRetriesNextServer)
    case .surrender: return conclude(fetch, failure)
    }
    attempt(fetch)
  }

  /// The socket of a connection that is being made has become ready.
  func connectFinished(_ connection: OriginConnection) {
    guard let fetch = connection.fetch else { return close(connection) }
    guard loop.network.connectResult(connection.socket) == 0 else {
      return attemptFailed(fetch, .refused)
    }
    servers.connected(connection.server, addressOffset: fetch.addressOffset)
    carry(fetch, over: connection)
  }

  /// Keeps the connection of a complete answer, or closes it.
  func keep(_ connection: OriginConnection, mayReuse: Bool) {
    connection.fetch?.connection = nil
    guard mayReuse, !isDraining, connection.exchanges < OriginLimits.exchangesPerConnectionMax
    else { return close(connection) }
    if let oldest = servers.oldestIdleBeyondLimit(of: connection.server) {
      close(connections[Int(oldest)])
    }
    connection.rest(at: loop.now)
    servers.keep(idle: connection.slot, of: connection.server)
    updateInterest(connection)
    armTimer(connection)
  }

  /// The youngest kept connection to `server` that is still silent and open.
  ///
  /// One read proves it: bytes that nobody asked for must never be taken for the next answer. A
  /// connection to an address that the name has no more is not used again.
  private func takeIdle(of server: Int) -> OriginConnection? {
    let addresses = servers.addresses(of: server)
    while let slot = servers.takeIdle(of: server) {
      let connection = connections[Int(slot)]
      let answer = unsafe loop.network.read(
        connection.socket, into: unsafe probe.freeSpace(limit: 1))
      if answer == .wait, addresses.contains(connection.address) { return connection }
      close(connection)
    }
    return nil
  }

  /// Begins a connection to `server` at the address whose turn it is.
  private func connect(_ fetch: Fetch, to server: Int) {
    let addresses = servers.addresses(of: server)
    guard let address = servers.address(of: server, offset: fetch.addressOffset, in: addresses)
    else { return attemptFailed(fetch, .unresolved) }
    fetch.progress.moreAddresses = fetch.addressOffset + 1 < addresses.count
    guard let connection = takeConnection() else { return attemptFailed(fetch, .overLimit) }
    let socket: Socket
    do {
      socket = try loop.network.connect(to: address)
    } catch {
      giveBack(connection)
      return attemptFailed(fetch, .refused)
    }
    telemetry.add(to: .originConnectionsOpened)
    telemetry.add(to: .originConnectionsActive)
    servers.connectionOpened(server)
    connection.begin(socket, to: server, at: address, for: fetch, now: loop.now)
    fetch.connection = connection
    loop.network.watch(socket, for: connection.token)
    connection.interest = .readable
    updateInterest(connection)
    armTimer(connection)
  }

  /// Puts the exchange of `fetch` on `connection` and writes its head.
  private func carry(_ fetch: Fetch, over connection: OriginConnection) {
    guard let order = fetch.order else { return }
    connection.carry(fetch, at: loop.now)
    fetch.connection = connection
    fetch.lastProgress = loop.now
    servers.writeHead(of: order, server: fetch.server, into: &fetch.requestHead)
    telemetry.add(to: .originRequests)
    writeHead(fetch)
    updateInterest(connection)
    armTimer(connection)
  }

  /// `fetch` no longer asks its server.
  func leaveServer(_ fetch: Fetch) {
    guard fetch.server >= 0, let order = fetch.order else { return }
    servers.left(servers.index(order.snapshot, order.originIndex, server: fetch.server))
    fetch.server = -1
  }

  /// The head of an answer has come: how long that took says how fast its server is.
  ///
  /// Not of errors, which are quick to say, nor of what an origin may hold.
  func noteFirstByte(of fetch: Fetch) {
    guard !fetch.isErrorAnswer, let order = fetch.order, order.firstByteTimeout == nil else {
      return
    }
    let microseconds = Int((loop.now.nanoseconds - fetch.attemptBegan.nanoseconds) / 1000)
    let server = servers.index(order.snapshot, order.originIndex, server: fetch.server)
    servers.noteFirstByte(microseconds, of: server, at: loop.now)
    board.noteFirstByte(microseconds, at: fetch.place)
  }

  private func blame(_ fetch: Fetch, _ kind: FetchFailure.Kind) {
    count(kind)
    let isFault = FetchFailure(kind: kind, server: 0, headGiven: false).blamesServer
    note(isFault ? .failure : .nothing, of: fetch, reason: AccessDetail(kind))
  }

  /// Tells the node's board what came of a fetch at its present server, and the error log if that
  /// server goes down or comes up with it; a trial ends.
  func note(_ sign: HealthBoard.Sign, of fetch: Fetch, reason: AccessDetail = .none) {
    guard fetch.server >= 0, let order = fetch.order else { return }
    let server = servers.index(order.snapshot, order.originIndex, server: fetch.server)
    let change = servers.note(sign, of: server, at: loop.now, isTrial: fetch.isTrial)
    fetch.isTrial = false
    guard let change else { return }
    let isDown = change == .wentDown
    errors.post(isDown ? .serverDown : .serverUp, level: isDown ? .warning : .info, now: loop.now) {
      record in
      record.time = loop.wall
      record.side = .origin
      record.reason = reason
      let origin = order.snapshot.origins[order.originIndex]
      let label = Array("\(origin.name)/\(origin.servers[fetch.server].authority)".utf8)
      record.origin.set(label.span)
    }
  }
}
