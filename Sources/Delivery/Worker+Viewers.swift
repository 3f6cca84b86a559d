internal import Bytes
internal import Loop
internal import Telemetry
internal import Wire

// The life of viewer connections: accepted, read, timed, closed.
extension Worker {
  /// Takes what waits on a listener; connections of a shared one are dealt out in turn.
  func accept(on listener: Listener) {
    let backOffs = listener.backOffs
    listener.accept(into: &accepted, loop: loop)
    if listener.backOffs != backOffs { telemetry.add(to: .acceptBackOffs) }
    for connection in accepted {
      if listener.listening.isShared {
        dealt += 1
        tell(dealt % node.mailboxes.count, .adopt(connection))
      } else {
        addViewer(connection)
      }
    }
    accepted.removeAll(keepingCapacity: true)
  }

  /// Gives an accepted connection its place.
  func addViewer(_ connection: Accepted) {
    guard viewerCount < DeliveryLimits.connectionsPerWorker, !isDraining else {
      telemetry.add(to: .viewerConnectionsRefused)
      return loop.network.close(connection.socket)
    }
    let viewer: ViewerConnection
    if let slot = freeViewers.popLast() {
      #if SPILLWAY_SANITIZE
        // A new object for every connection: pooling must hide no use after free.
        let fresh = ViewerConnection(slot: slot)
        fresh.generation = viewers[Int(slot)].generation
        viewers[Int(slot)] = fresh
      #endif
      viewer = viewers[Int(slot)]
    } else {
      viewer = ViewerConnection(slot: UInt32(viewers.count))
      viewers.append(viewer)
    }
    viewer.isOpen = true
    viewer.socket = connection.socket
    viewer.client = Worker.clientAddress(connection.peer)
    viewer.parser = RequestHeadParser()
    viewer.interest = .readable
    viewerCount += 1
    telemetry.add(to: .viewerConnectionsAccepted)
    telemetry.add(to: .viewerConnectionsActive)
    loop.network.watch(viewer.socket, for: viewer.token)
    setDeadline(viewer, DeliveryLimits.head, for: .request)
  }

  private static func clientAddress(_ peer: SocketAddress) -> ClientAddress {
    switch peer.host {
    case .ipv4(let bits): ClientAddress(ipv4: bits)
    case .ipv6(let high, let low, _): ClientAddress(family: .ipv6, high: high, low: low)
    case .unix: ClientAddress(family: .unix)
    }
  }

  func viewerReady(_ event: ReadyEvent) {
    let slot = Int(event.token.bits & 0xFFFF_FFFF)
    let viewer = viewers[slot]
    guard viewer.isOpen, viewer.token == event.token else { return }
    if event.readiness.contains(.writable) {
      setInterest(viewer, viewer.interest.subtracting(.writable))
      markDirty(viewer)
    }
    if event.readiness.contains(.readable) { read(viewer) }
  }

  /// Reads once and goes on with what came.
  private func read(_ viewer: ViewerConnection) {
    // While an answer is under way only a chunk of what follows is read: the rest waits in the
    // kernel, and the peer is held back by TCP.
    if let exchange = viewer.exchange, exchange.step != .receive, exchange.upload == nil,
      viewer.inbound.count >= DeliveryLimits.readBytes
    {
      return setInterest(viewer, viewer.interest.subtracting(.readable))
    }
    let room = unsafe viewer.inbound.room(readSize(viewer), from: chunks)
    guard room.count > 0 else {
      return setInterest(viewer, viewer.interest.subtracting(.readable))
    }
    switch unsafe loop.network.read(viewer.socket, into: room) {
    case .moved(let count):
      telemetry.add(count, to: .viewerBytesReceived)
      viewer.inbound.filled(count)
      received(viewer)
    case .wait:
      viewer.inbound.giveBackIfEmpty(to: chunks)
    case .end:
      viewer.sawEnd = true
      setInterest(viewer, viewer.interest.subtracting(.readable))
      viewer.inbound.giveBackIfEmpty(to: chunks)
      peerEnded(viewer)
    case .failed:
      peerFailed(viewer)
    }
  }

  /// A head that does not fit the first chunk gets the whole largest one.
  private func readSize(_ viewer: ViewerConnection) -> Int {
    viewer.inbound.count >= ChunkPool.sizes.small / 2
      ? max(DeliveryLimits.readBytes, WireLimits.headMax - viewer.inbound.count + 1)
      : DeliveryLimits.readBytes / 2
  }

  private func received(_ viewer: ViewerConnection) {
    if viewer.isLingering { return viewer.inbound.consume(viewer.inbound.count) }
    if viewer.exchange == nil { beginExchange(viewer) }
    guard let exchange = viewer.exchange else { return }
    if exchange.step == .receive {
      travel(viewer)
    } else if let upload = exchange.upload, !upload.isFinished {
      setDeadline(viewer, DeliveryLimits.requestBody, for: .body)
      upload.bodyArrived(self)
    }
  }

