internal import Bytes
internal import Loop
internal import Wire

/// The origin of a herd: one object under any name, sent in pieces over a while.
///
/// It lives on the network and the clock of whoever measures, so that both mean the same time.
final class PacedOrigin {
  /// An answer that is under way.
  private final class Transfer {
    let connection: LoadConnection
    var start: Int64 = 0
    var sent: Int
    let isTimed: Bool

    init(_ connection: LoadConnection, isTimed: Bool, pieces: Int) {
      self.connection = connection
      self.isTimed = isTimed
      sent = pieces
    }
  }

  /// By this bit of a token the loop tells its sockets from others.
  static let tokenBit: UInt64 = 1 << 63
  private static let listenerToken = Token(bits: tokenBit | 0xFFFF_FFFF)

  private let settings: HerdSettings
  private let network: KernelNetwork
  private let listener: Socket
  private var transfers: [Transfer] = []
  private let body: [UInt8]
  /// Requests that came.
  private(set) var requests = 0
  /// When each piece of the first answer was sent.
  private(set) var sentAt: [Int64] = []

  init(_ settings: HerdSettings, network: KernelNetwork) throws(LoadError) {
    self.settings = settings
    self.network = network
    body = Array(repeating: UInt8(ascii: "s"), count: settings.bytes)
    do throws(SystemError) {
      listener = try ListeningSocket.open(settings.origin, workers: 1)[0].socket
    } catch {
      throw .failed("cannot listen as the origin: \(error)")
    }
    network.watch(listener, for: PacedOrigin.listenerToken)
  }

  func close() {
    for transfer in transfers where transfer.connection.phase != .closed {
      network.close(transfer.connection.socket)
    }
    network.close(listener)
  }

  /// When the next piece is due; `nil` while nothing is to be sent.
  var due: Int64? {
    transfers.lazy.filter { $0.sent < self.settings.pieces }.map { self.due($0) }.min()
  }

  private func due(_ transfer: Transfer) -> Int64 {
    transfer.start &+ settings.span / Int64(settings.pieces) &* Int64(transfer.sent)
  }

  /// Sends the pieces that are due.
  func send(at now: Int64) {
    for transfer in transfers {
      while transfer.sent < settings.pieces, due(transfer) <= now {
        let first = transfer.sent == 0 ? 0 : settings.end(ofPiece: transfer.sent - 1)
        if transfer.isTimed { sentAt.append(network.instant().nanoseconds) }
        let end = settings.end(ofPiece: transfer.sent)
        transfer.connection.send(Array(body[first..<end]), over: network)
        transfer.sent += 1
      }
    }
  }

  /// A socket of the origin's is ready.
  func handle(_ event: ReadyEvent, _ buffer: UnsafeMutableRawBufferPointer) {
    guard event.token != PacedOrigin.listenerToken else { return accept() }
    let transfer = transfers[Int(event.token.bits & 0xFFFF_FFFF)]
    guard transfer.connection.phase != .closed else { return }
    if event.readiness.contains(.writable) { transfer.connection.sendRest(over: network) }
    if event.readiness.contains(.readable) { unsafe read(transfer, buffer) }
  }

  private func accept() {
    while case .accepted(let accepted) = network.accept(listener) {
      let connection = LoadConnection(slot: transfers.count)
      connection.open(accepted.socket, at: 0)
      connection.phase = .idle
      network.watch(
        accepted.socket, for: Token(bits: PacedOrigin.tokenBit | UInt64(transfers.count)))
      transfers.append(
        Transfer(connection, isTimed: transfers.isEmpty, pieces: settings.pieces))
    }
  }

  private func read(_ transfer: Transfer, _ buffer: UnsafeMutableRawBufferPointer) {
    let connection = transfer.connection
    guard case .moved(let count) = unsafe network.read(connection.socket, into: buffer) else {
      network.close(connection.socket)
      connection.phase = .closed
      return
    }
    unsafe connection.held.append(contentsOf: buffer[..<count])
    let held = connection.held
    var parser = RequestHeadParser()
    var head = RequestHead()
    do throws(HeadError) {
      guard try parser.parse(held.span, into: &head) != nil else { return }
    } catch {
      // What no server sends is answered with the end.
      return network.finishWriting(connection.socket)
    }
    connection.held.removeAll()
    requests += 1
    transfer.start = network.instant().nanoseconds
    transfer.sent = 0
    let fields = "Content-Type: video/mp4\r\nCache-Control: public, max-age=3600\r\n"
    connection.send(
      Array("HTTP/1.1 200 OK\r\nContent-Length: \(settings.bytes)\r\n\(fields)".utf8)
        + OriginHead.dateAndEnd(WallTime.read()),
      over: network)
  }
}
