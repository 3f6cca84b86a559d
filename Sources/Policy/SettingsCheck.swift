internal import Bytes

/// What settings must fulfil before they are compiled: each failure names the culprit.
enum SettingsCheck {
  static func check(_ settings: NodeSettings) throws(SnapshotError) {
    guard isName(settings.name) else { throw .nameInvalid(name: settings.name) }
    guard settings.cache.memoryBytes > 0, settings.cache.objectBytesMax > 0 else {
      throw .cacheInvalid
    }
    for origin in settings.origins { try check(origin) }
    guard !settings.sites.isEmpty, settings.sites.count <= PolicyLimits.sitesMax else {
      throw .siteCount
    }
    var names = Set<String>()
    for site in settings.sites {
      try check(site, originCount: settings.origins.count)
      guard names.insert(site.name).inserted else { throw .siteTwice(site: site.name) }
    }
  }

  private static func check(_ site: SiteSettings, originCount: Int) throws(SnapshotError) {
    guard isSiteName(site.name) else { throw .nameInvalid(name: site.name) }
    guard site.origin >= 0, site.origin < originCount else {
      throw .originUnknown(site: site.name)
    }
    guard site.rules.count <= PolicyLimits.rulesPerSiteMax else {
      throw .tooManyRules(site: site.name)
    }
    for rule in site.rules {
      guard case .only(let names) = rule.query else { continue }
      let sound = names.allSatisfy(isArgument) && Set(names).count == names.count
      guard names.count <= PolicyLimits.queryNamesMax, sound else {
        throw .queryInvalid(site: site.name, match: rule.match)
      }
    }
  }

  private static func check(_ origin: OriginSettings) throws(SnapshotError) {
    guard isName(origin.name) else { throw .nameInvalid(name: origin.name) }
    guard !origin.servers.isEmpty else { throw .originWithoutServers(origin: origin.name) }
    for server in origin.servers {
      guard server.scheme == .http else {
        throw .schemeUnsupported(origin: origin.name, host: server.host)
      }
      let prefix = server.pathPrefix
      let soundPrefix = prefix.isEmpty || (prefix.hasPrefix("/") && !prefix.hasSuffix("/"))
      let sound =
        soundPrefix && prefix.utf8.allSatisfy(isTargetByte) && isHost(server.host)
        && server.port > 0 && server.weight > 0
      guard sound else { throw .serverInvalid(origin: origin.name, host: server.host) }
    }
    if case .name(let host) = origin.host, !isHost(host) {
      throw .serverInvalid(origin: origin.name, host: host)
    }
    for header in origin.headers {
      let name = header.name.lowercased()
      let sound =
        !name.isEmpty && name.utf8.allSatisfy(isTokenByte) && !ownFields.contains(name)
        && header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      guard sound else { throw .headerInvalid(origin: origin.name, header: header.name) }
    }
    if let health = origin.health, !isSound(health) { throw .probeInvalid(origin: origin.name) }
  }

  private static func isSound(_ health: ProbeSettings) -> Bool {
    let targets = [health.path, health.playlist].compactMap { $0 }
    return !targets.isEmpty && targets.allSatisfy(isTarget) && health.timeout > .zero
      && health.interval >= health.timeout && health.fall > 0 && health.rise > 0
  }

  /// The path of a request, and a query if there is one: RFC 9112 section 3.2.1.
  private static func isTarget(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= PolicyLimits.probeTargetBytesMax
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
  }

  /// Fields that frame or route a message: the node writes them itself.
  private static let ownFields: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade",
    "expect", "via", "cdn-loop", "range", "keep-alive", "proxy-connection",
  ]

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= PolicyLimits.nameBytesMax
      && name.utf8.allSatisfy(isTokenByte)
  }

  /// A site's name may be its first host, `*.example.com` too; never with `|`, its end in keys.
  private static func isSiteName(_ name: String) -> Bool {
    let bytes = name.utf8
    return !bytes.isEmpty && bytes.count <= PolicyLimits.hostBytesMax
      && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "|") }
  }

  private static func isHost(_ host: String) -> Bool {
    !host.isEmpty && host.utf8.count <= PolicyLimits.hostBytesMax
      && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
  }

  private static func isArgument(_ name: String) -> Bool {
    !name.isEmpty && name != "CMCD"
      && name.utf8.allSatisfy {
        isTargetByte($0) && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "=")
      }
  }

  private static func isTargetByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