  private func peerEnded(_ viewer: ViewerConnection) {
    if viewer.isLingering { return close(viewer) }
    guard let exchange = viewer.exchange, exchange.step != .receive else {
      return close(viewer)
    }
    // The peer may have ended its side alone (RFC 9112 section 9.6): it still gets the answers to
    // all that it has sent; `settle` closes behind the last.
    exchange.upload?.bodyBroken(self)
  }

  private func peerFailed(_ viewer: ViewerConnection) {
    if let exchange = viewer.exchange, exchange.step != .receive {
      exchange.detail = .viewerReset
      exchange.isAborted = true
      finishAborted(exchange, viewer)
    } else {
      close(viewer)
    }
  }

  func setInterest(_ viewer: ViewerConnection, _ interest: Readiness) {
    guard viewer.interest != interest else { return }
    viewer.interest = interest
    loop.network.setInterest(viewer.socket, interest)
  }

  /// Sets the deadline of the present wait: a store, unless it is earlier than the wheel's.
  @inline(__always)
  func setDeadline(
    _ viewer: ViewerConnection, _ length: Milliseconds, for wait: ViewerConnection.Wait
  ) {
    viewer.wait = wait
    let deadline = loop.now + length
    if deadline < viewer.deadline || !loop.timers.isSet(viewer.timer) {
      if !loop.timers.move(viewer.timer, to: deadline) {
        viewer.timer = loop.timers.set(deadline, for: viewer.token)
      }
    }
    viewer.deadline = deadline
  }

  /// While the origin is waited for, its own time-outs decide.
  func clearDeadline(_ viewer: ViewerConnection) {
    viewer.wait = .origin
    viewer.deadline = .distantFuture
  }

  func viewerTimerExpired(_ token: Token) {
    let viewer = viewers[Int(token.bits & 0xFFFF_FFFF)]
    guard viewer.isOpen, viewer.token == token else { return }
    viewer.timer = .none
    guard viewer.deadline <= loop.now else {
      if viewer.deadline != .distantFuture {
        viewer.timer = loop.timers.set(viewer.deadline, for: token)
      }
      return
    }
    viewer.deadline = .distantFuture
    switch viewer.wait {
    case .request, .linger: close(viewer)
    case .head:
      telemetry.add(to: .requestHeadTimeout)
      refuseNow(viewer, status: 408, detail: .headTimeout)
    case .body:
      telemetry.add(to: .requestBodyTimeout)
      viewer.exchange?.upload?.bodyBroken(self)
      refuseNow(viewer, status: 408, detail: .bodyTimeout)
    case .send:
      if let exchange = viewer.exchange {
        exchange.detail = .viewerStall
        exchange.isAborted = true
        finishAborted(exchange, viewer)
      } else {
        close(viewer, reset: true)
      }
    case .origin: break
    }
  }

  /// Takes an exchange from the pool for the connection's next request.
  func beginExchange(_ viewer: ViewerConnection) {
    let exchange = exchanges.popLast() ?? Exchange()
    exchange.reset(id: newExchangeID(), now: loop.now)
    viewer.exchange = exchange
    telemetry.add(to: .requestsActive)
  }

  /// Gives the exchange back; the connection is idle.
  func endExchange(_ viewer: ViewerConnection) {
    guard let exchange = viewer.exchange else { return }
    viewer.exchange = nil
    telemetry.subtract(from: .requestsActive)
    #if !SPILLWAY_SANITIZE
      exchanges.append(exchange)
    #endif
  }

  /// Ends the connection and gives back all that it holds.
  func close(_ viewer: ViewerConnection, reset: Bool = false) {
    guard viewer.isOpen else { return }
    if let exchange = viewer.exchange {
      letGo(exchange, viewer)
      endExchange(viewer)
    }
    viewer.isOpen = false
    loop.timers.cancel(viewer.timer)
    viewer.timer = .none
    viewer.deadline = .distantFuture
    viewer.inbound.giveBack(to: chunks)
    viewer.outbound.giveBack(to: chunks)
    if reset { loop.network.reset(viewer.socket) } else { loop.network.close(viewer.socket) }
    viewer.generation &+= 1
    viewer.isDirty = false
    viewer.isQueued = false
    viewer.sawEnd = false
    viewer.closesAfterResponse = false
    viewer.isLingering = false
    freeViewers.append(viewer.slot)
    viewerCount -= 1
    telemetry.add(to: .viewerConnectionsClosed)
    telemetry.subtract(from: .viewerConnectionsActive)
  }
}
