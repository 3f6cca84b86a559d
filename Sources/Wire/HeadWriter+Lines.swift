/// The lines of a head.
extension HeadWriter {
  /// Adds `HTTP/1.1 status reason CRLF`.
  ///
  /// A status without a registered reason gets none, but keeps its space (RFC 9112 section 4).
  public mutating func appendStatusLine(_ status: UInt16) {
    if status == 200 { return append("HTTP/1.1 200 OK\r\n") }
    append("HTTP/1.1 ")
    append(decimal: UInt64(status))
    append(" ")
    append(HeadWriter.reason(of: status))
    append("\r\n")
  }

  /// Adds `method SP target SP HTTP/1.1 CRLF`.
  public mutating func appendRequestLine(method: Span<UInt8>, target: Span<UInt8>) {
    append(method)
    append(UInt8(ascii: " "))
    append(target)
    append(" HTTP/1.1\r\n")
  }

  /// Adds `name: value CRLF`.
  @inline(__always)
  public mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
    append(name)
    append(": ")
    append(value)
    append("\r\n")
  }

  /// Adds `name: value CRLF` for a known name.
  @inline(__always)
  public mutating func appendField(_ name: FieldName, _ value: Span<UInt8>) {
    appendField(name.text, value)
  }

  /// Adds `name: value CRLF` for a name and value of a head.
  @inline(__always)
  public mutating func appendField(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    append(name)
    append(": ")
    append(value)
    append("\r\n")
  }

  /// Adds `name: value CRLF` for constant text.
  @inline(__always)
  public mutating func appendField(_ name: StaticString, text value: StaticString) {
    append(name)
    append(": ")
    append(value)
    append("\r\n")
  }

  /// Adds `name: number CRLF`.
  @inline(__always)
  public mutating func appendField(_ name: StaticString, decimal number: UInt64) {
    append(name)
    append(": ")
    append(decimal: number)
    append("\r\n")
  }

  /// Adds `name: date CRLF`.
  @inline(__always)
  public mutating func appendField(_ name: StaticString, date: HTTPDate) {
    append(name)
    append(": ")
    append(date: date)
    append("\r\n")
  }

  /// Adds the blank line.
  @inline(__always)
  public mutating func endHead() { append("\r\n") }

  /// The registered reason phrase of `status`, or empty text.
  public static func reason(of status: UInt16) -> StaticString {
    switch status {
    case 100: "Continue"
    case 102: "Processing"
    case 103: "Early Hints"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 425: "Too Early"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 451: "Unavailable For Legal Reasons"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 508: "Loop Detected"
    default: ""
    }
  }
}
