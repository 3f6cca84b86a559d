internal import Bytes
internal import Loop
internal import Telemetry
internal import Wire

/// One viewer's HTTP/1 connection: socket, bytes in, bytes out, and the exchange that is under way.
///
/// Owned by one worker for its whole life. Idle, it holds no chunk and no exchange.
final class ViewerConnection {
  let slot: UInt32
  var generation: UInt32 = 0
  var socket = Socket(descriptor: -1)
  var client = ClientAddress.none
  var inbound = ByteQueue()
  var outbound = ByteQueue()
  var parser = RequestHeadParser()
  var exchange: Exchange?

  /// What the connection is watched for.
  var interest: Readiness = []
  var isOpen = false
  /// It is in the list of connections to flush at the end of the turn.
  var isDirty = false
  /// It is in the run queue.
  var isQueued = false
  /// The peer has ended its side: no further request will come.
  var sawEnd = false
  /// The response is the last one.
  var closesAfterResponse = false
  /// The response is out; input is discarded until the peer closes or time is up.
  var isLingering = false

  var timer = TimerID.none
  /// When the present wait is over; the wheel may ask earlier.
  var deadline = Instant.distantFuture
  /// What the wait is for.
  var wait = Wait.request

  /// What a connection's deadline is about.
  enum Wait: UInt8 {
    /// The next request: close quietly.
    case request
    /// The rest of a head: 408.
    case head
    /// More of a request body: 408.
    case body
    /// Room in the socket: reset.
    case send
    /// The peer's close.
    case linger
    /// The origin: its own time-outs watch.
    case origin
  }

  /// The peer's address as text, for X-Forwarded-For; empty where it has none.
  ///
  /// Made for passes only.
  var clientText: [UInt8] {
    let host: SocketAddress.Host
    switch client.family {
    case .none, .unix: return []
    case .ipv4: host = .ipv4(UInt32(truncatingIfNeeded: client.low))
    case .ipv6: host = .ipv6(high: client.high, low: client.low, scope: 0)
    }
    return Array(SocketAddress(host: host, port: 0).hostText.utf8)
  }

  init(slot: UInt32) { self.slot = slot }

  /// What the loop gives back with readiness and expired timers.
  var token: Token {
    Token(bits: WorkerTokens.viewer << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(slot))
  }

  /// The name under which others remember this connection; stale after its close.
  var reference: ViewerReference { ViewerReference(slot: slot, generation: generation) }
}

/// A connection as others remember it.
struct ViewerReference: Equatable, Sendable, BitwiseCopyable {
  let slot: UInt32
  let generation: UInt32
}

/// The kinds in the top byte of a worker's tokens; Origin has its own.
enum WorkerTokens {
  static let viewer: UInt64 = 1
  static let listener: UInt64 = 3
  static let drain: UInt64 = 4
  static let fill: UInt64 = 5
}
