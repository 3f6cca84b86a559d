internal import Wire

/// What is to be purged, as an operator names it.
public enum PurgeRequest: Equatable, Sendable {
  /// One object, with all its variants: the host, and path and query as a viewer sends them.
  case url(host: String, target: String)
  /// Everything of a host's site below a path that ends in a slash.
  case prefix(host: String, path: String)
  /// Everything that an origin has marked with this surrogate key.
  case tag(String)

  /// Why a text names nothing that can be purged.
  public struct Mistake: Error, Equatable, Sendable {
    /// What is wrong and what to write instead.
    public let message: String
  }

  /// The longest text of a purge: the longest request line.
  static let textBytesMax = WireLimits.requestLineMax

  /// Reads `http://host/path?query`; the path may be left out.
  public init(url text: String) throws(Mistake) {
    let (host, target) = try Self.split(text, example: "http://live.example.com/main.m3u8")
    self = .url(host: host, target: target)
  }

  /// Reads `http://host/path/`.
  public init(prefix text: String) throws(Mistake) {
    let (host, target) = try Self.split(text, example: "http://live.example.com/vod/")
    guard target.hasSuffix("/"), !target.contains("?") else {
      throw Mistake(message: "a prefix ends in \"/\": write \"\(text)/\" for what is below it")
    }
    self = .prefix(host: host, path: target)
  }

  /// Takes a surrogate key: visible ASCII without spaces.
  public init(tag text: String) throws(Mistake) {
    let sound = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") }
    guard !text.isEmpty, sound, text.utf8.count <= Self.textBytesMax else {
      throw Mistake(message: "a tag is one word of visible ASCII, as the origin sends it")
    }
    self = .tag(text)
  }

  /// Host and target of a URL.
  static func split(
    _ text: String, example: String
  ) throws(Mistake) -> (host: String, target: String) {
    let lower = text.prefix(8).lowercased()
    let schemeCount = lower.hasPrefix("http://") ? 7 : lower.hasPrefix("https://") ? 8 : 0
    let sound = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    guard schemeCount > 0, sound, text.utf8.count <= textBytesMax else {
      throw Mistake(message: "\"\(text)\" is no URL: write it as \"\(example)\"")
    }
    let rest = text.dropFirst(schemeCount)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let host = String(rest[..<end])
    guard !host.isEmpty, !host.contains("@") else {
      throw Mistake(message: "\"\(text)\" has no host: write it as \"\(example)\"")
    }
    let target = String(rest[end...])
    return (host, target.hasPrefix("/") ? target : "/" + target)
  }
}

/// What a purge did.
public enum PurgeOutcome: Equatable, Sendable {
  /// It holds from now on: nothing filled before is served; the number is the node's.
  case purged(sequence: UInt64)
  /// It holds, but it could not be written down: after a restart it would be forgotten.
  case notWritten(sequence: UInt64)
  /// It names a host that no site of this node has.
  case unknownHost
}
