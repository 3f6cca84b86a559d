internal import Origin
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

  /// All that are known.
  let count: Int
  /// Those of which there is something to tell.
  let notable: [Notable]

  /// Picks them from the rows.
  init(_ rows: [StreamRow], _ report: StreamReport) {
    count = rows.count
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
