/// Parses response heads in place as the bytes of an origin's connection arrive.
///
/// As strict as `RequestHeadParser`; every error means 502 and the end of the connection.
public struct ResponseHeadParser: Sendable {
  private var scanner = HeadScanner()

  /// Makes a parser that waits for the first byte of a head.
  public init() {}

  /// Whether nothing of a head has been seen yet: a request on a reused connection may be retried.
  public var isIdle: Bool { scanner.isIdle }

  /// Reads one response head from the front of `bytes`.
  ///
  /// Interim heads (`ResponseHead.isInterim`) are returned like final ones; call again with the
  /// bytes behind them.
  ///
  /// - Parameters:
  ///   - bytes: everything that arrived since the request or the interim head before.
  ///   - requestMethod: what was asked; an answer to HEAD has no body.
  ///   - head: overwritten; meaningless unless a number is returned.
  /// - Returns: the bytes used, blank line included, or `nil` when more are needed.
  /// - Throws: what is wrong with it.
  public mutating func parse(
    _ bytes: Span<UInt8>, requestMethod: Method, into head: inout ResponseHead
  ) throws(HeadError) -> Int? {
    guard let limit = try scanner.findEnd(bytes, leadingLinesMax: 0) else { return nil }
    let text = bytes.extracting(0..<limit)
    var position = 0
    try head.parseStatusLine(text, at: &position)
    try head.fields.parse(text, at: &position)
    try head.understandFields(text, requestMethod: requestMethod)
    head.byteCount = position
    scanner = HeadScanner()
    return position
  }
}

extension ResponseHead {
  /// Reads `HTTP/1.x SP status [SP reason] CRLF` (RFC 9112 section 4).
  fileprivate mutating func parseStatusLine(
    _ bytes: Span<UInt8>, at position: inout Int
  ) throws(HeadError) {
    guard bytes.count >= 14 else { throw .malformedStatusLine }
    minorVersion = try bytes.minorVersion(at: 0)
    let digits = bytes.extracting(9..<12)
    guard bytes[8] == 0x20, let number = digits.decimal, (100...599).contains(number) else {
      throw .malformedStatusLine
    }
    status = UInt16(truncatingIfNeeded: number)
    var reasonStart = 12
    if bytes[12] == 0x20 { reasonStart = 13 }
    let end = bytes.firstForbiddenInValue(from: reasonStart)
    guard end &+ 1 < bytes.count, bytes[end] == 0x0D, bytes[end &+ 1] == 0x0A else {
      throw end < bytes.count && (bytes[end] == 0x0D || bytes[end] == 0x0A)
        ? .bareLineEnd : .malformedStatusLine
    }
    guard reasonStart == 13 || end == 12 else { throw .malformedStatusLine }
    reason = ByteRange(from: reasonStart, to: end)
    position = end &+ 2
  }

  /// Decides framing and connection (RFC 9112 section 6.3).
  fileprivate mutating func understandFields(
    _ bytes: Span<UInt8>, requestMethod: Method
  ) throws(HeadError) {
    guard status != 101 else { throw .unexpectedUpgrade }
    keepAlive = fields.understandConnection(bytes, minorVersion: minorVersion)
    framing = .untilClose
    if fields.has(.transferEncoding) {
      try fields.requireChunked(bytes, minorVersion: minorVersion)
      framing = .chunked
    } else if let length = try fields.contentLength(bytes) {
      framing = .length(length)
    }
    let hasNoBody = status < 200 || status == 204 || status == 304
    if hasNoBody || requestMethod == .head {
      // An origin that frames what cannot have a body may send one: do not reuse the connection.
      let isFramed = framing == .chunked || (framing != .untilClose && framing != .length(0))
      if isFramed, hasNoBody, status != 304 { keepAlive = false }
      framing = .none
    } else if framing == .untilClose {
      keepAlive = false
    }
  }
}
