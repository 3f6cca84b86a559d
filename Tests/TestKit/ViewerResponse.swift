public import Bytes

/// A response as a viewer has read it so far.
public struct ViewerResponse: Sendable {
  /// How it ended.
  public enum End: Equatable, Sendable {
    /// It has not ended.
    case open
    /// Whole by its own framing.
    case whole
    /// Cut: the connection broke, or ended before the framing did.
    case cut
  }

  /// The status.
  public var status = 0
  /// The head as text, status line included.
  public var head = ""
  /// The body so far, without framing.
  public var body: [UInt8] = []
  /// How it ended.
  public var end = End.open
  /// When the first byte of the body came.
  public var firstByte: Instant?
  /// When its head was whole.
  public var headTime: Instant?

  /// The value of a field, if there is one.
  public func field(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      guard line[..<colon].lowercased() == name.lowercased() else { continue }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return nil
  }
}

/// Reads a stream of HTTP/1 responses, strictly: what a careful player would see.
struct ResponseReader {
  private enum Frame {
    case head, length(Int), chunkSize, chunk(Int), chunkEnd, trailer, untilClose
  }

  private(set) var responses: [ViewerResponse] = []
  /// What breaks the framing, if anything did.
  private(set) var fault: String?
  private var frame = Frame.head
  private var line: [UInt8] = []
  private var methods: [String] = []
  private var begun = 0
  /// Final answers that were whole so far.
  private(set) var answered = 0

  /// A request was sent: its answer is read accordingly.
  mutating func sent(_ method: String) { methods.append(method) }

  mutating func feed(_ bytes: ArraySlice<UInt8>, at now: Instant) {
    var rest = bytes
    while !rest.isEmpty, fault == nil {
      switch frame {
      case .length(let left):
        let count = min(left, rest.count)
        append(rest.prefix(count), at: now)
        rest = rest.dropFirst(count)
        if left == count { finish() } else { frame = .length(left - count) }
      case .chunk(let left):
        let count = min(left, rest.count)
        append(rest.prefix(count), at: now)
        rest = rest.dropFirst(count)
        frame = left == count ? .chunkEnd : .chunk(left - count)
      case .untilClose:
        append(rest, at: now)
        rest = []
      case .head, .chunkSize, .chunkEnd, .trailer:
        guard takeLine(&rest) else { return }
        endOfLine(at: now)
      }
    }
  }

  /// The connection is over: in order, or broken.
  mutating func connectionOver(inOrder: Bool) {
    guard let last = responses.indices.last, responses[last].end == .open else { return }
    if case .untilClose = frame, inOrder {
      responses[last].end = .whole
    } else {
      responses[last].end = .cut
    }
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>, at now: Instant) {
    let last = responses.count - 1
    if responses[last].firstByte == nil, !bytes.isEmpty { responses[last].firstByte = now }
    responses[last].body.append(contentsOf: bytes)
  }

  private mutating func finish() {
    let last = responses.count - 1
    responses[last].end = .whole
    if responses[last].status >= 200 { answered += 1 }
    frame = .head
  }

  /// Forgets what is whole.
  mutating func forget() { responses.removeAll { $0.end == .whole } }

  /// Collects a line with its CRLF (a head as a whole); `false` when more bytes are needed.
  private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) -> Bool {
    let isHead = if case .head = frame { true } else { false }
    while let byte = rest.popFirst() {
      line.append(byte)
      guard byte == 10 else { continue }
      if !isHead || line.suffix(4).elementsEqual([13, 10, 13, 10]) { return true }
    }
    return false
  }

  private mutating func endOfLine(at now: Instant) {
    let text = String(decoding: line, as: UTF8.self)
    line.removeAll()
    switch frame {
    case .head: begin(text, at: now)
    case .chunkSize:
      guard let size = Int(text.dropLast(1), radix: 16) else { return fault = "chunk \(text)" }
      frame = size == 0 ? .trailer : .chunk(size)
    case .chunkEnd:
      if text != "\r\n" { fault = "no line end after a chunk" }
      frame = .chunkSize
    case .trailer: if text == "\r\n" { finish() }
    case .length, .chunk, .untilClose: break
    }
  }

  private mutating func begin(_ head: String, at now: Instant) {
    var response = ViewerResponse()
    response.head = String(head.dropLast(2))
    response.headTime = now
    guard head.hasPrefix("HTTP/1.1 "), let status = Int(head.dropFirst(9).prefix(3)) else {
      return fault = "status line \(head)"
    }
    response.status = status
    responses.append(response)
    if status < 200 { return finish() }
    let method = begun < methods.count ? methods[begun] : "GET"
    begun += 1
    if method == "HEAD" || status == 204 || status == 304 { return finish() }
    if let length = response.field("Content-Length") {
      guard let count = Int(length) else { return fault = "length \(length)" }
      frame = .length(count)
      if count == 0 { finish() }
    } else if response.field("Transfer-Encoding") == "chunked" {
      frame = .chunkSize
    } else {
      frame = .untilClose
    }
  }
}
