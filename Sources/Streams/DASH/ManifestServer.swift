/// A server whose absolute URLs in a manifest are to lead through the proxy.
public struct ManifestServer: Equatable, Sendable {
  /// `host` or `host:port`; without a port, the default one of the URL's scheme.
  public var authority: [UInt8]
  /// What the server has in front of every path that viewers see, as `/base`; may be empty.
  public var pathPrefix: [UInt8]

  /// Names a server.
  public init(authority: [UInt8], pathPrefix: [UInt8] = []) {
    self.authority = authority
    self.pathPrefix = pathPrefix
  }
}
