import Glibc
import Policy

/// What is measured beside heads of answers.
enum Parts {
  /// The head that wrk and h2load send.
  static let shortHead = Array(
    """
    GET /live/main/segment-4711.m4s HTTP/1.1\r
    Host: live.example.com\r
    User-Agent: h2load nghttp2/1.52.0\r
    Accept: */*\r
    \r\n
    """.utf8)

  /// A recorded head of Chromium's, with CMCD in its query.
  static let chromiumHead: [UInt8] = {
    let file = fopen("Benchmarks/heads/chromium", "r")
    defer { if let file { fclose(file) } }
    guard let file else { preconditionFailure("run it from the project's folder") }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }()

  /// One site before one origin.
  static func snapshot() throws -> Snapshot {
    let origin = OriginSettings(
      name: "live", servers: [ServerSettings(host: "127.0.0.1", port: 8080)])
    let site = SiteSettings(name: "live", hosts: ["live.example.com"], origin: 0)
    return try Snapshot(NodeSettings(name: "edge", origins: [origin], sites: [site]))
  }

  /// A new folder.
  static func folder() -> String {
    var name = Array("/tmp/spillway-counts-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { preconditionFailure("no folder can be made") }
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
