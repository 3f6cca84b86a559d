/// How the end of a message's body is known (RFC 9112 section 6.3).
public enum BodyFraming: Equatable, Sendable {
  /// There is no body.
  case none
  /// The body has this many bytes, possibly zero.
  case length(UInt64)
  /// The body is sent in chunks; see `ChunkedDecoder`.
  case chunked
  /// The body ends where the connection does; only answers have it.
  case untilClose
}
