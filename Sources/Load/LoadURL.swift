public import Loop

/// An address to send requests to: `http://host[:port]/target`.
public struct LoadURL: Sendable, Equatable {
  /// The value of the Host field.
  public let authority: String
  /// Path and query.
  public let target: String
  /// Where the connections lead.
  public let address: SocketAddress

  /// Reads a URL; its host is an IP address or `localhost`, for these tools measure a node and not
  /// a resolver.
  ///
  /// - Throws: `LoadError.usage` for anything that cannot be sent.
  public init(_ text: String) throws(LoadError) {
    guard text.hasPrefix("http://") else {
      throw .usage("\(text): the URL has to begin with http:// (TLS is not spoken yet)")
    }
    let rest = text.dropFirst(7)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = String(rest[..<slash])
    let target = slash == rest.endIndex ? "/" : String(rest[slash...])
    guard !authority.contains("@"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !target.contains("#")
    else { throw .usage("\(text): user names, white space and fragments cannot be sent") }
    guard let address = LoadURL.address(of: authority) else {
      throw .usage(
        "\(text): the host has to be an IP address or localhost; name a site with --host")
    }
    self.authority = authority
    self.target = target
    self.address = address
  }

  private static func address(of authority: String) -> SocketAddress? {
    let hasPort =
      authority.hasPrefix("[") ? authority.contains("]:") : authority.contains(":")
    let whole = hasPort ? authority : authority + ":80"
    let literal = whole.hasPrefix("localhost:") ? "127.0.0.1" + whole.dropFirst(9) : whole
    return literal.hasPrefix("unix:") ? nil : SocketAddress(parsing: literal)
  }
}
