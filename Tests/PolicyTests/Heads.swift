import Bytes
import Policy
import Testing
import Wire

/// A request head as a viewer would send it; `fields` are complete lines without their ends.
func withRequest<Result>(
  _ line: String = "GET /a.m3u8 HTTP/1.1", _ fields: [String] = [],
  _ body: (borrowing RequestHead, Span<UInt8>) throws -> Result
) throws -> Result {
  let hasHost = fields.contains { $0.lowercased().hasPrefix("host:") }
  let lines = [line] + (hasHost ? [] : ["Host: live.test"]) + fields
  let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  var parser = RequestHeadParser()
  var head = RequestHead()
  let used = try parser.parse(bytes.span, into: &head)
  try #require(used == bytes.count)
  return try body(head, bytes.span)
}

/// A response head as an origin would send it.
func withResponse<Result>(
  _ status: Int = 200, _ fields: [String] = [],
  _ body: (borrowing ResponseHead, Span<UInt8>) throws -> Result
) throws -> Result {
  let lines = ["HTTP/1.1 \(status) X"] + fields
  let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  var parser = ResponseHeadParser()
  var head = ResponseHead()
  let used = try parser.parse(bytes.span, requestMethod: .get, into: &head)
  try #require(used == bytes.count)
  return try body(head, bytes.span)
}

/// A node with one site for any host.
func oneSite(
  name: String = "edge1", rules: [RuleSettings] = [], host: HostSent = .origin,
  headers: [OriginHeader] = []
) throws -> Snapshot {
  let origin = OriginSettings(
    name: "o", host: host, servers: [ServerSettings(host: "o.test", port: 8080)], headers: headers)
  let site = SiteSettings(name: "live", hosts: ["*"], origin: 0, rules: rules)
  return try Snapshot(NodeSettings(name: name, origins: [origin], sites: [site]))
}
