/// Parses request heads in place, one after the other, as the bytes of a connection arrive.
///
/// Keeps only how far it has looked; the bytes stay with the caller, who calls again with a longer
/// span that starts at the same byte. After a head it is ready for the next one; after an error the
/// connection is to be answered and closed. Strict by RFC 9112 sections 2 to 6.
public struct RequestHeadParser: Sendable {
  private var scanner = HeadScanner()

  /// Makes a parser that waits for the first byte of a head.
  public init() {}

  /// Whether nothing of a head has been seen yet: an idle connection may be closed quietly.
  public var isIdle: Bool { scanner.isIdle }

  /// Reads one request head from the front of `bytes`.
  ///
  /// All ranges of `head` count from the first of `bytes`; the body is left alone.
  ///
  /// - Parameters:
  ///   - bytes: everything that arrived since the last head's (or body's) end.
  ///   - head: overwritten; meaningless unless a number is returned.
  /// - Returns: the bytes used, blank line included, or `nil` when more are needed.
  /// - Throws: what is wrong with it; answer with the error's status and close.
  public mutating func parse(
    _ bytes: Span<UInt8>, into head: inout RequestHead
  ) throws(HeadError) -> Int? {
    guard
      let limit = try scanner.findEnd(bytes, leadingLinesMax: WireLimits.leadingEmptyLinesMax)
    else { return nil }
    let text = bytes.extracting(0..<limit)
    var position = scanner.start
    try head.parseRequestLine(text, at: &position)
    try head.fields.parse(text, at: &position)
    try head.understandFields(text)
    head.byteCount = position
    scanner = HeadScanner()
    return position
  }
}
