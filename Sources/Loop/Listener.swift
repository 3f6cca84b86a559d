internal import Bytes
internal import Glibc

/// Accepts for one worker from one listening socket, in portions, and rests when descriptors have
/// run out.
///
/// The driver routes to it by its token: `socketReady` calls `accept`, `timerExpired` calls
/// `resume`.
public final class Listener {
  /// The socket, its address, and whether its connections are to be dealt out to all workers.
  public let listening: ListeningSocket
  /// How often descriptors or memory had run out.
  public private(set) var backOffs: UInt64 = 0
  /// How many connections were taken.
  public private(set) var accepted: UInt64 = 0

  private let token: Token
  private var rest = TimerID.none
  private var isClosed = false

  /// Starts listening: readiness and the end of a rest are reported for `token`.
  public init(_ listening: ListeningSocket, token: Token, loop: EventLoop) {
    self.listening = listening
    self.token = token
    loop.network.watch(listening.socket, for: token)
  }

  /// The listener waits until descriptors have come free.
  public var isResting: Bool { rest != .none }

  /// Appends what waits, at most `LoopLimits.acceptsPerTurn` connections; their owner watches them.
  public func accept(into connections: inout [Accepted], loop: EventLoop) {
    guard !isClosed && !isResting else { return }
    for _ in 0..<LoopLimits.acceptsPerTurn {
      switch loop.network.accept(listening.socket) {
      case .accepted(let connection):
        accepted &+= 1
        connections.append(connection)
      case .wait:
        return
      case .failed(let code) where Listener.isOfOneConnection(code):
        continue
      case .failed:
        backOffs &+= 1
        loop.network.setInterest(listening.socket, [])
        rest = loop.timers.set(loop.now + LoopLimits.acceptBackOff, for: token)
        return
      }
    }
  }

  /// Ends a rest.
  public func resume(loop: EventLoop) {
    guard !isClosed && isResting else { return }
    rest = .none
    loop.network.setInterest(listening.socket, .readable)
  }

  /// Stops listening; accept what still waits first, or the kernel resets it.
  public func close(loop: EventLoop) {
    guard !isClosed else { return }
    isClosed = true
    loop.timers.cancel(rest)
    listening.removePath()
    loop.network.close(listening.socket)
  }

  /// `accept(2)`: these are errors of the one connection, the next may be fine.
  private static func isOfOneConnection(_ code: Int32) -> Bool {
    switch code {
    case ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH,
      EOPNOTSUPP, ENETUNREACH, EPERM, ETIMEDOUT:
      true
    default:
      false
    }
  }
}
