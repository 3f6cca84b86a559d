internal import Bytes
internal import Loop
internal import Policy
internal import Wire

/// The servers that a worker knows: their kept connections, their failures, and whose turn it is.
///
/// Servers are known by host and port, so that a reload of the configuration keeps their
/// connections; each snapshot's origins are mapped to them once.
struct ServerTable {
  /// One server, whichever origins name it.
  private struct Server {
    var host: String
    var port: UInt16
    var name: AddressBook.Index
    /// Its place on the node's board of servers.
    var health: Int
    /// Slots of idle connections, the youngest last.
    var idle: [UInt32] = []
    var connections = 0
    /// Which of its addresses was last connected to.
    var favourite = 0
  }

  /// One origin of the present snapshot.
  private struct Origin {
    var choice: ServerChoice
    /// Its servers, as indices into the table.
    var servers: [Int]
    /// The same as places on the node's board of servers.
    var healths: [Int]
    /// Its place on the node's board of origins.
    var place: Int
  }

  private let seed: Int
  private let book: AddressBook
  private let board: HealthBoard
  private let originBoard: OriginBoard
  private var servers: [Server] = []
  private var origins: [Origin] = []
  private var mapped: Snapshot?

  /// The seed tells a worker's choices by lot from another's.
  init(book: AddressBook, board: HealthBoard, origins: OriginBoard, seed: Int) {
    self.seed = seed
    self.book = book
    self.board = board
    originBoard = origins
  }

  /// The server to ask next for `order`; `nil` when none is left.
  ///
  /// Tells too whether the fetch tries a server that is not trusted: then what comes of it must be
  /// noted, whatever it is. Only fetches that can go on elsewhere do that, and those for which no
  /// other server will do anyway.
  mutating func choose(
    for order: FetchOrder, tried: ServerSet, at now: Instant
  ) -> (server: Int, isTrial: Bool)? {
    map(order.snapshot)
    let index = order.originIndex
    let mayTry = order.mayBeRisked && (order.mayGoElsewhere || order.preferredServer != nil)
    return board.ask(origins[index].healths, at: now, mayTry: mayTry) { view in
      if let wanted = order.preferredServer {
        let isLeft = origins[index].servers.indices.contains(wanted) && !tried.contains(wanted)
        let isGood = view.sound.contains(wanted) || mayTry && view.open.contains(wanted)
        if isLeft, isGood || !order.mayGoElsewhere { return wanted }
        if !order.mayGoElsewhere { return nil }
      }
      return origins[index].choice.next(
        tried: tried, view, mayTry: mayTry, keyHash: order.keyHash, isSession: order.isSession)
    }
  }

  /// A sound server for `order` beside those that were tried; `nil` where there is none.
  mutating func chooseSound(for order: FetchOrder, tried: ServerSet, at now: Instant) -> Int? {
    map(order.snapshot)
    let index = order.originIndex
    return board.ask(origins[index].healths, at: now, mayTry: false) { view in
      origins[index].choice.next(
        tried: tried.union(view.sound.others), view, mayTry: false, keyHash: order.keyHash)
    }?.server
  }

  /// A fetch no longer asks a server.
  func left(_ server: Int) { board.left(servers[server].health) }

  /// A server took so long for the first byte of a good answer.
  func noteFirstByte(_ microseconds: Int, of server: Int, at now: Instant) {
    board.noteFirstByte(microseconds, of: servers[server].health, at: now)
  }

  /// Whether an origin has a server that has not been tried.
  mutating func hasMore(_ snapshot: Snapshot, _ origin: Int, tried: ServerSet) -> Bool {
    map(snapshot)
    return origins[origin].servers.indices.contains { !tried.contains($0) }
  }

  /// The place of an order's origin on the node's board.
  mutating func place(of order: FetchOrder) -> Int {
    map(order.snapshot)
    return origins[order.originIndex].place
  }

