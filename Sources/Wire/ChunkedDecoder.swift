/// Takes the chunked coding off a body as its bytes arrive (RFC 9112 section 7.1).
///
/// Copies and allocates nothing: it says which bytes of the caller's span are body. Trailers are
/// checked, bounded and discarded. Never looks beyond the body's last byte.
public struct ChunkedDecoder: Sendable, Equatable {
  /// What comes next in the bytes at hand.
  public enum Step: Equatable, Sendable {
    /// These bytes of the span are body; never empty.
    case data(Range<Int>)
    /// The span is used up; the body is not.
    case needMore
    /// The body and its trailers are over; what follows belongs to the next message.
    case end
  }

  enum State: UInt8, Sendable {
    case sizeStart, size
    case spaceBeforeSemicolon, extensionStart, extensionName, spaceAfterName
    case extensionValueStart, extensionValue, quoted, quotedPair, quoteEnd, spaceAfterValue
    case sizeLineFeed, data, dataReturn, dataLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed
    case finished
  }

  var state = State.sizeStart
  /// The bytes of the current chunk that are still to come; the size while it is being read.
  var remaining: UInt64 = 0
  /// The bytes of the chunk-size line or of the trailer section so far.
  var lineBytes = 0

  /// Makes a decoder that waits for the first chunk-size line.
  public init() {}

  /// Whether the body came to its proper end; if not, a closed connection means a truncated body.
  public var isFinished: Bool { state == .finished }

  /// Reads on in `bytes` from `position` and moves `position` behind what was used.
  ///
  /// Call it until it says `.needMore` (then call again with new bytes) or `.end`.
  ///
  /// - Parameters:
  ///   - bytes: any piece of the body, however small.
  ///   - position: where to go on in it; moved forward.
  /// - Returns: the next step.
  /// - Throws: the body is malformed; nothing of the connection can be trusted from here on.
  public mutating func next(
    _ bytes: Span<UInt8>, at position: inout Int
  ) throws(ChunkedError) -> Step {
    while position < bytes.count {
      if state == .data {
        let available = UInt64(bytes.count &- position)
        let length = Int(min(remaining, available))
        let start = position
        position &+= length
        remaining &-= UInt64(length)
        if remaining == 0 { state = .dataReturn }
        return .data(start..<position)
      }
      if state == .finished { return .end }
      try take(bytes[position])
      position &+= 1
    }
    return state == .finished ? .end : .needMore
  }
}

/// What is wrong with a chunked body.
public enum ChunkedError: UInt8, Error, Equatable, Sendable {
  case malformedSize, sizeTooLarge, malformedExtension, lineTooLong, missingLineEnd
  case malformedTrailer, trailersTooLong
}
