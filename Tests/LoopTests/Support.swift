import Bytes
import Glibc
import Loop

/// A driver whose turns a test writes itself.
final class ScriptedDriver: LoopDriver {
  var ready: [ReadyEvent] = []
  var expired: [Token] = []
  var onReady: ((ReadyEvent, EventLoop) -> Void)?
  var onTimer: ((Token, EventLoop) -> Void)?
  var onEnd: ((EventLoop) -> Bool)?

  override func socketReady(_ event: ReadyEvent, loop: EventLoop) {
    ready.append(event)
    onReady?(event, loop)
  }

  override func timerExpired(_ token: Token, loop: EventLoop) {
    expired.append(token)
    onTimer?(token, loop)
  }

  override func endTurn(loop: EventLoop) -> Bool { onEnd?(loop) ?? false }
}

extension Network {
  /// Reads at most `count` bytes as an array; `nil` when nothing can be read now.
  func receive(_ socket: Socket, _ count: Int = 65_536) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    switch bytes.withUnsafeMutableBytes({ read(socket, into: $0) }) {
    case .moved(let moved): return Array(bytes[..<moved])
    case .end: return []
    case .wait, .failed: return nil
    }
  }

  /// Writes the pieces with one call.
  func send(_ socket: Socket, _ pieces: [[UInt8]], more: Bool = false) -> Transfer {
    let joined = pieces.flatMap { $0 }
    return joined.withUnsafeBytes { bytes in
      var start = 0
      let parts = pieces.map { piece in
        defer { start += piece.count }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + piece.count])
      }
      return parts.withUnsafeBufferPointer { write(socket, $0, more: more) }
    }
  }

  /// Writes one text.
  func send(_ socket: Socket, _ text: String) -> Transfer { send(socket, [Array(text.utf8)]) }
}

/// Two connected non-blocking Unix sockets.
func socketPair() -> (Socket, Socket) {
  var pair: [Int32] = [-1, -1]
  let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
  let code = socketpair(AF_UNIX, kind, 0, &pair)
  precondition(code == 0)
  return (Socket(descriptor: pair[0]), Socket(descriptor: pair[1]))
}

/// A path for a test's own socket or file.
func temporaryPath(_ name: String) -> String {
  "/tmp/spillway-\(getpid())-\(UInt64.random(in: 0 ... .max))-\(name)"
}