  /// The table's index of an origin's server.
  mutating func index(_ snapshot: Snapshot, _ origin: Int, server: Int) -> Int {
    map(snapshot)
    return origins[origin].servers[server]
  }

  /// Where to connect now; empty when the name is not resolved.
  func addresses(of server: Int) -> [SocketAddress] { book.addresses(servers[server].name) }

  /// The address of `list` that stands `offset` places behind the favourite.
  func address(of server: Int, offset: Int, in list: [SocketAddress]) -> SocketAddress? {
    guard !list.isEmpty else { return nil }
    return list[(servers[server].favourite + offset) % list.count]
  }

  /// A connection to the address `offset` places behind the favourite was made: it is the favourite
  /// from now on.
  mutating func connected(_ server: Int, addressOffset: Int) {
    servers[server].favourite = (servers[server].favourite + addressOffset) & 0xFFFF
  }

  /// Notes what came of a fetch at a server; tells what that changed.
  func note(
    _ sign: HealthBoard.Sign, of server: Int, at now: Instant, isTrial: Bool
  ) -> HealthBoard.Change? {
    board.note(sign, of: servers[server].health, at: now, isTrial: isTrial)
  }

  /// Notes a new connection.
  mutating func connectionOpened(_ server: Int) { servers[server].connections += 1 }

  /// Notes the end of a connection.
  mutating func connectionClosed(_ server: Int) { servers[server].connections -= 1 }

  /// Keeps an idle connection.
  mutating func keep(idle slot: UInt32, of server: Int) { servers[server].idle.append(slot) }

  /// Takes the youngest idle connection: the one least likely to have been closed by its server.
  mutating func takeIdle(of server: Int) -> UInt32? { servers[server].idle.popLast() }

  /// Forgets an idle connection that is about to close.
  mutating func forget(idle slot: UInt32, of server: Int) {
    servers[server].idle.removeAll { $0 == slot }
  }

  /// The idle connection that must go before another may be kept.
  func oldestIdleBeyondLimit(of server: Int) -> UInt32? {
    servers[server].idle.count >= OriginLimits.idlePerServerMax ? servers[server].idle.first : nil
  }

  /// Writes the request's head for this server.
  mutating func writeHead(of order: FetchOrder, server: Int, into head: inout [UInt8]) {
    head.removeAll(keepingCapacity: true)
    order.request.appendHead(
      to: &head, server: order.snapshot.origins[order.originIndex].servers[server],
      condition: order.condition)
  }

  private mutating func map(_ snapshot: Snapshot) {
    guard mapped !== snapshot else { return }
    mapped = snapshot
    origins.removeAll()
    for settings in snapshot.origins { origins.append(origin(settings)) }
  }

  private mutating func origin(_ settings: OriginSettings) -> Origin {
    let members = settings.servers.prefix(OriginLimits.serversMax)
    let candidates = members.map {
      ServerChoice.Candidate(
        weight: $0.weight, isBackup: $0.backup,
        name: Hash128(of: Array($0.authority.utf8).span).low)
    }
    var places: [Int] = []
    for member in members { places.append(place(host: member.host, port: member.port)) }
    return Origin(
      choice: ServerChoice(
        policy: settings.usedPolicy, candidates: candidates, seed: UInt64(seed)),
      servers: places, healths: places.map { servers[$0].health },
      place: originBoard.place(of: settings))
  }

  /// The index of a server, which becomes known if it was not.
  ///
  /// Servers that no snapshot names any more stay known: a configuration has few, and a reload must
  /// not move the indices that connections hold.
  private mutating func place(host: String, port: UInt16) -> Int {
    if let known = servers.firstIndex(where: { $0.host == host && $0.port == port }) {
      return known
    }
    servers.append(
      Server(
        host: host, port: port, name: book.register(host: host, port: port),
        health: board.place(host: host, port: port)))
    return servers.count - 1
  }
}
