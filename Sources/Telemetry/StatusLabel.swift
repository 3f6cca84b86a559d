/// The bounded set of values of the label `status`: common codes, else the class.
///
/// A matcher such as `status=~"5.."` selects codes and classes alike.
public struct StatusLabel: Equatable, Sendable {
  /// The row of the counters; below `total`.
  public let index: Int

  /// How many labels there are.
  public static let total = 38

  /// The label of an HTTP status; what is no status counts as `5xx`.
  @inline(__always)
  public init(status: Int) { index = Self.row(of: status) }

  /// The label of a row, for readers of the counters.
  public init(index: Int) {
    precondition(index >= 0 && index < Self.total, "a status label has no such row")
    self.index = index
  }

  /// The text of the label, as `200` or `5xx`.
  public var text: String {
    let code = Self.codes[index]
    return code < 10 ? "\(code)xx" : "\(code)"
  }

  /// The codes in the order of rows; a single digit stands for the rest of its class.
  ///
  /// 499 is nginx's word for a viewer that left before the answer began.
  private static let codes = [
    200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410,
    411, 412, 413, 414, 416, 417, 421, 429, 431, 499, 500, 501, 502, 503, 504, 2, 3, 4, 5,
  ]

  /// The inverse of `codes`: a switch, because the compiler makes one table load of it.
  private static func row(of status: Int) -> Int {
    switch status {
    case 200: 0
    case 201: 1
    case 202: 2
    case 204: 3
    case 206: 4
    case 301: 5
    case 302: 6
    case 303: 7
    case 304: 8
    case 307: 9
    case 308: 10
    case 400: 11
    case 401: 12
    case 403: 13
    case 404: 14
    case 405: 15
    case 408: 16
    case 409: 17
    case 410: 18
    case 411: 19
    case 412: 20
    case 413: 21
    case 414: 22
    case 416: 23
    case 417: 24
    case 421: 25
    case 429: 26
    case 431: 27
    case 499: 28
    case 500: 29
    case 501: 30
    case 502: 31
    case 503: 32
    case 504: 33
    case 200..<300: 34
    case 300..<400: 35
    case 400..<500: 36
    default: 37
    }
  }
}
