/// What the client gave when it was asked for bytes of the request's body.
public enum UploadStep: Equatable, Sendable {
  /// So many bytes were put into the memory; at least one.
  case bytes(Int)
  /// None now; `uploadReady` follows.
  case wait
  /// The body is complete.
  case end
  /// The body will never be complete: the viewer is gone or broke its framing.
  case broken
}

/// The framing of a request's body on its way to the origin: a value without bytes of its own.
///
/// A body goes out as the viewer framed it, by length or in chunks (RFC 9112 §6). In chunks, each
/// piece gets a size of four digits before it and a line end after it.
struct UploadMachine: Equatable {
  /// What the driver does with what the client gave.
  enum Action: Equatable {
    /// Send the `count` bytes from the front of the buffer: framing and payload.
    case send(count: Int)
    /// Send `0 CRLF CRLF`: the body is complete.
    case sendLastChunk
    /// Wait for `uploadReady`.
    case wait
    /// Nothing is left to send.
    case finished
    /// Give the fetch up.
    case broken
  }

  private enum State: Equatable { case length(UInt64), chunked, finished }

  /// Bytes of framing before the payload of a chunk: `XXXX CRLF`.
  static let chunkPrefixBytes = 6
  /// Bytes of framing after the payload of a chunk: `CRLF`.
  static let chunkSuffixBytes = 2
  /// The most payload that a size of four digits can tell.
  private static let chunkPayloadMax = 0xFFFF

  private var state: State
  /// Whether a byte of the body has been taken from the client.
  private(set) var hasStarted = false

  /// A request without a body.
  static let none = UploadMachine(state: .finished)

  /// A body in chunks.
  static let chunked = UploadMachine(state: .chunked)

  /// A body of `count` bytes.
  static func length(_ count: UInt64) -> UploadMachine {
    UploadMachine(state: count == 0 ? .finished : .length(count))
  }

  private init(state: State) { self.state = state }

  /// Whether the whole body has been taken from the client.
  var isFinished: Bool { state == .finished }

  /// Where payload begins in the buffer.
  var payloadOffset: Int { state == .chunked ? Self.chunkPrefixBytes : 0 }

  /// The most payload that may be put into a buffer of `capacity` bytes.
  func payloadLimit(capacity: Int) -> Int {
    switch state {
    case .length(let remaining):
      remaining > UInt64(capacity) ? capacity : Int(remaining)
    case .chunked:
      max(0, min(Self.chunkPayloadMax, capacity - Self.chunkPrefixBytes - Self.chunkSuffixBytes))
    case .finished: 0
    }
  }

  /// Takes what the client gave for a buffer of `capacity` bytes.
  mutating func accept(_ step: UploadStep, capacity: Int) -> Action {
    switch step {
    case .wait: return .wait
    case .broken: return .broken
    case .end: return end()
    case .bytes(let count):
      guard count > 0 else { return .wait }
      guard count <= payloadLimit(capacity: capacity) else { return .broken }
      return send(count)
    }
  }

  private mutating func end() -> Action {
    switch state {
    case .length: return .broken
    case .chunked:
      state = .finished
      hasStarted = true
      return .sendLastChunk
    case .finished: return .finished
    }
  }

  private mutating func send(_ count: Int) -> Action {
    hasStarted = true
    switch state {
    case .length(let remaining):
      let left = remaining - UInt64(count)
      state = left == 0 ? .finished : .length(left)
      return .send(count: count)
    case .chunked:
      return .send(count: Self.chunkPrefixBytes + count + Self.chunkSuffixBytes)
    case .finished: return .broken
    }
  }

  /// The size line of a chunk: four hexadecimal digits and a line end.
  static func chunkPrefix(payload: Int) -> [6 of UInt8] {
    var line: [6 of UInt8] = [0x30, 0x30, 0x30, 0x30, 0x0D, 0x0A]
    var rest = payload
    for place in (0..<4).reversed() {
      let digit = UInt8(rest & 0xF)
      line[place] = digit < 10 ? 0x30 + digit : 0x41 + digit - 10
      rest >>= 4
    }
    return line
  }
}
