public import Streams

extension OriginSettings {
  /// What makes the URLs in the answers of one of its servers lead through the edge.
  ///
  /// Servers below another path than this one are left out: their paths are not those that viewers
  /// ask the edge for.
  ///
  /// - Parameter server: The server that answered, as an index into `servers`.
  /// - Returns: The hosts of its servers, and of `host` where that is a name.
  public func urls(of server: Int) -> OriginURLs {
    guard servers.indices.contains(server) else { return OriginURLs(authorities: []) }
    let prefix = servers[server].pathPrefix
    var names = servers.filter { $0.pathPrefix == prefix }.map(\.authority)
    if case .name(let name) = host { names.append(name) }
    return OriginURLs(
      authorities: names.map { Array($0.lowercased().utf8) }, pathPrefix: Array(prefix.utf8))
  }
}
