/// Which answers say that the origin is dead rather than what it thinks of the request.
public enum OriginError {
  /// Whether an answer with `status` is an error in the sense of RFC 5861 section 4: 500, 502, 503
  /// or 504.
  ///
  /// Any other status is the origin's present word, 501 too, and takes the place of what is stored.
  public static func isOne(status: UInt16) -> Bool {
    switch status {
    case 500, 502, 503, 504: true
    default: false
    }
  }
}
