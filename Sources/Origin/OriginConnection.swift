internal import Bytes
internal import Loop

/// One connection to one server: plain state, pooled like `Fetch`; `OriginPool` acts on it.
final class OriginConnection {
  /// What it is doing.
  enum Phase: Equatable { case closed, connecting, exchanging, idle }

  /// The byte by which Delivery tells the pool's tokens from others.
  static let tokenKind: UInt64 = 2

  let slot: UInt32
  private(set) var generation: UInt32 = 0
  private(set) var phase = Phase.closed
  private(set) var socket = Socket(descriptor: -1)
  /// The server, as an index into the pool's servers.
  private(set) var server = 0
  /// Where it leads.
  private(set) var address = SocketAddress.loopback(port: 0)
  /// Requests sent over it.
  private(set) var exchanges = 0
  /// The fetch that uses it.
  private(set) var fetch: Fetch?
  /// What the socket is watched for.
  var interest: Readiness = []
  /// When the present phase began.
  private(set) var since = Instant(nanoseconds: 0)
  /// Its timer, if one is set.
  var timer = TimerID.none

  init(slot: UInt32) { self.slot = slot }

  /// The token of its socket and its timer: kind 2, 24 bits of generation, slot.
  var token: Token {
    Token(bits: Self.tokenKind << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(slot))
  }

  /// Begins a new life: a connection to `server` is being made.
  func begin(
    _ socket: Socket, to server: Int, at address: SocketAddress, for fetch: Fetch, now: Instant
  ) {
    precondition(phase == .closed, "the slot is in use")
    phase = .connecting
    self.socket = socket
    self.server = server
    self.address = address
    self.fetch = fetch
    exchanges = 0
    interest = []
    since = now
  }

  /// The connection carries an exchange of `fetch` from now on.
  func carry(_ fetch: Fetch, at now: Instant) {
    precondition(phase == .connecting || phase == .idle, "the connection is in use")
    phase = .exchanging
    self.fetch = fetch
    exchanges += 1
    since = now
  }

  /// The exchange is over and the connection is kept.
  func rest(at now: Instant) {
    precondition(phase == .exchanging, "nothing was exchanged")
    phase = .idle
    fetch = nil
    since = now
  }

  /// Ends this life: its tokens are no longer valid.
  func end() {
    phase = .closed
    fetch = nil
    generation &+= 1
  }
}
