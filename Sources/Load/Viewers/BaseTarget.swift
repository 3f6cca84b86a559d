internal import Bytes
internal import Wire

/// What the references in a playlist or manifest count from (RFC 3986 section 5).
struct BaseTarget {
  private let head: [UInt8]
  private let target: Target

  /// - Parameters:
  ///   - path: path and query that the text was asked for with.
  ///   - authority: the Host field it was asked for with.
  init?(_ path: [UInt8], authority: String) {
    let head = Array("GET ".utf8) + path + Array(" HTTP/1.1\r\nHost: \(authority)\r\n\r\n".utf8)
    var parser = RequestHeadParser()
    var parsed = RequestHead()
    do throws(HeadError) {
      guard try parser.parse(head.span, into: &parsed) != nil else { return nil }
    } catch {
      return nil
    }
    self.head = head
    target = parsed.target
  }

  /// Path and query of a reference; `nil` for what leads elsewhere: players stay with one server.
  func resolve(_ reference: [UInt8]) -> [UInt8]? {
    var output: [UInt8] = []
    guard
      Reference.resolve(
        reference.span, against: target, in: head.span, isSecure: false, into: &output)
    else { return nil }
    return output
  }
}
