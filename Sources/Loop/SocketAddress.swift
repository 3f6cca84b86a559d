internal import CLinux
internal import Glibc

/// Where a socket listens or connects: IPv4, IPv6 or a Unix path.
public struct SocketAddress: Sendable, Hashable {
  /// The address without its port.
  public enum Host: Sendable, Hashable {
    /// An IPv4 address as a number, most significant octet first: 127.0.0.1 is 0x7F00_0001.
    case ipv4(UInt32)
    /// An IPv6 address as two numbers, and its scope (zero: none).
    case ipv6(high: UInt64, low: UInt64, scope: UInt32)
    /// A path in the file system; empty for a peer without a name.
    case unix(path: String)
  }

  /// Who.
  public let host: Host
  /// Which port; zero for a Unix path.
  public let port: UInt16

  /// Names a host and port.
  public init(host: Host, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// The address of `port` on 127.0.0.1.
  public static func loopback(port: UInt16) -> SocketAddress {
    SocketAddress(host: .ipv4(0x7F00_0001), port: port)
  }

  /// The same host with another port.
  public func with(port: UInt16) -> SocketAddress { SocketAddress(host: host, port: port) }

  /// The address is a path in the file system.
  public var isUnix: Bool {
    guard case .unix = host else { return false }
    return true
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The longest path that `sockaddr_un` holds, with its closing zero left out.
  static let pathBytesMax = 107

  /// Reads `0.0.0.0:80`, `[::]:80` or `unix:/path`.
  ///
  /// - Returns: `nil` for anything else: names are the resolver's.
  public init?(parsing text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, path.utf8.count <= SocketAddress.pathBytesMax else { return nil }
      guard !path.utf8.contains(0) else { return nil }
      self.init(host: .unix(path: path), port: 0)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    guard let port = UInt16(digits) else { return nil }
    var name = text[..<colon]
    let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
    if isBracketed { name = name.dropFirst().dropLast() }
    guard name.contains(":") == isBracketed else { return nil }
    self.init(literal: String(name), port: port)
  }

  /// Reads an IPv4 or IPv6 literal without brackets.
  ///
  /// The corresponding C function is `inet_pton`.
  public init?(literal: String, port: UInt16) {
    var four = in_addr()
    if unsafe inet_pton(AF_INET, literal, &four) == 1 {
      self.init(host: .ipv4(UInt32(bigEndian: four.s_addr)), port: port)
      return
    }
    var halves: (UInt64, UInt64) = (0, 0)
    guard unsafe inet_pton(AF_INET6, literal, &halves) == 1 else { return nil }
    self.init(
      host: .ipv6(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1), scope: 0),
      port: port)
  }

  /// The text form that `init(parsing:)` reads.
  public var description: String {
    switch host {
    case .ipv4: "\(hostText):\(port)"
    case .ipv6: "[\(hostText)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// The host alone, without brackets and port.
  public var hostText: String {
    switch host {
    case .ipv4(let bits):
      return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    case .ipv6(let high, let low, _):
      var halves = (high.bigEndian, low.bigEndian)
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { text in
        unsafe inet_ntop(AF_INET6, &halves, text.baseAddress, socklen_t(text.count))
        return unsafe text.baseAddress.map { unsafe String(cString: $0) } ?? ""
      }
    case .unix(let path):
      return path
    }
  }
}

extension SocketAddress {
  /// The address family for `socket`.
  var family: Int32 {
    switch host {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  /// Calls `body` with the address as the kernel wants it.
  func withSockaddr<Result>(
    _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result
  ) -> Result {
    var storage = sockaddr_storage()
    let count = unsafe withUnsafeMutableBytes(of: &storage) { unsafe store(into: $0) }
    return unsafe withUnsafePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body(__CONST_SOCKADDR_ARG(__sockaddr__: $0), count)
      }
    }
  }

  /// Reads what `accept4`, `getsockname` and their like have written.
  ///
  /// - Returns: `nil` for a family that Spillway does not speak.
  init?(storage: borrowing sockaddr_storage, count: socklen_t) {
    var copy = copy storage
    let family = Int32(copy.ss_family)
    let address: SocketAddress? = unsafe withUnsafeBytes(of: &copy) { bytes in
      switch family {
      case AF_INET:
        let four = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
        return SocketAddress(
          host: .ipv4(UInt32(bigEndian: four.sin_addr.s_addr)),
          port: UInt16(bigEndian: four.sin_port))
      case AF_INET6:
        let six = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
        let halves = unsafe withUnsafeBytes(of: six.sin6_addr) {
          unsafe $0.loadUnaligned(as: (UInt64, UInt64).self)
        }
        return SocketAddress(
          host: .ipv6(
            high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1),
            scope: six.sin6_scope_id),
          port: UInt16(bigEndian: six.sin6_port))
      case AF_UNIX:
        let start = 2
        let end = min(max(Int(count), start), bytes.count)
        let path = unsafe bytes[start..<end].prefix { $0 != 0 }
        return unsafe SocketAddress(
          host: .unix(path: String(decoding: path, as: UTF8.self)), port: 0)
      default:
        return nil
      }
    }
    guard let address else { return nil }
    self = address
  }

  private func store(into bytes: UnsafeMutableRawBufferPointer) -> socklen_t {
    switch host {
    case .ipv4(let bits):
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      four.sin_addr.s_addr = bits.bigEndian
      unsafe bytes.storeBytes(of: four, as: sockaddr_in.self)
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    case .ipv6(let high, let low, let scope):
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      six.sin6_scope_id = scope
      unsafe withUnsafeMutableBytes(of: &six.sin6_addr) {
        unsafe $0.storeBytes(of: (high.bigEndian, low.bigEndian), as: (UInt64, UInt64).self)
      }
      unsafe bytes.storeBytes(of: six, as: sockaddr_in6.self)
      return socklen_t(MemoryLayout<sockaddr_in6>.size)
    case .unix(let path):
      // An abstract or overlong name never gets here: `init(parsing:)` limits it.
      unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
      var end = 2
      for byte in path.utf8.prefix(SocketAddress.pathBytesMax) {
        unsafe bytes[end] = byte
        end += 1
      }
      return socklen_t(end + 1)
    }
  }
}
