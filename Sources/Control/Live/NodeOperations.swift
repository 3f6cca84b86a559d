internal import Bytes
internal import Delivery
internal import Origin
internal import Policy
internal import Telemetry

/// What an operator asks or orders of a running node about its live presentations.
///
/// Every order is a line in the error log, at level info.
struct NodeOperations: Sendable {
  let edge: EdgeNode
  let log: ErrorLog

  private var naming: StreamNaming { StreamNaming(snapshot: edge.snapshot) }
  private var report: StreamReport { StreamReport(naming: naming) }

  /// All presentations, by path.
  func rows() -> [StreamRow] {
    edge.streams.rows(at: .read()).sorted {
      $0.root == $1.root ? $0.site < $1.site : $0.root.lexicographicallyPrecedes($1.root)
    }
  }

  /// Answers or does what is asked.
  func answer(
    _ request: OperatorRequest
  ) throws(OperatorRequest.Mistake) -> OperatorAnswer {
    switch request {
    case .streams(let pattern):
      return report.list(try rows().matching(pattern))
    case .stream(let path): return report.show(try naming.presentation(path, among: rows()))
    case .end(let path, let undo):
      let row = try naming.presentation(path, among: rows())
      order(.end(!undo), for: row)
      let name = String(decoding: row.root, as: UTF8.self)
      return done(
        undo
          ? "the end of \(name) is withheld again while a twin goes on"
          : "the end of \(name) is passed on when its server says so, whatever twins say", 1)
    case .pin(let server, let stream, let undo): return try pin(server, stream, undo)
    case .drain(let server, let undo): return try drain(server, undo)
    case .switches: return switches()
    case .set(let rule, let isOn, let origin): return try set(rule, isOn, origin)
    }
  }

  private func pin(
    _ text: String, _ stream: String?, _ undo: Bool
  ) throws(OperatorRequest.Mistake) -> OperatorAnswer {
    let (origin, server) = try naming.server(text)
    var rows = rows()
    if let stream { rows = [try naming.presentation(stream, among: rows)] }
    if stream != nil, let row = rows.first, row.origin != origin {
      throw OperatorRequest.Mistake(
        message: "\(String(decoding: row.root, as: UTF8.self)) comes from the origin "
          + "\(edge.snapshot.origins[row.origin].name), not from "
          + edge.snapshot.origins[origin].name)
    }
    rows.removeAll { $0.origin != origin || undo && $0.pinned != server }
    for row in rows { order(.pin(server: undo ? nil : server), for: row) }
    let name = naming.server(server, ofOrigin: origin)
    let what = rows.count == 1 ? "1 presentation" : "\(rows.count) presentations"
    return done(
      undo ? "\(what) may leave \(name) again" : "\(what) pinned to \(name)", rows.count)
  }

  private func order(_ order: StreamBook.Order, for row: StreamRow) {
    _ = edge.streams.order(order, at: .read()) { site, root in
      site == row.site && root == row.root
    }
  }

  private func drain(
    _ text: String, _ undo: Bool
  ) throws(OperatorRequest.Mistake) -> OperatorAnswer {
    let (origin, server) = try naming.server(text)
    let isNews = edge.streams.drain(!undo, server: server, ofOrigin: origin)
    let name = naming.server(server, ofOrigin: origin)
    let text = undo ? "\(name) is asked again" : "\(name) is drained until the node is restarted"
    return done(isNews ? text : "\(text), as it was before", 1)
  }

  private func set(
    _ word: String, _ isOn: Bool, _ name: String?
  ) throws(OperatorRequest.Mistake) -> OperatorAnswer {
    guard let rule = NodeSwitch(rawValue: word) else {
      let words = NodeSwitch.allCases.map(\.rawValue).joined(separator: ", ")
      throw OperatorRequest.Mistake(message: "there is no rule \"\(word)\"; known are \(words)")
    }
    var origin: Int?
    if let name { origin = try naming.origin(name) }
    edge.streams.switches.set(rule, isOn, origin: origin)
    return done(
      "\(word) is \(isOn ? "on" : "off") for \(name.map { "the origin \($0)" } ?? "all origins") "
        + "until the node is restarted", 1)
  }

  private func switches() -> OperatorAnswer {
    var text = ""
    var writer = JSONWriter()
    writer.object { object in
      object.array("switches") { list in
        for rule in NodeSwitch.allCases {
          for (index, origin) in edge.snapshot.origins.enumerated() {
            let state = edge.streams.switches.isOn(rule, origin: index) ? "on" : "off"
            text += "\(rule.rawValue)  \(origin.name)  \(state)  (\(rule.sense))\n"
            list.object { one in
              one.member("rule", rule.rawValue)
              one.member("origin", origin.name)
              one.member("state", state)
            }
          }
        }
      }
    }
    return OperatorAnswer(text: text, json: writer.finish())
  }

  /// An order is done: it is logged, and told.
  private func done(_ text: String, _ count: Int) -> OperatorAnswer {
    log.write(.info, "operator: \(text)")
    var writer = JSONWriter()
    writer.object { object in
      object.member("done", text)
      object.member("count", UInt64(count))
    }
    return OperatorAnswer(text: text + "\n", json: writer.finish())
  }
}

extension [StreamRow] {
  /// Those whose root path matches, as the paths of rules do; all for none.
  func matching(_ pattern: String) throws(OperatorRequest.Mistake) -> [StreamRow] {
    guard !pattern.isEmpty else { return self }
    var table: [UInt8] = []
    do throws(PatternError) {
      let compiled = try PathPattern(pattern, table: &table)
      return filter { compiled.matches($0.root.span, table: table) }
    } catch {
      throw OperatorRequest.Mistake(
        message: "\"\(pattern)\" is no pattern: write it as \"/live/**\"")
    }
  }
}

// What status and metrics show.
extension NodeOperations {
  /// What `spillway status` tells.
  var status: StreamStatus {
    StreamStatus(rows(), report, busy: edge.streams.busy(at: Instant.read()))
  }

  /// What metrics show of each origin.
  func values() -> [OriginValues] {
    var values = edge.snapshot.origins.map { OriginValues(name: $0.name) }
    for row in edge.streams.rows(at: .read()) {
      values[row.origin][.presentations] += 1
      if row.verdict == .stale { values[row.origin][.stale] += 1 }
      let lag = UInt64(max(0, row.lagMax.count))
      values[row.origin][.lagMilliseconds] = max(values[row.origin][.lagMilliseconds], lag)
    }
    for origin in values.indices {
      values[origin].rules = NodeSwitch.allCases.map {
        RuleValue(
          name: $0.rawValue, isOn: edge.streams.switches.isOn($0, origin: origin),
          isUsual: $0 != .rewrite || edge.snapshot.origins[origin].rewrite)
      }
    }
    return values
  }
}
