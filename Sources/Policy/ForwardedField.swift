internal import Wire

/// Which fields of the viewer who missed go on with a Fill for all: `request_fields = "..."`.
public enum FieldForwarding: UInt8, Sendable, Equatable {
  /// None for streams, all for everything else.
  case auto
  /// None: no viewer can colour what others get.
  case none
  /// All that are not about the connection, the viewer's session or the cache.
  case all
}

/// The fields of a viewer's request that a shared Fill may carry: RFC 9110 section 5.1 wants
/// unknown fields to go on, and an answer that depends on one has to say so with Vary.
enum ForwardedField {
  /// Whether a field goes on.
  ///
  /// Not what is the viewer's own (Cookie, Authorization, CMCD), what asks for a part or under a
  /// condition (the node has its own), what is written anew (Accept-Encoding, Via, CDN-Loop), and
  /// not what frameworks take for the URL or the method: with `X-Forwarded-Host` anybody could
  /// have an answer of his making stored for all, and origins rarely name it in Vary.
  static func goesOn(_ field: Field, name: Span<UInt8>, rule: Rule) -> Bool {
    if field.isHopByHop { return false }
    switch field.token {
    case .host, .contentLength, .expect, .via, .cdnLoop, .cookie, .authorization,
      .acceptEncoding, .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince,
      .ifUnmodifiedSince, .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost,
      .xForwardedPort, .cmcdRequest, .cmcdObject, .cmcdStatus, .cmcdSession:
      return false
    case .cacheControl, .pragma:
      return rule.obeysRequests
    default:
      return !overridesTarget(name)
    }
  }

  /// Whether servers are known to take the field's value for the URL, the host, the method or the
  /// viewer's address.
  private static func overridesTarget(_ name: Span<UInt8>) -> Bool {
    guard name.hasPrefixIgnoringCase("x-") else { return false }
    return name.hasPrefixIgnoringCase("x-forwarded") || name.hasPrefixIgnoringCase("x-original")
      || name.hasPrefixIgnoringCase("x-rewrite") || name.hasPrefixIgnoringCase("x-http-method")
      || name.equalsIgnoringCase("x-method-override") || name.equalsIgnoringCase("x-host")
      || name.equalsIgnoringCase("x-real-ip") || name.equalsIgnoringCase("x-client-ip")
  }
}
