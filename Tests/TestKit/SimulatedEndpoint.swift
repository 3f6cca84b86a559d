import Bytes
import Loop

/// The test's end of a simulated connection: a viewer, or an origin's answer to the node.
public final class SimulatedEndpoint {
  /// All bytes received and not taken.
  public private(set) var received: [UInt8] = []
  /// Called after something has arrived or the state has changed; a script's reaction.
  public var onChange: ((SimulatedEndpoint) -> Void)?
  /// While set, nothing is received, so the node's writes meet back-pressure.
  public var isReadingPaused = false {
    didSet { if !isReadingPaused { changed() } }
  }

  private unowned let world: SimulatedWorld
  private let side: SimulatedSide
  private var outgoing: [UInt8] = []
  private var outgoingStart = 0
  private var isFinishing = false
  private var isClosing = false

  init(world: SimulatedWorld, side: SimulatedSide) {
    self.world = world
    self.side = side
  }

  /// The connection is made and neither side has failed.
  public var isOpen: Bool { side.state == .open }
  /// The node has ended its side, and all of it was received.
  public var isEnded: Bool { side.peerHasEnded && side.unreadBytes == 0 }
  /// Why the connection is broken (`ECONNREFUSED`, `ECONNRESET`), if it is.
  public var failure: Int32? {
    guard case .failed(let code) = side.state else { return nil }
    return code
  }
  /// The conditions of this side; may be changed while it lives.
  public var link: LinkConditions {
    get { side.link }
    set { side.link = newValue }
  }
  /// Bytes that wait for the node to read.
  public var unsentBytes: Int { outgoing.count - outgoingStart }
  /// What has been received, as text.
  public var text: String { String(decoding: received, as: UTF8.self) }

  /// Sends bytes as fast as the node takes them.
  public func send(_ bytes: some Sequence<UInt8>) {
    outgoing.append(contentsOf: bytes)
    pump()
  }

  /// Sends text.
  public func send(_ text: String) { send(text.utf8) }

  /// Takes what has been received so far.
  public func take() -> [UInt8] {
    defer { received.removeAll() }
    return received
  }

  /// Ends the sending side once everything is sent; goes on receiving.
  public func finish() {
    isFinishing = true
    pump()
  }

  /// Closes once everything is sent.
  public func close() {
    isClosing = true
    pump()
  }

  /// Breaks the connection now; what is unsent is lost.
  public func reset() {
    outgoing.removeAll()
    outgoingStart = 0
    world.reset(side)
  }

  /// Sends what the node has room for.
  func pump() {
    guard side.state == .open else { return }
    while unsentBytes > 0 {
      let outcome = outgoing.withUnsafeBytes {
        world.send(UnsafeRawBufferPointer(rebasing: $0[outgoingStart...]), from: side)
      }
      guard case .moved(let count) = outcome, count > 0 else { return }
      outgoingStart += count
    }
    outgoing.removeAll(keepingCapacity: true)
    outgoingStart = 0
    if isFinishing { world.finish(side) }
    if isClosing { world.close(side) }
  }

  /// Receives what has arrived, and lets the script react.
  func changed() {
    while !isReadingPaused, side.unreadBytes > 0 {
      received.append(contentsOf: side.takeUnread(limit: side.link.readBytesMax))
    }
    onChange?(self)
  }
}

/// The test's listening socket: an origin.
public final class SimulatedAcceptor {
  /// The connections so far, in order of arrival.
  public private(set) var endpoints: [SimulatedEndpoint] = []
  /// Called with each new connection; a script's reaction.
  public var onAccept: ((SimulatedEndpoint) -> Void)?

  private unowned let world: SimulatedWorld
  private let side: SimulatedSide

  init(world: SimulatedWorld, side: SimulatedSide) {
    self.world = world
    self.side = side
    side.acceptor = self
  }

  /// Stops listening: connects are refused from now on; connections stay.
  public func close() {
    side.acceptor = nil
    world.close(side)
  }

  func take(_ far: SimulatedSide) {
    let endpoint = SimulatedEndpoint(world: world, side: far)
    far.endpoint = endpoint
    endpoints.append(endpoint)
    onAccept?(endpoint)
  }
}
