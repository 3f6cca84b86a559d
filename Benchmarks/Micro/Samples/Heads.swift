public import Bytes
public import Policy
public import Wire

/// The heads that the decisions are measured with: what streams' origins really send.
public enum Heads {
  /// 2025-07-01T00:00:00Z, the present of all heads.
  public static let now = WallTime(milliseconds: 1_751_328_000_000)

  /// A live segment as packagers send it.
  public static let segment = [
    "Server: nginx", "Date: Tue, 01 Jul 2025 00:00:00 GMT", "Content-Type: video/mp4",
    "Content-Length: 402311", "ETag: \"6863b2a0-62387\"", "Cache-Control: max-age=60",
    "Access-Control-Allow-Origin: *", "Accept-Ranges: bytes",
  ]
  /// A live playlist that must be asked for each time.
  public static let playlist = [
    "Server: nginx", "Date: Tue, 01 Jul 2025 00:00:00 GMT",
    "Content-Type: application/vnd.apple.mpegurl", "Content-Length: 1204",
    "Cache-Control: no-cache", "Access-Control-Allow-Origin: *",
  ]
  /// A film's segment from an object store.
  public static let film = [
    "Server: AmazonS3", "Date: Tue, 01 Jul 2025 00:00:00 GMT", "Content-Type: video/mp4",
    "Content-Length: 1402311", "ETag: \"9b2cf535f27731c974343645a3985328\"",
    "Last-Modified: Sun, 01 Jun 2025 08:30:00 GMT", "Expires: Wed, 02 Jul 2025 00:00:00 GMT",
    "Accept-Ranges: bytes", "x-amz-id-2: 5Jr0HqFhE8dQ", "x-amz-request-id: 3B3C7C725673C630",
  ]
  /// An origin that speaks to its content network apart from the viewers.
  public static let targeted = [
    "Server: origin", "Date: Tue, 01 Jul 2025 00:00:00 GMT", "Content-Type: video/mp4",
    "Content-Length: 402311", "ETag: \"6863b2a0-62387\"", "Cache-Control: no-store",
    "CDN-Cache-Control: max-age=600, stale-while-revalidate=30, must-revalidate",
  ]

  /// A file of a plain web server, with nothing stated.
  public static let page = [
    "Server: Apache", "Date: Tue, 01 Jul 2025 00:00:00 GMT", "Content-Type: text/css",
    "Content-Length: 14021", "ETag: \"36c5-6389b1\"",
    "Last-Modified: Sun, 01 Jun 2025 08:30:00 GMT", "Vary: Accept-Encoding",
  ]

  /// Parses an answer of these fields and hands it on.
  public static func withResponse(
    _ fields: [String], _ body: (borrowing ResponseHead, Span<UInt8>) -> Void
  ) {
    let lines = ["HTTP/1.1 200 OK"] + fields
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    guard let used = try? parser.parse(bytes.span, requestMethod: .get, into: &head),
      used == bytes.count
    else { preconditionFailure("a head of the benchmarks does not parse") }
    body(head, bytes.span)
  }

  /// Parses a GET of these fields and hands it on.
  public static func withRequest(
    _ fields: [String], _ body: (borrowing RequestHead, Span<UInt8>) -> Void
  ) {
    let lines = ["GET /live/main/segment-4711.m4s HTTP/1.1", "Host: live.test"] + fields
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    guard let used = try? parser.parse(bytes.span, into: &head), used == bytes.count
    else { preconditionFailure("a head of the benchmarks does not parse") }
    body(head, bytes.span)
  }
}
