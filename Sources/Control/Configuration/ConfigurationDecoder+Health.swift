internal import Origin
internal import Policy

extension ConfigurationDecoder {
  /// `[origin.health]`, where it is written.
  mutating func health(of origin: CheckedTable) -> ProbeSettings? {
    guard case .table(let table) = origin.values["health"], origin.written.contains("health")
    else { return nil }
    noteUseless(in: table)
    if table.duration("interval") < table.duration("timeout") {
      shape.note(
        table.path.key("timeout"),
        "must not be longer than `origin.health.interval`: a probe has ended when the next begins")
    }
    noteTooMany(origin.tables("server").count, at: table.path)
    var settings = ProbeSettings(
      path: table.optionalText("path"), playlist: table.optionalText("playlist"))
    settings.interval = table.duration("interval")
    settings.timeout = table.duration("timeout")
    settings.fall = table.integer("fall")
    settings.rise = table.integer("rise")
    settings.statuses = table.integers("status")
    settings.body = table.optionalText("body")
    return settings
  }

  /// Probes that ask for nothing, and keys that are about the answer to `path`.
  private mutating func noteUseless(in table: CheckedTable) {
    guard !table.written.contains("path") else { return }
    if !table.written.contains("playlist") {
      shape.note(table.path, "asks for nothing; write path = \"/health\", playlist, or both")
    }
    for key in ["status", "body"] where table.written.contains(key) {
      shape.note(table.path.key(key), "has no effect without `origin.health.path`")
    }
  }

  private mutating func noteTooMany(_ servers: Int, at path: ConfigurationPath) {
    let before = probedServers
    probedServers += servers
    let most = OriginLimits.probedServersMax
    if before <= most, probedServers > most {
      shape.note(path, "is too much: at most \(most) servers are probed")
    }
  }
}
