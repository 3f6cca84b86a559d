internal import Delivery
internal import Origin
internal import Policy

/// The names under which operators know sites, origins and servers.
struct StreamNaming {
  let snapshot: Snapshot

  /// `origin/host:port`, as in the logs.
  func server(_ server: Int, ofOrigin origin: Int) -> String {
    let servers = snapshot.origins[origin].servers
    let name = snapshot.origins[origin].name
    return servers.indices.contains(server) ? "\(name)/\(servers[server].authority)" : name
  }

  /// `host:port` alone.
  func address(_ server: Int, ofOrigin origin: Int) -> String {
    let servers = snapshot.origins[origin].servers
    return servers.indices.contains(server) ? servers[server].authority : "?"
  }

  /// The origin with this name.
  ///
  /// - Throws: Which ones there are.
  func origin(_ name: String) throws(OperatorRequest.Mistake) -> Int {
    if let index = snapshot.origins.firstIndex(where: { $0.name == name }) { return index }
    throw OperatorRequest.Mistake(
      message: "there is no origin \"\(name)\"; known are "
        + snapshot.origins.map(\.name).joined(separator: ", "))
  }

  /// The server that is written `origin/host:port`.
  ///
  /// - Throws: Which ones there are.
  func server(
    _ text: String
  ) throws(OperatorRequest.Mistake) -> (origin: Int, server: Int) {
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    let origin = try origin(String(text[..<slash]))
    let address = slash == text.endIndex ? "" : String(text[text.index(after: slash)...])
    let servers = snapshot.origins[origin].servers.prefix(OriginLimits.serversMax)
    if let index = servers.firstIndex(where: { $0.authority == address }) {
      return (origin, index)
    }
    let known = servers.indices.map { self.server($0, ofOrigin: origin) }
    throw OperatorRequest.Mistake(
      message: "the origin \(snapshot.origins[origin].name) has no server \"\(address)\"; "
        + "known are \(known.joined(separator: ", "))")
  }

  /// The one presentation that is named by a URL, or by a path where no two sites have it: its root
  /// or one of its playlists.
  ///
  /// - Throws: Which ones there are.
  func presentation(
    _ text: String, among rows: [StreamRow]
  ) throws(OperatorRequest.Mistake) -> StreamRow {
    var found = rows
    var path = text
    if text.contains("://") {
      let (host, target) = try PurgeRequest.split(
        text, example: "http://live.example.com/main.m3u8")
      guard let site = snapshot.site(forHost: Array(host.utf8).span) else {
        throw OperatorRequest.Mistake(message: "no site of this node has the host \(host)")
      }
      found.removeAll { $0.site != site }
      path = String(target.prefix { $0 != "?" })
    }
    let bytes = Array(path.utf8)
    let named = found.filter { row in
      row.root == bytes || row.playlists.contains { $0.path == bytes }
    }
    if named.count == 1, let row = named.first { return row }
    guard named.isEmpty else {
      let sites = named.map { snapshot.siteName($0.site) }.sorted().joined(separator: ", ")
      throw OperatorRequest.Mistake(
        message: "the sites \(sites) have a presentation \(path): write its URL")
    }
    let roots = rows.map { String(decoding: $0.root, as: UTF8.self) }.sorted()
    let some = roots.prefix(Self.namedMax).joined(separator: ", ")
    let rest = roots.count > Self.namedMax ? " and \(roots.count - Self.namedMax) more" : ""
    throw OperatorRequest.Mistake(
      message: "there is no live presentation \"\(text)\"; "
        + (roots.isEmpty ? "none is known" : "known are \(some)\(rest)"))
  }

  /// How many presentations a refusal names: a screenful.
  private static let namedMax = 20
}
