internal import Wire

/// One exchange on one connection, from the request written to the last byte of the answer.
///
/// A value that sees bytes and says what they mean; the driver (`OriginPool`) moves them. A retry
/// starts with a new machine.
struct FetchMachine {
  /// What the front of the bytes at hand means.
  enum Step: Equatable {
    /// More bytes are needed; the first `consumed` are used up.
    case more(consumed: Int)
    /// An interim head of `count` bytes for the client.
    case interim(count: Int)
    /// An interim head of `count` bytes that nobody needs to see (100).
    case skip(count: Int)
    /// The final head of `count` bytes.
    case head(count: Int)
    /// Payload lies at `start`; the first `consumed` bytes are used up with it.
    case payload(start: Int, count: Int, consumed: Int)
    /// The answer is complete; the first `consumed` bytes belong to it.
    case ended(consumed: Int, closeDelimited: Bool)
    /// The answer is no good.
    case failed(FetchFailure.Kind)
  }

  /// What is expected next.
  enum Phase: Equatable { case head, length(UInt64), chunked, untilClose, ended }

  private(set) var phase = Phase.head
  /// Whether the connection may carry another request once this answer is complete.
  private(set) var mayReuse = false
  private let method: Method
  private var parser = ResponseHeadParser()
  private var decoder = ChunkedDecoder()
  private var interims = 0

  init(method: Method) { self.method = method }

  /// Whether the final head has been seen.
  var hasHead: Bool { phase != .head }

  /// How much may be read straight into the client's memory: all that is surely payload.
  ///
  /// Zero when framing may come first. Then bytes go through `next`.
  var plainPayloadMax: UInt64 {
    switch phase {
    case .length(let remaining): remaining
    case .untilClose: .max
    case .head, .chunked, .ended: 0
    }
  }

  /// Looks at the front of `bytes`; `head` is filled where a head is found.
  ///
  /// `room` bounds the payload told of. Call again with what is left until `.more` or the end.
  mutating func next(
    _ bytes: Span<UInt8>, room: Int, head: inout ResponseHead
  ) -> Step {
    switch phase {
    case .head: return readHead(bytes, &head)
    case .length(let remaining):
      guard remaining > 0 else { return end(consumed: 0) }
      let count = min(bytes.count, room, Int(clamping: remaining))
      guard count > 0 else { return .more(consumed: 0) }
      phase = .length(remaining - UInt64(count))
      return .payload(start: 0, count: count, consumed: count)
    case .chunked: return readChunked(bytes, room: room)
    case .untilClose:
      let count = min(bytes.count, room)
      guard count > 0 else { return .more(consumed: 0) }
      return .payload(start: 0, count: count, consumed: count)
    case .ended: return .ended(consumed: 0, closeDelimited: false)
    }
  }

  /// Notes payload that was read straight into the client's memory.
  ///
  /// - Precondition: `count` is at most `plainPayloadMax`.
  mutating func took(_ count: Int) {
    switch phase {
    case .length(let remaining):
      precondition(UInt64(count) <= remaining, "read beyond the body")
      phase = .length(remaining - UInt64(count))
    case .untilClose: break
    case .head, .chunked, .ended: preconditionFailure("no plain payload is expected")
    }
  }

  /// The peer ended its side; `held` bytes of a head had come.
  mutating func peerEnded(held: Int) -> Step {
    mayReuse = false
    switch phase {
    case .head: return .failed(held == 0 && interims == 0 ? .reset : .truncated)
    case .length(let remaining):
      return remaining == 0 ? end(consumed: 0) : .failed(.truncated)
    case .chunked: return .failed(.truncated)
    case .untilClose:
      phase = .ended
      return .ended(consumed: 0, closeDelimited: true)
    case .ended: return .ended(consumed: 0, closeDelimited: false)
    }
  }

  private mutating func readHead(_ bytes: Span<UInt8>, _ head: inout ResponseHead) -> Step {
    let count: Int
    do {
      guard let found = try parser.parse(bytes, requestMethod: method, into: &head) else {
        return bytes.count < OriginLimits.headBytesMax
          ? .more(consumed: 0) : .failed(.headTooLarge)
      }
      count = found
    } catch {
      return .failed(error == .headTooLong || error == .tooManyFields ? .headTooLarge : .badHead)
    }
    parser = ResponseHeadParser()
    guard !head.isInterim else { return interim(count, status: head.status) }
    mayReuse = head.keepAlive
    switch head.framing {
    case .none: phase = .length(0)
    case .length(let length): phase = .length(length)
    case .chunked: phase = .chunked
    case .untilClose:
      phase = .untilClose
      mayReuse = false
    }
    return .head(count: count)
  }

  private mutating func interim(_ count: Int, status: UInt16) -> Step {
    interims += 1
    guard status != 101, interims <= OriginLimits.interimsMax else { return .failed(.badHead) }
    return status == 100 ? .skip(count: count) : .interim(count: count)
  }

  private mutating func readChunked(_ bytes: Span<UInt8>, room: Int) -> Step {
    // Payload is never longer than its coding: so `room` bytes of input give no more than that.
    let visible = bytes.extracting(0..<min(bytes.count, room))
    var position = 0
    do {
      switch try decoder.next(visible, at: &position) {
      case .needMore: return .more(consumed: position)
      case .data(let range):
        return .payload(start: range.lowerBound, count: range.count, consumed: position)
      case .end: return end(consumed: position)
      }
    } catch {
      mayReuse = false
      return .failed(.badChunk)
    }
  }

  private mutating func end(consumed: Int) -> Step {
    phase = .ended
    return .ended(consumed: consumed, closeDelimited: false)
  }
}
