internal import CLinux
internal import Glibc

/// The system calls on sockets: each retries `EINTR` and turns `errno` into an outcome.
enum SystemCalls {
  /// `errno` of a transfer as its outcome: nothing now, or broken.
  private static func outcome(_ code: Int32) -> Transfer {
    code == EAGAIN ? .wait : .failed(code)
  }

  /// The corresponding C function is `read`.
  @inline(__always)
  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 { return .moved(count) }
      if count == 0 { return unsafe buffer.isEmpty ? .moved(0) : .end }
      let code = errno
      if code != EINTR { return outcome(code) }
    }
  }

  /// The corresponding C function is `send`.
  @inline(__always)
  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, flags: Int32) -> Transfer {
    while true {
      let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
      if count >= 0 { return .moved(count) }
      let code = errno
      if code != EINTR { return outcome(code) }
    }
  }

  /// The corresponding C function is `sendmsg`.
  static func sendPieces(
    _ descriptor: Int32, _ pieces: UnsafeMutablePointer<iovec>, count: Int, flags: Int32
  ) -> Transfer {
    var message = unsafe msghdr()
    unsafe message.msg_iov = pieces
    unsafe message.msg_iovlen = count
    while true {
      let moved = unsafe sendmsg(descriptor, &message, flags)
      if moved >= 0 { return .moved(moved) }
      let code = errno
      if code != EINTR { return outcome(code) }
    }
  }

  /// The corresponding C function is `sendfile`.
  ///
  /// A file that ends before `count` bytes were found is broken (`EIO`), never a clean end.
  static func sendFile(
    _ descriptor: Int32, from file: Int32, offset: Int, count: Int
  ) -> Transfer {
    guard count > 0 else { return .moved(0) }
    while true {
      var position = off_t(offset)
      let moved = unsafe sendfile(
        descriptor, file, &position, min(count, LoopLimits.bytesPerSendFile))
      if moved > 0 { return .moved(moved) }
      if moved == 0 { return .failed(EIO) }
      let code = errno
      if code != EINTR { return outcome(code) }
    }
  }

  /// The corresponding C function is `accept4`.
  static func accept(_ descriptor: Int32) -> Acceptance {
    while true {
      var storage = sockaddr_storage()
      var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let made = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          unsafe accept4(descriptor, __SOCKADDR_ARG(__sockaddr__: address), &count, socketFlags)
        }
      }
      if made >= 0 {
        let peer = SocketAddress(storage: storage, count: count)
        let unnamed = SocketAddress(host: .unix(path: ""), port: 0)
        return .accepted(Accepted(socket: Socket(descriptor: made), peer: peer ?? unnamed))
      }
      let code = errno
      if code == EAGAIN { return .wait }
      if code != EINTR { return .failed(code) }
    }
  }

  /// Starts a connection.
  ///
  /// The corresponding C functions are `socket` and `connect`.
  static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
    let made = try makeSocket(for: address)
    if !address.isUnix { setOption(made, Int32(IPPROTO_TCP), TCP_NODELAY) }
    // An interrupted non-blocking connect goes on by itself, so EINTR is as good as EINPROGRESS.
    let code = unsafe address.withSockaddr { unsafe Glibc.connect(made, $0, $1) }
    if code < 0 {
      let reason = errno
      if reason != EINPROGRESS && reason != EINTR {
        _ = Glibc.close(made)
        throw SystemError(code: reason, call: "connect", address: address)
      }
    }
    return made
  }

  /// A new non-blocking stream socket of the address' family.
  static func makeSocket(for address: SocketAddress) throws(SystemError) -> Int32 {
    let made = socket(address.family, Int32(SOCK_STREAM.rawValue) | socketFlags, 0)
    guard made >= 0 else { throw SystemError(call: "socket", address: address) }
    return made
  }

  /// Switches an option on; one that the socket does not know is left.
  static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
    var on: Int32 = 1
    unsafe setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Reads an option that is a number; `nil` when the descriptor has none such.
  static func option(_ descriptor: Int32, _ level: Int32, _ option: Int32) -> Int32? {
    var value: Int32 = 0
    var count = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor, level, option, &value, &count) == 0 else { return nil }
    return value
  }

  /// The address that a socket is bound to.
  static func ownAddress(_ descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: address), &count)
      }
    }
    return code == 0 ? SocketAddress(storage: storage, count: count) : nil
  }

  private static let socketFlags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
}
