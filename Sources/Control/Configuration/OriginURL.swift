internal import Loop
internal import Wire

/// The URL of one server of an origin, taken apart.
struct OriginURL: Equatable {
  /// Why a text is no such URL, in words that say what to write.
  struct Mistake: Error, Equatable {
    let message: String
  }

  let host: String
  let port: UInt16?
  let pathPrefix: String

  /// Reads `http://host[:port][/prefix]`; the slash at the end of a prefix is dropped.
  init(_ text: String) throws(Mistake) {
    guard let schemeEnd = text.range(of: "://") else {
      throw Mistake(message: "must begin with http://, as in \"http://origin.example.com\"")
    }
    switch text[..<schemeEnd.lowerBound].lowercased() {
    case "http": break
    case "https":
      throw Mistake(
        message: "asks for https, but TLS to origins is not supported by this version; "
          + "write an http:// URL")
    default: throw Mistake(message: "must begin with http://")
    }
    let rest = text[schemeEnd.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    (host, port) = try Self.authority(rest[..<slash])
    var prefix = rest[slash...]
    while prefix.hasSuffix("/") { prefix.removeLast() }
    let sound = prefix.utf8.allSatisfy {
      $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
    }
    guard sound else {
      throw Mistake(
        message: "may have a path but no query, fragment, space or non-ASCII letter; "
          + "percent-encode what belongs to the path")
    }
    pathPrefix = String(prefix)
  }

  private static func authority(_ text: Substring) throws(Mistake) -> (String, UInt16?) {
    guard !text.contains("@") else {
      throw Mistake(message: "must not hold a user or password; send a secret in `headers`")
    }
    let host: Substring
    let rest: Substring
    if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<bracket]
      rest = text[text.index(after: bracket)...]
      guard host.contains(":"), SocketAddress(literal: String(host), port: 0) != nil else {
        throw Mistake(message: "has no IPv6 address between its brackets")
      }
    } else {
      let colon = text.firstIndex(of: ":") ?? text.endIndex
      host = text[..<colon]
      rest = text[colon...]
      guard HostName.isHost(String(host)) else {
        throw Mistake(message: "has no host name after http://")
      }
    }
    if rest.isEmpty { return (String(host), nil) }
    guard rest.hasPrefix(":"), let port = port(rest.dropFirst()) else {
      throw Mistake(message: "has no port from 1 to 65535 after its host")
    }
    return (String(host), port)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard text.utf8.allSatisfy(\.isDigit), let port = UInt16(text), port > 0 else { return nil }
    return port
  }
}

extension StringProtocol {
  /// The first place of `needle`: what Foundation would offer.
  fileprivate func range(of needle: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) {
        return start..<index(start, offsetBy: needle.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
