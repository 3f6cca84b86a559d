public import Bytes
public import Loop

/// A request as an origin saw it.
public struct SeenRequest: Sendable {
  /// The method.
  public let method: String
  /// The target as sent.
  public let target: String
  /// The head without its blank line.
  public let head: String
  /// When its head was whole.
  public let time: Instant
  /// On which of the origin's connections it came, from zero.
  public let connection: Int

  /// The value of a field, if the request has it.
  public func field(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      guard line[..<colon].lowercased() == name.lowercased() else { continue }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return nil
  }
}

/// An origin server whose answers a test writes: heads, bytes, pauses, breaks.
public final class ScriptedOrigin {
  /// Where it listens.
  public let address: SocketAddress
  /// What it saw, in order.
  public private(set) var requests: [SeenRequest] = []
  /// The bodies of the requests, as they came in, framing included.
  public private(set) var uploaded: [UInt8] = []
  /// Decides about each request; takes precedence over `answers`.
  public var answer: ((SeenRequest) -> ScriptedAnswer)?
  /// Connections that were made to it.
  public var connectionCount: Int { endpoints.count }

  private let world: SimulatedWorld
  private var acceptor: SimulatedAcceptor?
  private var endpoints: [SimulatedEndpoint] = []
  private var byTarget: [String: ScriptedAnswer] = [:]
  private var heads: [Int: [UInt8]] = [:]
  private var bodyLeft: [Int: Int] = [:]
  /// While set, request bodies are not read: the node's upload meets back-pressure.
  public var isReadingPaused = false {
    didSet {
      for endpoint in endpoints { endpoint.isReadingPaused = isReadingPaused }
    }
  }

  /// Makes an origin in `world`; it listens at once.
  public init(world: SimulatedWorld, address: SocketAddress) {
    self.world = world
    self.address = address
    listen()
  }

  /// Answers every request for `target` so from now on.
  public func answers(_ target: String, _ answer: ScriptedAnswer) { byTarget[target] = answer }

  /// How many requests it saw for `target`.
  public func requestCount(_ target: String) -> Int {
    requests.reduce(0) { $0 + ($1.target == target ? 1 : 0) }
  }

  /// Forgets what it saw, so that a long run stays small.
  public func forgets() { requests.removeAll() }

  /// Refuses connections from now on; those that are open stay.
  public func stopsListening() {
    acceptor?.close()
    acceptor = nil
  }

  /// Takes connections again.
  public func listensAgain() { if acceptor == nil { listen() } }

  /// Breaks every open connection.
  public func resetsConnections() {
    for endpoint in endpoints where endpoint.isOpen { endpoint.reset() }
  }

  /// Closes every open connection in order.
  public func closesConnections() {
    for endpoint in endpoints where endpoint.isOpen { endpoint.close() }
  }

  /// Lets every connection take bytes under these conditions, now and later.
  public func limits(_ link: LinkConditions) { world.links[address] = link }

  private func listen() {
    let acceptor = world.listen(address)
    acceptor.onAccept = { [unowned self] endpoint in
      let number = endpoints.count
      endpoints.append(endpoint)
      endpoint.isReadingPaused = isReadingPaused
      endpoint.onChange = { [unowned self] endpoint in received(endpoint, number) }
    }
    self.acceptor = acceptor
  }

  private func received(_ endpoint: SimulatedEndpoint, _ number: Int) {
    let bytes = endpoint.take()
    guard !bytes.isEmpty else {
      if endpoint.isEnded { endpoint.close() }
      return
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      if let left = bodyLeft[number], left > 0 {
        let count = min(left, rest.count)
        uploaded += rest.prefix(count)
        rest = rest.dropFirst(count)
        bodyLeft[number] = left - count
        continue
      }
      var head = heads[number, default: []]
      while let byte = rest.popFirst() {
        head.append(byte)
        if byte == 10, head.count >= 4, head.suffix(4).elementsEqual([13, 10, 13, 10]) {
          heads[number] = []
          see(head, endpoint, number)
          head = []
          break
        }
      }
      heads[number] = head
    }
  }

  private func see(_ bytes: [UInt8], _ endpoint: SimulatedEndpoint, _ number: Int) {
    let head = String(decoding: bytes.dropLast(4), as: UTF8.self)
    let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
    let request = SeenRequest(
      method: String(words.first ?? ""), target: words.count > 1 ? String(words[1]) : "",
      head: head, time: world.now, connection: number)
    requests.append(request)
    if let length = request.field("Content-Length").flatMap({ Int($0) }) {
      bodyLeft[number] = length
    } else if request.field("Transfer-Encoding") != nil {
      bodyLeft[number] = .max
    }
    let answer = answer?(request) ?? byTarget[request.target] ?? .status(404)
    play(answer.steps[...], endpoint)
  }

  private func play(_ steps: ArraySlice<ScriptedAnswer.Step>, _ endpoint: SimulatedEndpoint) {
    var left = steps
    while let step = left.popFirst() {
      switch step {
      case .send(let bytes): endpoint.send(bytes)
      case .finish: endpoint.close()
      case .reset: endpoint.reset()
      case .wait(let length):
        let after = left
        return world.after(length) { [weak self] in self?.play(after, endpoint) }
      }
    }
  }
}
