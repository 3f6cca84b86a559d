/// What a request is about: the parsed request target with the host that it belongs to.
///
/// All ranges count from the head's first byte. RFC 9112 section 3.2.
public struct Target: Sendable, Equatable {
  /// The four forms of RFC 9112 section 3.2.
  public enum Form: UInt8, Sendable { case origin, absolute, authority, asterisk }

  /// How the target was written.
  public var form = Form.origin
  /// Whether an absolute target said `https`; meaningless in the other forms.
  public var isSecure = false
  /// Whether there is a question mark, possibly with nothing behind it.
  public var hasQuery = false
  /// The target as it was written.
  public var text = ByteRange.empty
  /// The path with its leading slash; empty for `*` and for an absolute target without a path,
  /// which means `/` (and for OPTIONS the whole server).
  public var path = ByteRange.empty
  /// The query without its question mark.
  public var query = ByteRange.empty
  /// Host and port as sent: an absolute target's authority, else the Host field's value; may be
  /// empty.
  public var host = ByteRange.empty
  /// The host without its port; an IPv6 address keeps its brackets.
  public var hostName = ByteRange.empty
  /// The port that was written, or `nil`.
  public var port: UInt16?

  /// An empty target.
  public init() {}
}
