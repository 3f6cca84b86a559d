/// One parsed response head: what an origin answers, as offsets into the bytes it arrived in.
public struct ResponseHead: ~Copyable, Sendable {
  /// The status code, 100 to 599.
  public var status: UInt16 = 0
  /// The minor version of HTTP/1: 0 or 1.
  public var minorVersion: UInt8 = 1
  /// Whether the connection may carry another request after this answer's body.
  public var keepAlive = true
  /// The reason phrase; may be empty and means nothing.
  public var reason = ByteRange.empty
  /// How the end of the body is known.
  public var framing = BodyFraming.none
  /// The bytes of the head, blank line included.
  public var byteCount = 0
  /// The field lines.
  public var fields = HeadFields()

  /// Whether more heads follow for the same request: 1xx but not 101.
  public var isInterim: Bool { status < 200 }

  /// Makes an empty head for a parser to fill.
  public init() {}
}
