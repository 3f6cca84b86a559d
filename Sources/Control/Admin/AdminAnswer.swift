internal import Wire

/// One answer of an admin door.
struct AdminAnswer: Equatable {
  let status: UInt16
  let contentType: String
  let body: [UInt8]
  /// The methods that are allowed, with 405.
  let allow: String?

  init(status: UInt16, contentType: String, body: [UInt8], allow: String? = nil) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.allow = allow
  }

  /// A JSON object.
  static func json(_ text: String, status: UInt16 = 200) -> AdminAnswer {
    AdminAnswer(status: status, contentType: "application/json", body: Array(text.utf8))
  }

  /// A JSON object on each line.
  static func lines(_ text: String) -> AdminAnswer {
    AdminAnswer(status: 200, contentType: "application/x-ndjson", body: Array(text.utf8))
  }

  /// Text for people.
  static func text(
    _ text: String, status: UInt16 = 200, allow: String? = nil
  ) -> AdminAnswer {
    AdminAnswer(
      status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8),
      allow: allow)
  }

  /// `{"error": …}`: why a request was refused.
  static func refusal(_ status: UInt16, _ message: String) -> AdminAnswer {
    var writer = JSONWriter()
    writer.object { $0.member("error", message) }
    return json(writer.finish(), status: status)
  }

  /// The bytes on the wire; every answer ends its connection.
  func bytes(withBody: Bool) -> [UInt8] {
    let reason = HeadWriter.reason(of: status)
    var head = "HTTP/1.1 \(status) \(reason)\r\nContent-Type: \(contentType)\r\n"
    head += "Content-Length: \(body.count)\r\nCache-Control: no-store\r\n"
    head += "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
    if let allow { head += "Allow: \(allow)\r\n" }
    return Array(head.utf8) + Array("\r\n".utf8) + (withBody ? body : [])
  }
}
