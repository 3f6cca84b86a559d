/// One server of an origin: the parts of its URL, and its place among its siblings.
public struct ServerSettings: Sendable, Equatable {
  /// The scheme of a server's URL.
  public enum Scheme: Sendable, Equatable {
    /// Plain HTTP.
    case http
    /// HTTP over TLS.
    case https
  }

  /// The scheme.
  public var scheme: Scheme
  /// The host name or address; an IPv6 address is without its brackets.
  public var host: String
  /// The port.
  public var port: UInt16
  /// What is put before every path, without a slash at its end: `/live` or nothing.
  public var pathPrefix: String
  /// Its share of the requests relative to its siblings; at least 1.
  public var weight: Int
  /// Asked only when no other server of the origin answers.
  public var backup: Bool

  /// A server; the port is the scheme's own where none is given.
  public init(
    scheme: Scheme = .http, host: String, port: UInt16? = nil, pathPrefix: String = "",
    weight: Int = 1, backup: Bool = false
  ) {
    self.scheme = scheme
    self.host = host
    self.port = port ?? (scheme == .http ? 80 : 443)
    self.pathPrefix = pathPrefix
    self.weight = weight
    self.backup = backup
  }

  /// The value of Host for this server: RFC 9110 section 7.2.
  public var authority: String {
    let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    let usual: UInt16 = scheme == .http ? 80 : 443
    return port == usual ? name : "\(name):\(port)"
  }
}
