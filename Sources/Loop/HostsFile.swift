internal import Glibc

/// The names that need no server: those of `/etc/hosts`, and `localhost` in any case.
struct HostsFile {
  let path: String

  /// The addresses of `host`, IPv4 first, or none.
  ///
  /// Reads the file anew each time, on the resolver's thread, at most once a second per name; so a
  /// change is followed. `localhost` and names below it are loopback without a line of their own
  /// (RFC 6761, section 6.3).
  func addresses(of host: String, port: UInt16) -> [SocketAddress] {
    let name = host.lowercased()
    var found: [SocketAddress] = []
    for line in contents().split(whereSeparator: \.isNewline) {
      let fields = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard let first = fields.first else { continue }
      guard fields.dropFirst().contains(where: { $0.lowercased() == name }) else { continue }
      guard let address = SocketAddress(literal: String(first), port: port) else { continue }
      if !found.contains(address) { found.append(address) }
    }
    if found.isEmpty && (name == "localhost" || name.hasSuffix(".localhost")) {
      found = [
        .loopback(port: port), SocketAddress(host: .ipv6(high: 0, low: 1, scope: 0), port: port),
      ]
    }
    return found.filter { $0.isIPv4 } + found.filter { !$0.isIPv4 }
  }

  /// The file's text; empty when it cannot be read, since then there are no names in it.
  private func contents() -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { _ = close(file) }
    var bytes = [UInt8](repeating: 0, count: LoopLimits.hostsBytes)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      var count = 0
      while count < buffer.count {
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        guard case .moved(let moved) = unsafe SystemCalls.read(file, into: room) else { break }
        count += moved
      }
      return count
    }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

extension SocketAddress {
  /// The address is an IPv4 one.
  public var isIPv4: Bool {
    guard case .ipv4 = host else { return false }
    return true
  }
}
