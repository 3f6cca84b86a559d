internal import Wire

/// One request to an admin door, as it arrives.
struct AdminRequest: Equatable {
  let method: Method
  /// The path without the query.
  let path: String
  /// The query without its question mark.
  let query: String
  let body: [UInt8]

  /// Why a request is refused.
  struct Refusal: Error, Equatable {
    let status: UInt16
    let message: String
  }

  /// Reads the request at the front of `bytes`, strictly, by Wire's own parser.
  ///
  /// - Returns: `nil` when more bytes are needed.
  static func parse(_ bytes: [UInt8]) throws(Refusal) -> AdminRequest? {
    var parser = RequestHeadParser()
    var head = RequestHead()
    let headCount: Int?
    do throws(HeadError) {
      headCount = try parser.parse(bytes.span, into: &head)
    } catch {
      throw Refusal(status: error.status, message: "\(error.reason)")
    }
    guard let headCount else {
      guard bytes.count <= AdminLimits.headBytesMax else { throw tooLargeHead }
      return nil
    }
    guard headCount <= AdminLimits.headBytesMax else { throw tooLargeHead }
    let count: Int
    switch head.framing {
    case .none: count = 0
    case .length(let length):
      guard length <= UInt64(AdminLimits.bodyBytesMax) else {
        throw Refusal(
          status: 413, message: "A body has at most \(AdminLimits.bodyBytesMax) bytes.")
      }
      count = Int(length)
    case .chunked, .untilClose:
      throw Refusal(status: 411, message: "A body needs a Content-Length.")
    }
    guard bytes.count >= headCount + count else { return nil }
    return AdminRequest(
      method: head.method, path: text(head.target.path, in: bytes),
      query: text(head.target.query, in: bytes), body: Array(bytes[headCount..<headCount + count]))
  }

  private static let tooLargeHead = Refusal(
    status: 431, message: "A head has at most \(AdminLimits.headBytesMax) bytes.")

  private static func text(_ range: ByteRange, in bytes: [UInt8]) -> String {
    String(decoding: bytes[Int(range.start)..<range.end], as: UTF8.self)
  }
}
