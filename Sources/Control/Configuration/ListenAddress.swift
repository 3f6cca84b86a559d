public import Loop

/// Where viewers connect.
public enum ListenAddress: Hashable, Sendable {
  /// An IP address and port, with a listener per worker, or a Unix path, where worker 0 accepts.
  case address(SocketAddress)
  /// Every socket that systemd hands over (`LISTEN_FDS`): worker 0 accepts and deals out.
  case systemd

  /// Reads `0.0.0.0:80`, `[::]:80`, `unix:/path` or `systemd`.
  public init?(_ text: String) {
    if text == "systemd" {
      self = .systemd
      return
    }
    guard let address = SocketAddress(parsing: text) else { return nil }
    if case .unix(let path) = address.host, !path.hasPrefix("/") { return nil }
    self = .address(address)
  }

  /// The kernel chooses the port, so that two of them are not the same place.
  var isAnyPort: Bool {
    guard case .address(let address) = self else { return false }
    return !address.isUnix && address.port == 0
  }
}

extension SocketAddress {
  /// Reads an IP address and port: no path.
  init?(internet text: String) {
    self.init(parsing: text)
    if isUnix { return nil }
  }

  /// Reads a DNS server: an IP address, with port 53 unless another is written.
  init?(resolver text: String) {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let literal = isBracketed ? String(text.dropFirst().dropLast()) : text
    if let address = SocketAddress(literal: literal, port: 53) {
      self = address
    } else {
      self.init(internet: text)
    }
  }
}
