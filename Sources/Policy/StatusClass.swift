/// What a status code means to a cache.
enum StatusClass {
  /// Whether an answer with this status may be stored by this road at all.
  ///
  /// RFC 9111 section 3 wants a final status, and one that the cache understands where it is 206
  /// or 304: a 206 is kept as a piece, a 304 updates what it confirms.
  static func isStorable(_ status: UInt16) -> Bool {
    status >= 200 && status != 206 && status != 304
  }

  /// Whether its caching requirements are implemented here: RFC 9111 section 5.2.2.3.
  static func isUnderstood(_ status: UInt16) -> Bool {
    switch status {
    case 200, 203, 204, 300, 301, 302, 303, 307, 308: true
    case 400, 403, 404, 405, 410, 414, 451, 500, 501, 502, 503, 504: true
    default: false
    }
  }

  /// Whether it may be reused without an explicit lifetime: RFC 9110 section 15.1.
  static func isHeuristicallyCacheable(_ status: UInt16) -> Bool {
    switch status {
    case 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501: true
    default: false
    }
  }

  /// Whether it says that the origin failed: RFC 5861 section 4.
  static func isFailure(_ status: UInt16) -> Bool {
    status == 500 || status == 502 || status == 503 || status == 504
  }
}
