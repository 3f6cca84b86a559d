internal import Wire

extension OriginRequest {
  /// The request of a health probe: a GET with the fields that the origin's configuration adds.
  ///
  /// It asks for a body as it is, which is searched, and for a connection that ends with it: a
  /// probe proves that the server still takes connections. Without a viewer `host = "viewer"` means
  /// each server's own.
  ///
  /// - Parameters:
  ///   - target: The path, and a query if there is one.
  ///   - origin: The origin that is asked.
  ///   - agent: The value of User-Agent, where the configuration adds none.
  /// - Returns: The request, for any server of the origin.
  public static func probe(
    _ target: String, of origin: OriginSettings, agent: String
  ) -> OriginRequest {
    var fields: [UInt8] = []
    for header in origin.headers { fields.appendField(header.name, header.value) }
    let own = [("User-Agent", agent), ("Accept-Encoding", "identity")]
    for (name, value) in own where !origin.adds(name) { fields.appendField(name, value) }
    fields.appendField("Connection", "close")
    var host: [UInt8]?
    if case .name(let name) = origin.host { host = Array(name.utf8) }
    return OriginRequest(
      method: .get, framing: .none, methodText: Array("GET".utf8), target: Array(target.utf8),
      host: host, fields: fields)
  }
}

extension OriginSettings {
  fileprivate func adds(_ name: String) -> Bool {
    headers.contains { $0.name.lowercased() == name.lowercased() }
  }
}
