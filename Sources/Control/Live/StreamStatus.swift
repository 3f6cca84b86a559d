internal import Origin
internal import Policy
internal import Telemetry

/// What `spillway status` tells of live presentations beside the values that metrics show.
public struct StreamStatus: Sendable {
  /// One that does not simply go on from the server that it began with.
  struct Notable: Sendable {
    let path: String
    let server: String
    let state: String
    /// It in one line.
    let line: String
  }

  /// A playlist or manifest that reaches its origin too often.
  struct Busy: Sendable {
    let site: String
    let path: String
    let perSecond: Int
  }

  /// All that are known.
  let count: Int
  /// Those of which there is something to tell.
  let notable: [Notable]
  /// Playlists that reach their origins too often, the worst first.
  let busy: [Busy]

  /// Picks them from the rows.
  init(_ rows: [StreamRow], _ report: StreamReport, busy: [BusyPlaylist] = []) {
    count = rows.count
    self.busy = busy.map { one in
      Busy(
        site: report.naming.snapshot.siteName(one.site),
        path: String(decoding: one.path, as: UTF8.self), perSecond: one.perSecond)
    }
    notable = rows.filter { !$0.isPlain }.map { row in
      Notable(
        path: String(decoding: row.root, as: UTF8.self),
        server: report.naming.server(row.server, ofOrigin: row.origin),
        state: row.verdict.rawValue, line: report.line(of: row))
    }
  }

  /// Lines of the text report: a screenful; `spillway stream ls` lists them all.
  static let linesMax = 20
}

// The section of live presentations; a node that knows none and has every rule on has none.
extension StatusReport {
  func writeStreams(to report: inout JSONWriter) {
    guard let streams else { return }
    report.object("streams") { object in
      object.member("presentations", UInt64(streams.count))
      object.member("notable", UInt64(streams.notable.count))
      object.array("list") { list in
        for one in streams.notable {
          list.object { entry in
            entry.member("path", one.path)
            entry.member("server", one.server)
            entry.member("state", one.state)
          }
        }
      }
      object.array("busy") { list in
        for one in streams.busy {
          list.object { entry in
            entry.member("site", one.site)
            entry.member("path", one.path)
            entry.member("origin_requests_per_second", UInt64(one.perSecond))
          }
        }
      }
      object.array("rules_off") { list in
        for (origin, rule) in rulesOff {
          list.object { entry in
            entry.member("rule", rule)
            entry.member("origin", origin)
          }
        }
      }
    }
  }

  func appendStreams(to text: inout TextBuffer) {
    guard let streams else { return }
    if streams.count > 0 {
      text.append(text: "streams    \(streams.count) live, of which ")
      text.append(text: "\(streams.count - streams.notable.count) simply go on\n")
    }
    for one in streams.notable.prefix(StreamStatus.linesMax) {
      text.append(text: "           \(one.line)\n")
    }
    let left = streams.notable.count - StreamStatus.linesMax
    if left > 0 { text.append(text: "           and \(left) more: see spillway stream ls\n") }
    for one in streams.busy.prefix(StreamStatus.linesMax) {
      text.append(text: "busy       \(one.site)\(one.path): its origin is asked \(one.perSecond) ")
      text.append(text: "times a second; a rule with live = true keeps it for a moment, unless ")
      text.append(text: "it is private\n")
    }
    for (origin, rule) in rulesOff {
      text.append(text: "off        \(rule), for the origin \(origin)\n")
    }
  }

  private var rulesOff: [(origin: String, rule: String)] {
    values.origins.flatMap { origin in
      origin.rules.filter(\.isSwitchedOff).map { (origin.name, $0.name) }
    }
  }
}
