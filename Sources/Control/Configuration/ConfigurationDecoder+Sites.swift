internal import Bytes
internal import Policy
internal import Wire

extension RuleSettings {
  /// The keys of a rule that say how something is kept.
  fileprivate static let cachingKeys = [
    "ttl", "stale", "query", "live", "session", "presentation", "error_ttl", "heuristic",
    "request_directives", "ignore",
    "languages", "codings", "range", "request_fields", "slice",
  ]
}

extension ConfigurationDecoder {
  /// `[[origin]]`, in the order of the file.
  mutating func origins(_ tables: [CheckedTable]) -> [OriginSettings] {
    var firstLines: [String: Int] = [:]
    return tables.map { table in
      let name = table.text("name")
      noteDuplicate(name, at: table.path.key("name"), &firstLines)
      let timeouts = table.table("timeouts")
      var settings = OriginSettings(
        name: name,
        host: host(table.text("host")),
        servers: servers(table.tables("server"), of: table),
        timeouts: OriginTimeouts(
          connect: timeouts.duration("connect"), firstByte: timeouts.duration("first_byte"),
          stall: timeouts.duration("stall")),
        headers: table.headers("headers"))
      settings.twins = OriginSettings.Twins(rawValue: table.text("twins")) ?? .auto
      settings.policy = table.optionalText("policy").flatMap(OriginSettings.Policy.init)
      settings.fillsMax = table.integer("max_fills")
      settings.hedge = table.boolean("hedge")
      settings.shadow = table.boolean("shadow")
      settings.returns = OriginSettings.Return(rawValue: table.text("return")) ?? .manual
      settings.onDead = OriginSettings.OnDead(rawValue: table.text("on_dead")) ?? .error
      settings.rewrite = table.boolean("rewrite")
      settings.health = health(of: table)
      return settings
    }
  }

  private func host(_ text: String) -> HostSent {
    switch text {
    case "origin": .origin
    case "viewer": .viewer
    default: .name(text)
    }
  }

  private mutating func servers(
    _ tables: [CheckedTable], of origin: CheckedTable
  ) -> [ServerSettings] {
    if !tables.isEmpty, tables.allSatisfy({ $0.boolean("backup") }) {
      shape.note(
        origin.path.key("server"), "has only backups; remove `backup = true` from one of them")
    }
    var firstLines: [String: Int] = [:]
    var servers: [ServerSettings] = []
    for table in tables {
      let text = table.text("url")
      noteDuplicate(text, at: table.path.key("url"), &firstLines)
      let url: OriginURL
      do {
        url = try OriginURL(text)
      } catch {
        continue  // ShapeCheck has noted it
      }
      servers.append(
        ServerSettings(
          host: url.host, port: url.port, pathPrefix: url.pathPrefix,
          weight: table.integer("weight"), backup: table.boolean("backup")))
    }
    return servers
  }

  /// `[[site]]`, in the order of the file; `origins` are the names of the origins in theirs.
  mutating func sites(_ tables: [CheckedTable], origins: [String]) -> [SiteSettings] {
    var nameLines: [String: Int] = [:]
    var hostLines: [String: Int] = [:]
    return tables.map { table in
      let hosts = table.texts("hosts")
      for (index, host) in hosts.enumerated() {
        noteDuplicate(
          host.lowercased(), at: table.path.key("hosts").index(index), &hostLines)
      }
      let name = table.optionalText("name") ?? hosts.first ?? ""
      noteDuplicate(name, at: table.path.key("name"), &nameLines)
      return SiteSettings(
        name: name, hosts: hosts, origin: origin(of: table, among: origins),
        rules: rules(table.tables("rule")))
    }
  }

  private mutating func origin(of site: CheckedTable, among origins: [String]) -> Int {
    guard let name = site.optionalText("origin") else { return 0 }
    if let index = origins.firstIndex(of: name) { return index }
    let known = origins.filter { !$0.isEmpty }
    var message = "= \"\(name)\" names no [[origin]]"
    if let nearest = NearestName.find(name, among: known) {
      message += "; did you mean \"\(nearest)\"?"
    } else if !known.isEmpty {
      message += "; there is \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
    }
    shape.note(site.path.key("origin"), message)
    return 0
  }

  private mutating func rules(_ tables: [CheckedTable]) -> [RuleSettings] {
    var firstLines: [String: Int] = [:]
    return tables.map { table in
      let match = table.text("match")
      if !match.isEmpty, let line = firstLines[match] {
        shape.note(
          table.path.key("match"),
          "= \"\(match)\" never decides: the rule at line \(line) matches first; remove one")
      } else {
        firstLines[match] = shape.line(of: table.path.key("match"))
      }
      noteUseless(in: table)
      if table.written.contains("slice"), !hasVolumes {
        shape.note(
          table.path.key("slice"), "needs a volume to keep slices on; add a [[cache.volume]]")
      }
      return rule(match: match, table)
    }
  }

  private func rule(match: String, _ table: CheckedTable) -> RuleSettings {
    var rule = RuleSettings(
      match: match, ttl: table.optionalDuration("ttl"), stale: table.optionalDuration("stale"),
      bypass: table.boolean("bypass"), query: table.query("query"), live: table.boolean("live"))
    rule.session = table.boolean("session")
    rule.presentation = table.optionalText("presentation")
    rule.errorTTL = table.optionalDuration("error_ttl")
    rule.heuristic = table.boolean("heuristic")
    rule.obeysRequests = table.text("request_directives") == "obey"
    rule.languages = table.texts("languages")
    let ignored = Set(table.texts("ignore"))
    for (word, value) in IgnoredDirectives.words where ignored.contains(word) {
      rule.ignores.insert(value)
    }
    let codings = Set(table.texts("codings"))
    if !codings.isEmpty { rule.codings = [] }
    for (word, value) in CodingSet.words where codings.contains(word) {
      rule.codings.insert(value)
    }
    rule.sliceBytes = table.optionalSize("slice") ?? 0
    rule.requestFields =
      switch table.text("request_fields") {
      case "none": .none
      case "all": .all
      default: .auto
      }
    rule.range =
      switch table.text("range") {
      case "whole": .whole
      case "forward": .forward
      default: .auto
      }
    return rule
  }

  /// A rule that keeps nothing cannot say for how long.
  private mutating func noteUseless(in rule: CheckedTable) {
    guard rule.boolean("bypass") else { return }
    for key in RuleSettings.cachingKeys where rule.written.contains(key) {
      shape.note(
        rule.path.key(key), "has no effect beside `bypass = true`; remove one of the two")
    }
  }

  private mutating func noteDuplicate(
    _ name: String, at path: ConfigurationPath, _ firstLines: inout [String: Int]
  ) {
    guard !name.isEmpty else { return }
    if let line = firstLines[name] {
      shape.note(path, "= \"\(name)\" is already used at line \(line); choose another")
    } else {
      firstLines[name] = shape.line(of: path)
    }
  }
}
