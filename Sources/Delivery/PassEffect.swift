/// What the answer to a request that passes does to what is stored.
enum PassEffect: UInt8, Sendable {
  /// Nothing.
  case none
  /// An unsafe or unknown method: what is stored for the target, and for what the answer names, is
  /// invalid (RFC 9111 section 4.4).
  case invalidates
  /// HEAD: what a GET would have been answered with is updated or stale (RFC 9111 section 4.3.5).
  case updates
  /// GET with Authorization: the answer is stored where its directives allow that (RFC 9111
  /// section 3.5).
  case adopts
}
