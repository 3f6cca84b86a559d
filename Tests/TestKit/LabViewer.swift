public import Bytes
import Loop

/// A viewer's connection to the edge: sends requests, reads answers at its own pace.
public final class LabViewer {
  /// The socket, for whatever the methods here do not say.
  public let endpoint: SimulatedEndpoint
  /// When it connected.
  public let connected: Instant
  /// When the connection was over; `nil` while it lasts.
  public private(set) var over: Instant?
  /// It ended the connection itself.
  public private(set) var hasLeft = false

  private let world: SimulatedWorld
  private var reader = ResponseReader()

  init(world: SimulatedWorld, endpoint: SimulatedEndpoint) {
    self.world = world
    self.endpoint = endpoint
    connected = world.now
    endpoint.onChange = { [unowned self] _ in changed() }
  }

  /// Asks for `target`.
  @discardableResult
  public func asks(
    _ target: String, _ fields: String..., method: String = "GET",
    host: String = "live.example.com", version: String = "1.1"
  ) -> LabViewer {
    asks(target, fields, method: method, host: host, version: version)
  }

  /// Asks for `target` with a list of fields.
  @discardableResult
  public func asks(
    _ target: String, _ fields: [String], method: String, host: String, version: String = "1.1"
  ) -> LabViewer {
    let lines = ["\(method) \(target) HTTP/\(version)", "Host: \(host)"] + fields
    reader.sent(method)
    endpoint.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    return self
  }

  /// Sends bytes that need not be a request.
  public func sends(_ text: String) { endpoint.send(text) }

  /// Leaves: closes the connection.
  public func leaves() {
    endpoint.close()
    hasLeft = true
    end(inOrder: false)
  }

  /// Breaks the connection.
  public func breaks() {
    endpoint.reset()
    hasLeft = true
    end(inOrder: false)
  }

  /// Reads no more until `readsOn`.
  public func stopsReading() { endpoint.isReadingPaused = true }

  /// Reads again.
  public func readsOn() { endpoint.isReadingPaused = false }

  /// All answers so far, interim ones included.
  public var responses: [ViewerResponse] { reader.responses }
  /// The last answer so far.
  public var last: ViewerResponse { reader.responses.last ?? ViewerResponse() }
  /// Answers that are whole, interim ones left out.
  public var wholeCount: Int {
    reader.responses.reduce(0) { $0 + ($1.end == .whole && $1.status >= 200 ? 1 : 0) }
  }
  /// Final answers that are whole, those included that were forgotten.
  public var answerCount: Int { reader.answered }
  /// Forgets the answers that are whole, so that a long run stays small.
  public func forgets() { reader.forget() }
  /// The last answer has ended, whole or not, or the connection is over.
  public var isDone: Bool {
    if over != nil { return true }
    return last.status >= 200 && last.end != .open
  }
  /// What broke the framing, if anything did.
  public var fault: String? { reader.fault }

  private func changed() {
    let bytes = endpoint.take()
    reader.feed(bytes[...], at: world.now)
    if endpoint.failure != nil {
      end(inOrder: false)
    } else if endpoint.isEnded {
      endpoint.close()
      end(inOrder: true)
    }
  }

  private func end(inOrder: Bool) {
    guard over == nil else { return }
    over = world.now
    reader.connectionOver(inOrder: inOrder)
  }
}
