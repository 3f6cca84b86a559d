internal import Loop
internal import Policy
internal import Wire

/// What a text of the configuration must look like, and what is said when it does not.
enum TextForm: Equatable, Sendable {
  /// A name of letters, digits and the marks of an HTTP token.
  case token
  /// A site's name: printable ASCII without spaces and `|`.
  case siteName
  /// Where viewers connect.
  case listenAddress
  /// IP address and port, or nothing.
  case metricsAddress
  /// A DNS server.
  case resolver
  /// The path of a Unix socket.
  case socketPath
  /// A path from the root, `-` or nothing.
  case logFile
  /// A path from the root.
  case path
  /// `origin`, `viewer` or a host name.
  case hostSent
  /// The URL of a server.
  case originURL
  /// A host that viewers ask for.
  case hostPattern
  /// The path glob of a rule.
  case pathPattern
  /// A path glob that ends with `/**`: the rest names a presentation.
  case presentationPattern
  /// A language tag.
  case language
  /// What a probe asks for: a path, and a query if there is one.
  case requestTarget
  /// What a body must hold.
  case phrase
  /// One of these words.
  case word([String])

  /// The longest path that `sockaddr_un` takes, without its final zero.
  static let unixPathBytesMax = 107

  /// The longest text that a probe looks for: a health page says `ok`, not an essay.
  static let phraseBytesMax = 256

  /// What the reference documentation calls it.
  var name: String {
    switch self {
    case .token, .siteName: "name"
    case .listenAddress, .metricsAddress, .resolver: "address"
    case .socketPath, .logFile, .path: "file"
    case .hostSent, .hostPattern: "host"
    case .originURL: "URL"
    case .pathPattern, .presentationPattern: "pattern"
    case .language: "language"
    case .requestTarget: "path"
    case .phrase: "text"
    case .word: "word"
    }
  }

  /// What is wrong with `text` and what to write instead; `nil` when nothing is.
  ///
  /// The sentence follows the key and its value: "must be …".
  func mistake(in text: String) -> String? {
    switch self {
    case .token:
      Self.isToken(text)
        ? nil : "must be a name of at most 64 letters, digits, '-', '_' and '.', without spaces"
    case .siteName:
      Self.isSiteName(text)
        ? nil : "must be a name of at most 253 printable ASCII characters, without spaces and '|'"
    case .listenAddress:
      ListenAddress(text) != nil
        ? nil
        : "must be an IP address and port such as \"0.0.0.0:80\" or \"[::]:80\", "
          + "\"unix:/run/spillway/http.sock\", or \"systemd\""
    case .metricsAddress:
      text.isEmpty || SocketAddress(internet: text) != nil
        ? nil
        : "must be an IP address and port such as \"127.0.0.1:9145\" or \"[::1]:9145\", "
          + "or \"\" for none"
    case .resolver:
      SocketAddress(resolver: text) != nil
        ? nil : "must be an IP address, with or without a port, such as \"127.0.0.1:53\""
    case .socketPath:
      Self.isAbsolute(text) && text.utf8.count <= Self.unixPathBytesMax
        ? nil
        : "must be an absolute path of at most \(Self.unixPathBytesMax) bytes, "
          + "such as \"/run/spillway/admin.sock\""
    case .logFile:
      text.isEmpty || text == "-" || Self.isAbsolute(text)
        ? nil
        : "must be an absolute path, \"-\" for standard output, or \"\" for none"
    case .path:
      Self.isAbsolute(text) ? nil : "must be an absolute path, such as \"/var/lib/spillway/volume\""
    case .hostSent:
      HostName.isHost(text)
        ? nil : "must be \"origin\", \"viewer\" or a host name without scheme and port"
    case .originURL: Self.urlMistake(text)
    case .hostPattern:
      HostName.isPattern(text)
        ? nil
        : "must be a host name without scheme and port, \"*.example.com\", or \"*\" for any"
    case .pathPattern: Self.patternMistake(text)
    case .presentationPattern: Self.patternMistake(text, namesPresentations: true)
    case .language:
      Self.isLanguage(text) ? nil : "must be a language tag such as \"it\" or \"pt-BR\""
    case .requestTarget:
      Self.isRequestTarget(text)
        ? nil
        : "must be a path from the root of at most \(PolicyLimits.probeTargetBytesMax) bytes, "
          + "percent-encoded, such as \"/health\""
    case .phrase:
      Self.isPhrase(text)
        ? nil
        : "must be a text of 1 to \(Self.phraseBytesMax) bytes without control characters"
    case .word(let words):
      words.contains(text)
        ? nil : "must be " + words.map { "\"\($0)\"" }.joined(separator: " or ")
    }
  }

  private static func urlMistake(_ text: String) -> String? {
    do {
      _ = try OriginURL(text)
      return nil
    } catch {
      return error.message
    }
  }

  private static func patternMistake(
    _ text: String, namesPresentations: Bool = false
  ) -> String? {
    var table: [UInt8] = []
    do throws(PatternError) {
      if namesPresentations {
        _ = try PresentationPattern(text, table: &table)
      } else {
        _ = try PathPattern(text, table: &table)
      }
      return nil
    } catch {
      switch error {
      case .mustBeginWithSlash: return "must begin with \"/\", as in \"/live/**\""
      case .tooLong:
        return "must have at most \(PolicyLimits.patternBytesMax) characters; "
          + "write * or ** for a part"
      case .impossibleByte:
        return "must not hold a space, '?', '#' or a non-ASCII letter; percent-encode them, "
          + "and choose arguments with `query`"
      case .mustEndBelowDirectory:
        return "must end with \"/**\" and have no other **, as in \"/live/*/**\""
      }
    }
  }

  /// A tag of RFC 5646 as far as its characters and lengths go.
  private static func isLanguage(_ text: String) -> Bool {
    text.utf8.count <= 35
      && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
        (1...8).contains(part.utf8.count)
          && part.utf8.allSatisfy { $0.isTokenCharacter }
      }
  }

  private static func isAbsolute(_ text: String) -> Bool {
    text.hasPrefix("/") && !text.hasSuffix("/") && !text.utf8.contains(0)
  }

  private static func isRequestTarget(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= PolicyLimits.probeTargetBytesMax
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
  }

  private static func isPhrase(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= phraseBytesMax
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  private static func isSiteName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= PolicyLimits.hostBytesMax
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "|") }
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= PolicyLimits.nameBytesMax && HeaderName.isToken(text)
  }
}

/// Fields that an origin's `headers` may set.
enum HeaderName {
  /// RFC 9110 section 5.6.2.
  static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(\.isTokenCharacter)
  }

  /// Fields that frame or route a message: the node writes them itself, whatever is configured.
  static let own: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade",
    "expect", "via", "cdn-loop", "range", "keep-alive", "proxy-connection",
  ]
}
