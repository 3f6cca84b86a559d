internal import Bytes
internal import Glibc
public import Loop

/// The doors for operators: HTTP/1.1 over a Unix socket and, for Prometheus, over TCP.
///
/// One thread of its own serves both with `poll`: a client that is stuck delays nobody, and no
/// worker has a part in it. Every connection carries one request.
public final class AdminServer {
  /// Where `/metrics` is served, with the port that the kernel chose if it was asked to.
  public let metricsAddress: SocketAddress?
  private let listening: [ListeningSocket]
  private let wakeup: Wakeup
  private let thread: WorkerThread

  /// Opens the doors and starts the thread.
  ///
  /// A socket file that a dead process left behind is removed; the new one has mode 0660.
  /// - Throws: `SystemError` with the address that could not be opened; nothing stays open.
  public init(
    socket: String, metrics: SocketAddress?, actions: AdminActions
  ) throws(SystemError) {
    let path = SocketAddress(host: .unix(path: socket), port: 0)
    let wakeup = try Wakeup()
    var opened = try ListeningSocket.open(path, workers: 1, mode: 0o660)
    var doors = opened.map { AdminLoop.Door(descriptor: $0.socket.descriptor, kind: .admin) }
    do throws(SystemError) {
      if let metrics {
        let sockets = try ListeningSocket.open(metrics, workers: 1)
        opened += sockets
        doors += sockets.map {
          AdminLoop.Door(descriptor: $0.socket.descriptor, kind: .metrics)
        }
      }
      metricsAddress = metrics == nil ? nil : opened.last?.address
      let places = doors
      thread = try WorkerThread(name: "admin") {
        var loop = AdminLoop(
          doors: places, router: AdminRouter(actions: actions), wakeup: wakeup)
        loop.run()
      }
    } catch {
      for socket in opened { socket.discard() }
      throw error
    }
    self.wakeup = wakeup
    listening = opened
  }

  /// Closes the doors and ends the thread; once.
  public func stop() {
    wakeup.wake()
    thread.join()
    for socket in listening { socket.discard() }
  }
}

/// What the admin thread runs.
struct AdminLoop {
  /// A listening socket and what may be asked there.
  struct Door: Sendable {
    let descriptor: Int32
    let kind: AdminRouter.Door
  }

  private let doors: [Door]
  private let router: AdminRouter
  private let wakeup: Wakeup
  private var connections: [AdminConnection] = []

  init(doors: [Door], router: AdminRouter, wakeup: Wakeup) {
    self.doors = doors
    self.router = router
    self.wakeup = wakeup
  }

  /// Serves until the wakeup is woken.
  mutating func run() {
    while wakeup.prepareToSleep() {
      var watched = watchList()
      unsafe poll(&watched, nfds_t(watched.count), timeout())
      if wakeup.takeNotice() { break }
      let now = Instant.read()
      let ready = watched.dropFirst()
      let answered = connections.count
      for (door, entry) in zip(doors, ready) where entry.revents != 0 { accept(from: door, now) }
      proceed(ready.dropFirst(doors.count).map { $0.revents != 0 }, count: answered, now: now)
    }
    for connection in connections { close(connection.descriptor) }
    connections = []
  }

  private func watchList() -> [pollfd] {
    var list = [pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
    for door in doors {
      let count = connections.count { $0.door == door.kind }
      let isFull = count >= AdminLimits.connectionsPerDoor
      list.append(
        pollfd(fd: isFull ? -1 : door.descriptor, events: Int16(POLLIN), revents: 0))
    }
    for connection in connections {
      list.append(pollfd(fd: connection.descriptor, events: connection.interest, revents: 0))
    }
    return list
  }

  private func timeout() -> Int32 {
    guard let next = connections.map(\.deadline).min() else { return -1 }
    return Int32(clamping: max(0, (next - Instant.read()).count + 1))
  }

  private mutating func accept(from door: Door, _ now: Instant) {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe accept4(
      door.descriptor, __SOCKADDR_ARG(__sockaddr__: nil), nil, flags)
    guard descriptor >= 0 else {
      // Out of descriptors: the connection stays in the queue, so do not spin on it.
      if errno == EMFILE || errno == ENFILE { usleep(100_000) }
      return
    }
    connections.append(AdminConnection(descriptor: descriptor, door: door.kind, now: now))
  }

  /// Goes on with the first `count` connections where they are ready, and ends those that are late.
  private mutating func proceed(_ ready: [Bool], count: Int, now: Instant) {
    var kept: [AdminConnection] = []
    for (index, connection) in connections.enumerated() {
      var connection = connection
      var isAlive = true
      if index < count, ready[index] {
        isAlive = connection.proceed(router, now: now)
      } else if connection.deadline < now {
        isAlive = connection.expire(now: now)
      }
      if isAlive { kept.append(connection) } else { close(connection.descriptor) }
    }
    connections = kept
  }
}
