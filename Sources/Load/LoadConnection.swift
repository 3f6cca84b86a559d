internal import Loop

/// One keep-alive connection and the request that is under way on it.
final class LoadConnection {
  /// What it is doing.
  enum Phase { case closed, connecting, idle, asking }

  let slot: Int
  var phase = Phase.closed
  var socket = Socket(descriptor: -1)
  var answer = Answer()
  /// What of the request the socket has not taken.
  var unsent: [UInt8] = []
  /// The beginning of a head that is not whole.
  var held: [UInt8] = []
  /// When the request was due, or was sent where nothing is due; nanoseconds.
  var asked: Int64 = 0
  /// When it was sent, or the connection was begun.
  var since: Int64 = 0
  /// Requests that it has carried.
  var carried = 0
  /// Times that it was opened: events of an earlier life say nothing of this one.
  private(set) var generation: UInt32 = 0

  init(slot: Int) { self.slot = slot }

  /// Whom the network tells about it.
  var token: Token { Token(bits: UInt64(generation) << 32 | UInt64(slot)) }

  /// Begins a connection; the socket tells when it is made.
  ///
  /// - Throws: `SystemError` where it is refused at once, or there is no descriptor left.
  func connect(
    to address: SocketAddress, over network: Network, at now: Int64
  ) throws(SystemError) {
    open(try network.connect(to: address), at: now)
    network.watch(socket, for: token)
    network.setInterest(socket, .writable)
  }

  /// The socket has told: the connection is made and idle, or was refused.
  func isConnected(over network: Network) -> Bool {
    guard network.connectResult(socket) == 0 else { return false }
    network.setInterest(socket, .readable)
    phase = .idle
    return true
  }

  func open(_ socket: Socket, at now: Int64) {
    generation &+= 1
    self.socket = socket
    phase = .connecting
    since = now
    carried = 0
    held.removeAll()
    unsent.removeAll()
    answer = Answer()
  }

  /// Sends bytes behind what waits already; what the socket does not take follows with
  /// `sendRest`, when it is writable.
  func send(_ bytes: [UInt8], over network: Network) {
    guard unsent.isEmpty else {
      unsent += bytes
      return
    }
    let transfer = unsafe bytes.withUnsafeBytes { piece in
      unsafe withUnsafePointer(to: piece) {
        unsafe network.write(socket, UnsafeBufferPointer(start: $0, count: 1), more: false)
      }
    }
    var written = 0
    if case .moved(let count) = transfer { written = count }
    // A broken socket is told by the next read.
    if case .failed = transfer { return }
    guard written < bytes.count else { return }
    unsent = Array(bytes[written...])
    network.setInterest(socket, [.readable, .writable])
  }

  /// The socket takes bytes again.
  func sendRest(over network: Network) {
    var rest: [UInt8] = []
    swap(&rest, &unsent)
    network.setInterest(socket, .readable)
    if !rest.isEmpty { send(rest, over: network) }
  }
}
