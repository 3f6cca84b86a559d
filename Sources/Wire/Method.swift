/// What a request asks to be done (RFC 9110 section 9).
public enum Method: UInt8, Sendable, Equatable {
  case get, head, post, put, delete, options, patch, connect, trace
  /// Any other token: passed through by its text.
  case other

  /// Whether the method only reads (RFC 9110 section 9.2.1).
  public var isSafe: Bool {
    @inline(__always) get {
      switch self {
      case .get, .head, .options, .trace: true
      case .post, .put, .delete, .patch, .connect, .other: false
      }
    }
  }

  /// Recognises the method that `text` names, case-sensitively.
  public init(_ text: Span<UInt8>) {
    switch text.count {
    case 3: self = text.equals("GET") ? .get : text.equals("PUT") ? .put : .other
    case 4: self = text.equals("HEAD") ? .head : text.equals("POST") ? .post : .other
    case 5: self = text.equals("PATCH") ? .patch : text.equals("TRACE") ? .trace : .other
    case 6: self = text.equals("DELETE") ? .delete : .other
    case 7: self = text.equals("OPTIONS") ? .options : text.equals("CONNECT") ? .connect : .other
    default: self = .other
    }
  }
}
