internal import CLinux
internal import Glibc

/// A socket that listens: opened at start, then handed to the worker that accepts from it.
public struct ListeningSocket: Sendable {
  /// The socket, non-blocking and closed on exec.
  public let socket: Socket
  /// Where it listens; with the kernel's choice where port 0 was asked for.
  public let address: SocketAddress
  /// There is one for the whole node (Unix, `LISTEN_FDS`): worker 0 accepts and deals out.
  public let isShared: Bool
  /// The path is ours and is unlinked when listening ends.
  let ownsPath: Bool

  /// Names a listening socket that something else has made: a simulation.
  public init(socket: Socket, address: SocketAddress, isShared: Bool) {
    self.init(socket: socket, address: address, isShared: isShared, ownsPath: false)
  }

  private init(socket: Socket, address: SocketAddress, isShared: Bool, ownsPath: Bool) {
    self.socket = socket
    self.address = address
    self.isShared = isShared
    self.ownsPath = ownsPath
  }

  /// Opens `address` for `workers` workers: a socket each for TCP, one shared socket for a path.
  ///
  /// TCP sockets have `SO_REUSEADDR`, `SO_REUSEPORT` and, for IPv6, `IPV6_V6ONLY`. Since
  /// `SO_REUSEPORT` would quietly share the port with another process of the same user, a socket
  /// without it is bound first, to find out. A path is unlinked first if it is a socket on which
  /// nobody answers; `mode` gives its permissions.
  /// - Throws: `SystemError` with the address; nothing stays open.
  public static func open(
    _ address: SocketAddress, workers: Int, mode: UInt32? = nil
  ) throws(SystemError) -> [ListeningSocket] {
    precondition(workers > 0, "a node has a worker")
    if case .unix(let path) = address.host {
      return [try openPath(path, address, mode: mode)]
    }
    if address.port != 0 {
      let probe = try bind(address, sharesPort: false)
      _ = Glibc.close(probe)
    }
    var opened: [ListeningSocket] = []
    var actual = address
    do throws(SystemError) {
      for _ in 0..<workers {
        let made = try bind(actual, sharesPort: true)
        actual = SystemCalls.ownAddress(made) ?? actual
        opened.append(
          ListeningSocket(
            socket: Socket(descriptor: made), address: actual, isShared: false, ownsPath: false))
        try listen(made, address)
      }
    } catch {
      for listening in opened { listening.discard() }
      throw error
    }
    return opened
  }

  /// The sockets that the service manager has opened for this process (`sd_listen_fds(3)`).
  ///
  /// - Returns: none when `listenPID` is not this process.
  /// - Throws: `SystemError` when a descriptor is not a listening stream socket.
  public static func inherited(
    listenPID: String? = environment("LISTEN_PID"), listenFDS: String? = environment("LISTEN_FDS"),
    first: Int32 = 3
  ) throws(SystemError) -> [ListeningSocket] {
    guard let listenPID, Int32(listenPID) == getpid() else { return [] }
    guard let listenFDS, let count = Int32(listenFDS), count > 0 else { return [] }
    guard count <= Int32.max - first else { throw SystemError(code: EBADF, call: "LISTEN_FDS") }
    var taken: [ListeningSocket] = []
    for descriptor in first..<first + count {
      guard SystemCalls.option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1,
        SystemCalls.option(descriptor, SOL_SOCKET, SO_TYPE) == Int32(SOCK_STREAM.rawValue),
        let address = SystemCalls.ownAddress(descriptor)
      else { throw SystemError(code: EINVAL, call: "LISTEN_FDS") }
      guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
        fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
      else { throw SystemError(call: "fcntl", address: address) }
      if !address.isUnix { SystemCalls.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) }
      taken.append(
        ListeningSocket(
          socket: Socket(descriptor: descriptor), address: address, isShared: true,
          ownsPath: false))
    }
    return taken
  }

  /// A variable of the environment; at start, before there are threads that could change it.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// Closes a socket that no worker has taken.
  public func discard() {
    removePath()
    _ = Glibc.close(socket.descriptor)
  }

  /// Unlinks our path, before the socket is closed: afterwards it may be a successor's.
  func removePath() {
    guard ownsPath, case .unix(let path) = address.host else { return }
    unsafe unlink(path)
  }

  private static func bind(
    _ address: SocketAddress, sharesPort: Bool
  ) throws(SystemError) -> Int32 {
    let made = try SystemCalls.makeSocket(for: address)
    if !address.isUnix {
      SystemCalls.setOption(made, SOL_SOCKET, SO_REUSEADDR)
      // Accepted sockets inherit it on Linux, which spares a call for each.
      SystemCalls.setOption(made, Int32(IPPROTO_TCP), TCP_NODELAY)
      if sharesPort { SystemCalls.setOption(made, SOL_SOCKET, SO_REUSEPORT) }
    }
    if case .ipv6 = address.host {
      SystemCalls.setOption(made, Int32(IPPROTO_IPV6), IPV6_V6ONLY)
    }
    guard unsafe address.withSockaddr({ unsafe Glibc.bind(made, $0, $1) }) == 0 else {
      let error = SystemError(call: "bind", address: address)
      _ = Glibc.close(made)
      throw error
    }
    return made
  }

  private static func listen(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError) {
    guard Glibc.listen(descriptor, LoopLimits.listenBacklog) == 0 else {
      throw SystemError(call: "listen", address: address)
    }
  }

  private static func openPath(
    _ path: String, _ address: SocketAddress, mode: UInt32?
  ) throws(SystemError) -> ListeningSocket {
    try unlinkStale(path, address)
    let made = try bind(address, sharesPort: false)
    let listening = ListeningSocket(
      socket: Socket(descriptor: made), address: address, isShared: true, ownsPath: true)
    do throws(SystemError) {
      if let mode {
        guard unsafe chmod(path, mode) == 0 else {
          throw SystemError(call: "chmod", address: address)
        }
      }
      try listen(made, address)
    } catch {
      listening.discard()
      throw error
    }
    return listening
  }

  /// Removes a socket file that a process which is gone has left behind.
  private static func unlinkStale(
    _ path: String, _ address: SocketAddress
  ) throws(SystemError) {
    let probe = try SystemCalls.makeSocket(for: address)
    defer { _ = Glibc.close(probe) }
    let code = unsafe address.withSockaddr { unsafe Glibc.connect(probe, $0, $1) }
    let reason = code == 0 ? 0 : errno
    if reason == 0 || reason == EAGAIN {
      throw SystemError(code: EADDRINUSE, call: "bind", address: address)
    }
    // A plain file refuses connects too; that is somebody's, and `bind` will say so.
    var status = stat()
    guard reason == ECONNREFUSED, unsafe lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFSOCK { unsafe unlink(path) }
  }
}
