import Bytes
import CLinux
import Glibc
import Loop
import Testing

private let listening = Token(bits: 1)
private let connecting = Token(bits: 2)

@Suite struct `A listener` {
  let network: KernelNetwork
  let driver = ScriptedDriver()
  let loop: EventLoop

  init() throws {
    network = try KernelNetwork()
    loop = EventLoop(index: 0, network: network, driver: driver)
    loop.turn()
  }

  /// Connects to `socket` and turns until both sides are there.
  private func meet(_ opened: ListeningSocket) throws -> (Listener, Socket, Accepted) {
    let listener = Listener(opened, token: listening, loop: loop)
    var accepted: [Accepted] = []
    driver.onReady = { event, loop in
      if event.token == listening { listener.accept(into: &accepted, loop: loop) }
    }
    let client = try network.connect(to: opened.address)
    network.watch(client, for: connecting)
    network.setInterest(client, .writable)
    while accepted.isEmpty || !driver.ready.contains(where: { $0.token == connecting }) {
      loop.turn()
    }
    #expect(network.connectResult(client) == 0)
    let connection = try #require(accepted.first)
    return (listener, client, connection)
  }

  private func exchange(_ client: Socket, _ server: Socket) throws {
    network.setInterest(client, .readable)
    driver.ready.removeAll()
    driver.onReady = nil
    #expect(network.send(server, "hello") == .moved(5))
    while driver.ready.isEmpty { loop.turn() }
    #expect(network.receive(client) == Array("hello".utf8))
  }

  @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
  func `accepts over TCP without delay, and knows its peer`(text: String) throws {
    let address = try #require(SocketAddress(parsing: text))
    let opened = try #require(try ListeningSocket.open(address, workers: 1).first)

    let (listener, client, connection) = try meet(opened)

    #expect(!opened.isShared)
    #expect(opened.address.port != 0)
    #expect(connection.peer.with(port: 0) == address)
    for socket in [client, connection.socket] {
      var isOn: Int32 = 0
      var count = socklen_t(4)
      getsockopt(socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, &count)
      #expect(isOn != 0)
    }
    try exchange(client, connection.socket)
    listener.close(loop: loop)
    network.close(client)
    network.close(connection.socket)
  }

  @Test func `gives each worker a socket on the same port, and refuses a port that is taken`()
    throws
  {
    let any = try #require(SocketAddress(parsing: "127.0.0.1:0"))
    let opened = try ListeningSocket.open(any, workers: 3)
    let address = opened[0].address

    #expect(opened.map(\.address) == [address, address, address])
    let error = #expect(throws: SystemError.self) {
      _ = try ListeningSocket.open(address, workers: 1)
    }

    #expect(error?.isAddressInUse == true)
    #expect(error?.description == "bind \(address): Address already in use")
    for socket in opened { socket.discard() }
  }

  @Test func `lives at a path, replaces a stale one and spares a living one`() throws {
    let path = temporaryPath("listener.sock")
    let address = SocketAddress(host: .unix(path: path), port: 0)
    let stale = try ListeningSocket.open(address, workers: 2)
    _ = Glibc.close(stale[0].socket.descriptor)

    let opened = try ListeningSocket.open(address, workers: 2, mode: 0o600)
    let (listener, client, connection) = try meet(opened[0])
    let error = #expect(throws: SystemError.self) {
      _ = try ListeningSocket.open(address, workers: 2)
    }

    #expect(opened.count == 1)
    #expect(opened[0].isShared)
    #expect(error?.isAddressInUse == true)
    #expect(connection.peer.host == .unix(path: ""))
    try exchange(client, connection.socket)
    listener.close(loop: loop)
    #expect(access(path, F_OK) != 0)
    network.close(client)
    network.close(connection.socket)
  }

  @Test func `leaves a file that is no socket alone`() throws {
    let path = temporaryPath("file")
    _ = Glibc.close(open(path, O_CREAT | O_WRONLY, 0o600))

    #expect(throws: SystemError.self) {
      _ = try ListeningSocket.open(SocketAddress(host: .unix(path: path), port: 0), workers: 1)
    }

    #expect(access(path, F_OK) == 0)
    unlink(path)
  }

  @Test func `takes the sockets that the service manager has opened`() throws {
    let any = try #require(SocketAddress(parsing: "127.0.0.1:0"))
    let managers = try #require(try ListeningSocket.open(any, workers: 1).first)

    let taken = try ListeningSocket.inherited(
      listenPID: "\(getpid())", listenFDS: "1", first: managers.socket.descriptor)
    let foreign = try ListeningSocket.inherited(listenPID: "1", listenFDS: "1", first: 3)
    let (listener, client, connection) = try meet(try #require(taken.first))

    #expect(taken.first?.isShared == true)
    #expect(taken.first?.address == managers.address)
    #expect(foreign.isEmpty)
    let (near, far) = socketPair()
    #expect(throws: SystemError.self) {
      _ = try ListeningSocket.inherited(
        listenPID: "\(getpid())", listenFDS: "1", first: near.descriptor)
    }
    listener.close(loop: loop)
    for socket in [client, connection.socket, near, far] { network.close(socket) }
  }

  @Test func `reports a refused connection as the result of the connect`() throws {
    let any = try #require(SocketAddress(parsing: "127.0.0.1:0"))
    let closed = try #require(try ListeningSocket.open(any, workers: 1).first)
    closed.discard()

    let client = try network.connect(to: closed.address)
    network.watch(client, for: connecting)
    network.setInterest(client, .writable)
    while driver.ready.isEmpty { loop.turn() }

    #expect(network.connectResult(client) == ECONNREFUSED)
    network.close(client)
  }

  @Test func `resets so that the peer sees an error and no end`() throws {
    let any = try #require(SocketAddress(parsing: "127.0.0.1:0"))
    let opened = try #require(try ListeningSocket.open(any, workers: 1).first)
    let (listener, client, connection) = try meet(opened)
    network.setInterest(client, .readable)
    driver.ready.removeAll()

    network.reset(connection.socket)
    while driver.ready.isEmpty { loop.turn() }
    var byte: UInt8 = 0
    let outcome = withUnsafeMutableBytes(of: &byte) { network.read(client, into: $0) }

    #expect(outcome == .failed(ECONNRESET))
    listener.close(loop: loop)
    network.close(client)
  }
}
