import Bytes
import Glibc
import Loop

/// A network whose servers do what a test says, byte by byte, in virtual time.
final class ScriptedNetwork: Network {
  /// What happens to connections to an address.
  enum Door { case open, refuses, silent }

  /// One connection as the server sees it.
  final class Line {
    let address: SocketAddress
    /// What the client wrote and the server has not taken yet.
    var request: [UInt8] = []
    /// How many bytes the client may still write before the socket is full.
    var writeRoom = Int.max
    var isWriteBroken = false
    var isClosed = false
    fileprivate var answer: [UInt8] = []
    fileprivate var hasEnded = false
    fileprivate var isReset = false
    fileprivate var connectResult: Int32?
    fileprivate var token: Token?
    fileprivate var interest: Readiness = []

    fileprivate init(address: SocketAddress) { self.address = address }

    /// What the client wrote, as text.
    var requestText: String { String(decoding: request, as: UTF8.self) }
    /// Whether the client wants to read.
    var isRead: Bool { interest.contains(.readable) }
    /// Whether the client wants to write.
    var isWritten: Bool { interest.contains(.writable) }
    /// The server sends `text`.
    func sends(_ text: String) { answer += Array(text.utf8) }
    /// The server sends `bytes`.
    func sends(_ bytes: [UInt8]) { answer += bytes }
    /// The server ends its side.
    func ends() { hasEnded = true }
    /// The server resets the connection.
    func resets() { isReset = true }
  }

  var doors: [SocketAddress: Door] = [:]
  private(set) var lines: [Line] = []
  /// The most bytes that one read gives.
  var readMax = Int.max
  /// How many bytes were read straight into memory of each size.
  private(set) var reads = 0
  private var now = Instant(nanoseconds: 1_000_000_000)

  init() { super.init(wakeup: .simulated()) }

  /// Connections that are open, oldest first.
  var open: [Line] { lines.filter { !$0.isClosed } }

  /// Moves the clock.
  func pass(_ length: Milliseconds) { now = now + length }

  override func connect(to address: SocketAddress) throws(SystemError) -> Socket {
    let line = Line(address: address)
    switch doors[address] ?? .open {
    case .open: line.connectResult = 0
    case .refuses: line.connectResult = ECONNREFUSED
    case .silent: line.connectResult = nil
    }
    lines.append(line)
    return Socket(descriptor: Int32(lines.count - 1))
  }

  override func connectResult(_ socket: Socket) -> Int32 {
    line(socket).connectResult ?? EINPROGRESS
  }

  override func watch(_ socket: Socket, for token: Token) {
    line(socket).token = token
    line(socket).interest = .readable
  }

  override func setInterest(_ socket: Socket, _ interest: Readiness) {
    line(socket).interest = interest
  }

  override func close(_ socket: Socket) { line(socket).isClosed = true }

  override func read(_ socket: Socket, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let line = line(socket)
    reads += 1
    if line.isReset { return .failed(ECONNRESET) }
    let count = min(buffer.count, line.answer.count, readMax)
    guard count > 0 else { return line.hasEnded ? .end : .wait }
    buffer.copyBytes(from: line.answer.prefix(count))
    line.answer.removeFirst(count)
    return .moved(count)
  }

  override func write(
    _ socket: Socket, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>, more: Bool
  ) -> Transfer {
    let line = line(socket)
    if line.isReset || line.isWriteBroken { return .failed(EPIPE) }
    var moved = 0
    for piece in pieces {
      let count = min(piece.count, line.writeRoom)
      line.request += Array(piece.prefix(count))
      line.writeRoom -= count
      moved += count
    }
    return moved > 0 ? .moved(moved) : .wait
  }

  override func wait(until deadline: Instant?, into events: inout [ReadyEvent]) {
    for line in lines where !line.isClosed {
      guard let token = line.token, let result = line.connectResult else { continue }
      var ready: Readiness = []
      let hasNews = !line.answer.isEmpty || line.hasEnded || line.isReset || result != 0
      if hasNews { ready.insert(.readable) }
      if line.writeRoom > 0 { ready.insert(.writable) }
      ready.formIntersection(line.interest)
      if !ready.isEmpty { events.append(ReadyEvent(token: token, readiness: ready)) }
    }
  }

  override func instant() -> Instant { now }
  override func wallTime() -> WallTime { WallTime(milliseconds: now.nanoseconds / 1_000_000) }

  private func line(_ socket: Socket) -> Line {
    let line = lines[Int(socket.descriptor)]
    precondition(!line.isClosed, "a closed socket was used")
    return line
  }
}
