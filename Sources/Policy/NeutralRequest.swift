public import Wire

/// Which requests that pass may leave a trace in what others get.
///
/// A Fill sends nothing of its viewer's, so that nothing can colour its answer. A pass sends
/// everything: with `X-Forwarded-Host` or a Cookie anybody could have an answer of his making
/// stored for all. So only an answer to a neutral request is adopted or updates what is stored.
public enum NeutralRequest {
  /// Whether nothing in a request is known to colour answers or to ask for a part of one.
  ///
  /// Colouring are Cookie, Forwarded and every field whose name begins with `X-`; conditions,
  /// ranges and a body ask for something else than the object. Vary covers what the origin says
  /// that it heeds.
  public static func holds(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> Bool {
    guard head.framing == .none || head.framing == .length(0) else { return false }
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      switch field.token {
      case .cookie, .forwarded, .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince,
        .ifUnmodifiedSince:
        return false
      default:
        let name = bytes.slice(field.name)
        if name.count > 2, name[0] | 0x20 == UInt8(ascii: "x"), name[1] == UInt8(ascii: "-") {
          return false
        }
      }
    }
    return true
  }
}
