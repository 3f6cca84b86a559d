public import Bytes
import Loop

/// How a simulated connection behaves; may be changed while it lives.
public struct LinkConditions: Sendable {
  /// The way from one side to the other, in one direction.
  public var latency = Milliseconds(1)
  /// Up to so much is added to each segment's way, by the seed; order is kept.
  public var jitter = Milliseconds.zero
  /// Bytes per second in each direction; `nil`: no limit.
  public var bytesPerSecond: Int64?
  /// The longest segment; each arrives by itself.
  public var segmentBytesMax = 16_384
  /// Segments have random lengths from one byte up.
  public var segmentsAreRandom = false
  /// The most that one `read` gives.
  public var readBytesMax = Int.max
  /// What a side holds, unread and on the way, before its peer must wait.
  public var bufferBytes = 65_536

  /// A fast link in one room.
  public init() {}

  /// A link that hands over one byte at a time.
  public static var oneByteAtATime: LinkConditions {
    var link = LinkConditions()
    link.segmentBytesMax = 1
    link.readBytesMax = 1
    return link
  }
}

/// One end of a simulated connection, or a listening socket.
final class SimulatedSide {
  enum State: Equatable {
    case connecting
    case open
    /// A connect that failed, or a connection that was reset; the value is `errno`.
    case failed(Int32)
    case closed
    case listening
  }

  let number: Int32
  var state: State
  var link: LinkConditions
  var address: SocketAddress
  var peer: SimulatedSide?
  var endpoint: SimulatedEndpoint?
  var acceptor: SimulatedAcceptor?

  /// What has arrived and was not read, from `incomingStart`.
  var incoming: [UInt8] = []
  var incomingStart = 0
  /// Bytes on their way to this side.
  var bytesOnTheWay = 0
  /// Nothing arrives before this, so that jitter never reorders.
  var lastArrival = Instant(nanoseconds: 0)
  /// When the line from this side is free again.
  var lineFree = Instant(nanoseconds: 0)
  var peerHasEnded = false
  var hasEnded = false
  /// For a listening socket: connections that have arrived.
  var backlog: [Accepted] = []

  init(number: Int32, state: State, link: LinkConditions, address: SocketAddress) {
    self.number = number
    self.state = state
    self.link = link
    self.address = address
  }

  /// Breaks the circle of references when the world ends.
  func forgetOthers() {
    peer = nil
    endpoint?.onChange = nil
    endpoint = nil
    acceptor?.onAccept = nil
    acceptor = nil
  }

  var unreadBytes: Int { incoming.count - incomingStart }

  /// How much the peer may write now.
  var room: Int { max(0, link.bufferBytes - unreadBytes - bytesOnTheWay) }

  var isReadable: Bool {
    if case .failed = state { return true }
    return unreadBytes > 0 || (state == .open && peerHasEnded) || !backlog.isEmpty
  }

  var isWritable: Bool {
    if case .failed = state { return true }
    return state == .open && !hasEnded && (peer?.room ?? 0) > 0
  }

  /// Takes at most `limit` unread bytes.
  func takeUnread(limit: Int) -> ArraySlice<UInt8> {
    let count = min(limit, unreadBytes)
    let slice = incoming[incomingStart..<incomingStart + count]
    incomingStart += count
    if incomingStart == incoming.count {
      incoming.removeAll()
      incomingStart = 0
    }
    return slice
  }
}
