/// One parsed request head: what a viewer asks, as offsets into the bytes it arrived in.
///
/// It lives in the worker's scratch and is overwritten by the next request; it owns no bytes.
public struct RequestHead: ~Copyable, Sendable {
  /// The method, where it is known.
  public var method = Method.get
  /// The minor version of HTTP/1: 0 or 1 (a later one counts as 1, RFC 9110 section 2.5).
  public var minorVersion: UInt8 = 1
  /// Whether the connection may carry another request after this one (RFC 9112 section 9.3).
  public var keepAlive = true
  /// Whether the viewer waits for 100 (Continue) before it sends the body.
  public var expectsContinue = false
  /// The method as it was written.
  public var methodText = ByteRange.empty
  /// What the request is about.
  public var target = Target()
  /// How the end of the body is known: none, a length or chunks.
  public var framing = BodyFraming.none
  /// The bytes of the head, blank line included.
  public var byteCount = 0
  /// The field lines.
  public var fields = HeadFields()

  /// Whether a condition or a range is asked for: without one the answer is the whole object.
  public var hasConditions: Bool {
    @inline(__always) get {
      fields.has(.range) || fields.has(.ifNoneMatch) || fields.has(.ifModifiedSince)
        || fields.has(.ifMatch) || fields.has(.ifUnmodifiedSince) || fields.has(.ifRange)
    }
  }

  /// Makes an empty head for a parser to fill.
  public init() {}
}
