public import Bytes

/// A socket as the network knows it: a descriptor for the kernel, a number for the simulation.
public struct Socket: Equatable, Hashable, Sendable {
  /// The file descriptor, or the simulation's number.
  public let descriptor: Int32

  /// Names the socket with this descriptor.
  @inline(__always)
  public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// Who is to be told about a socket: chosen by its owner, given back with every readiness.
public struct Token: Equatable, Hashable, Sendable {
  /// Owner's bits: by convention kind in the top byte, slab slot in the low 32, generation between.
  public let bits: UInt64

  /// Wraps the owner's bits.
  @inline(__always)
  public init(bits: UInt64) { self.bits = bits }
}

/// What a socket can do now.
public struct Readiness: OptionSet, Sendable {
  /// The set as bits.
  public let rawValue: UInt8

  /// Makes a set from bits.
  @inline(__always)
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// There are bytes, an end or an error to read.
  public static let readable = Readiness(rawValue: 1)
  /// There is room to write, or a connect has finished.
  public static let writable = Readiness(rawValue: 2)
}

/// One socket that became ready, and for whom.
public struct ReadyEvent: Sendable {
  /// The owner's token.
  public let token: Token
  /// What the socket can do.
  public let readiness: Readiness

  /// Notes that the socket of `token` became ready.
  @inline(__always)
  public init(token: Token, readiness: Readiness) {
    self.token = token
    self.readiness = readiness
  }
}

/// How a read, write or sendfile came out.
public enum Transfer: Equatable, Sendable {
  /// This many bytes moved; at least one, unless none were asked for.
  case moved(Int)
  /// Nothing can move now (`EAGAIN`): wait for readiness.
  case wait
  /// The peer has ended its side (a read of zero bytes).
  case end
  /// The socket is broken; the value is `errno`.
  case failed(Int32)
}

/// A connection that a listener took: who came, on which socket.
public struct Accepted: Sendable {
  /// The new socket.
  public let socket: Socket
  /// The peer's address; an empty Unix path for a peer without a name.
  public let peer: SocketAddress

  /// Notes that `peer` came on `socket`.
  public init(socket: Socket, peer: SocketAddress) {
    self.socket = socket
    self.peer = peer
  }
}

/// How an attempt to accept came out.
public enum Acceptance: Sendable {
  /// A connection.
  case accepted(Accepted)
  /// None waits (`EAGAIN`).
  case wait
  /// The attempt failed; the value is `errno`.
  case failed(Int32)
}

/// Everything a worker asks of sockets: the seam between the real kernel and the simulated one.
///
/// `KernelNetwork` (libevent and system calls) and TestKit's `SimulatedNetwork` implement it. One
/// network belongs to one worker and is used on its thread alone. A class with virtual methods, not
/// a protocol: a dispatch costs ten instructions beside a system call, needs no generic code in
/// any caller, and cannot become unspecialised by a missing flag.
open class Network {
  /// What other threads wake this network's `wait` with; give it to the worker's mailboxes.
  public let wakeup: Wakeup

  /// Makes a network without sockets that is woken by `wakeup`.
  public init(wakeup: Wakeup) { self.wakeup = wakeup }

  /// Takes the next connection from a listening socket; it is not watched yet.
  ///
  /// The corresponding C function is `accept4`.
  open func accept(_ listener: Socket) -> Acceptance {
    preconditionFailure("Network.accept is abstract")
  }

  /// Reads at most `buffer.count` bytes.
  ///
  /// The corresponding C function is `read`.
  open func read(_ socket: Socket, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    preconditionFailure("Network.read is abstract")
  }

  /// Writes the pieces in order, as far as the socket takes them.
  ///
  /// With `more`, the kernel may hold the last partial segment back because a `sendFile` follows.
  /// The corresponding C function is `sendmsg` with `MSG_NOSIGNAL` and, for `more`, `MSG_MORE`.
  open func write(
    _ socket: Socket, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>, more: Bool
  ) -> Transfer {
    preconditionFailure("Network.write is abstract")
  }

  /// Sends `count` bytes of the file `descriptor` from `offset`, without copying them.
  ///
  /// The corresponding C function is `sendfile`.
  open func sendFile(_ socket: Socket, descriptor: Int32, offset: Int, count: Int) -> Transfer {
    preconditionFailure("Network.sendFile is abstract")
  }

  /// Starts a connection; the socket becomes writable when it is made or has failed.
  ///
  /// - Throws: `SystemError` when the connection cannot even be started.
  open func connect(to address: SocketAddress) throws(SystemError) -> Socket {
    preconditionFailure("Network.connect is abstract")
  }

  /// How a started connection came out: zero for success, else `errno`.
  ///
  /// The corresponding C call is `getsockopt(SO_ERROR)`.
  open func connectResult(_ socket: Socket) -> Int32 {
    preconditionFailure("Network.connectResult is abstract")
  }

  /// Watches `socket` for reading from now on and reports for `token`.
  open func watch(_ socket: Socket, for token: Token) {
    preconditionFailure("Network.watch is abstract")
  }

  /// Changes what a watched socket is watched for; cheap when nothing changes.
  open func setInterest(_ socket: Socket, _ interest: Readiness) {
    preconditionFailure("Network.setInterest is abstract")
  }

  /// Ends our side of the stream (`shutdown(SHUT_WR)`); the peer reads an end.
  open func finishWriting(_ socket: Socket) {
    preconditionFailure("Network.finishWriting is abstract")
  }

  /// Stops watching and closes.
  open func close(_ socket: Socket) {
    preconditionFailure("Network.close is abstract")
  }

  /// Stops watching and closes with RST, so that the peer cannot take what it has for the whole.
  open func reset(_ socket: Socket) {
    preconditionFailure("Network.reset is abstract")
  }

  /// Waits until a watched socket is ready, `wake` was called or `deadline` has come, then appends
  /// what is ready to `events`.
  ///
  /// A `nil` deadline waits for ever; one in the past only looks.
  open func wait(until deadline: Instant?, into events: inout [ReadyEvent]) {
    preconditionFailure("Network.wait is abstract")
  }

  /// The monotonic clock of this network.
  open func instant() -> Instant {
    preconditionFailure("Network.instant is abstract")
  }

  /// The wall clock of this network.
  open func wallTime() -> WallTime {
    preconditionFailure("Network.wallTime is abstract")
  }
}
