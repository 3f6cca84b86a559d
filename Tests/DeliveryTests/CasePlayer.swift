import Bytes
import Cache
import CaseKit
import Policy
import TestKit
import Wire

/// Plays one case: one world, one origin, one node.
struct CasePlayer {
  /// What is wrong, and the line of the case that says otherwise.
  struct Complaint {
    var line: Int
    var text: String
  }

  private let example: Case
  private let lab: Lab
  private let origin: ScriptedOrigin
  private let edge: LabEdge
  private let script = OriginScript()
  private var complaints: [Complaint] = []
  private var played = 0
  private static let host = "live.example.com"

  init(_ example: Case, seed: UInt64) throws {
    self.example = example
    lab = Lab(seed: seed)
    lab.rules = try example.settings()
    origin = lab.origin()
    edge = lab.edge()
    let script = script
    let world = lab.world
    origin.answer = { script.answer(to: $0, now: world.wall.seconds, host: CasePlayer.host) }
  }

  /// Plays all steps; says what is wrong.
  mutating func play() -> [Complaint] {
    for step in example.steps {
      switch step {
      case .wait(let length): lab.wait(length)
      case .purge(let words, let line): purge(words, line)
      case .exchange(let exchange): play(exchange)
      }
    }
    for viewer in lab.viewers where viewer.over == nil { viewer.leaves() }
    lab.world.end()
    return complaints
  }

  private mutating func complain(_ line: Int, _ text: String) {
    complaints.append(Complaint(line: line, text: text))
  }

  private mutating func purge(_ words: [String], _ line: Int) {
    let value = Array((words.count > 1 ? words[1] : "").utf8)
    switch words.first {
    case "tag": edge.purges(.tag(value))
    case "prefix": edge.purges(.prefix(site: 0, path: value))
    case "site": edge.purges(.site(0))
    default: complain(line, "nothing is purged by `\(words.joined(separator: " "))`")
    }
  }

  private mutating func play(_ exchange: Exchange) {
    played += 1
    let before = script.begin(exchange, number: played)
    let isDown = exchange.answers.contains { $0.act == .refuses }
    if isDown {
      origin.stopsListening()
      origin.resetsConnections()
      lab.wait(Milliseconds(10))
    }
    let viewers = (0..<exchange.count).map { _ in lab.viewer() }
    for viewer in viewers { ask(viewer, exchange) }
    let outcome = lab.run(limit: .seconds(60)) { viewers.allSatisfy(\.isDone) }
    if outcome != .met { complain(exchange.line, "the viewer got no whole answer in a minute") }
    let isQuick = exchange.outcome == .hit || exchange.outcome == .refreshing
    lab.wait(Milliseconds(isQuick ? 30 : 5))
    for viewer in viewers { look(at: viewer, exchange) }
    lookAtOrigin(exchange, from: before)
    for viewer in viewers where viewer.over == nil { viewer.leaves() }
    if isDown { origin.listensAgain() }
  }

  private func ask(_ viewer: LabViewer, _ exchange: Exchange) {
    var fields = exchange.fields.map {
      OriginScript.written($0, now: lab.world.wall.seconds, host: CasePlayer.host)
    }
    if let body = exchange.body { fields.append("Content-Length: \(body.utf8.count)") }
    let host = Demand.value(of: "Host", in: "\r\n" + fields.joined(separator: "\r\n"))
    fields.removeAll { $0.lowercased().hasPrefix("host:") }
    let target = OriginScript.written(exchange.target, now: 0, host: CasePlayer.host)
    viewer.asks(
      target, fields, method: exchange.method, host: host ?? CasePlayer.host,
      version: exchange.version)
    if let body = exchange.body { viewer.sends(body) }
  }

  private mutating func look(at viewer: LabViewer, _ exchange: Exchange) {
    let response = viewer.last
    let interims = viewer.responses.dropLast().map(\.status)
    if interims != exchange.interims {
      complain(exchange.line, "interim answers are \(interims), not \(exchange.interims)")
    }
    if (response.end == .cut) != exchange.isCut {
      complain(exchange.line, "the answer ended \(response.end)")
    }
    if let fault = viewer.fault { complain(exchange.line, "broken framing: \(fault)") }
    guard exchange.status != 0 else { return }
    if response.status != exchange.status {
      complain(exchange.line, "the status is \(response.status), not \(exchange.status)")
    }
    for demand in exchange.demands {
      if let text = demand.complaint(about: response.head, slack: 0) {
        complain(demand.line, text)
      }
    }
    if let text = script.complaint(about: response.body, of: exchange) {
      complain(exchange.line, text)
    }
    let status = response.field("Cache-Status") ?? ""
    let isHit = Demand.isHit(response.head)
    switch exchange.outcome {
    case .hit, .refreshing:
      if !isHit { complain(exchange.line, "no hit: \(status)") }
    case .stale:
      if !status.contains("ttl=-") { complain(exchange.line, "not stale: \(status)") }
    case .miss, .asked, .validated:
      if isHit { complain(exchange.line, "a hit: \(status)") }
    case .unasked, .none: break
    }
  }

  private mutating func lookAtOrigin(_ exchange: Exchange, from before: Int) {
    let seen = Array(origin.requests[before...])
    for text in script.unexpected { complain(exchange.line, text) }
    let isConditional = seen.map {
      $0.field("If-None-Match") != nil || $0.field("If-Modified-Since") != nil
    }
    switch exchange.outcome {
    case .hit, .unasked:
      if !seen.isEmpty { complain(exchange.line, "the origin was asked") }
    case .miss, .validated, .refreshing:
      if seen.count != 1 { complain(exchange.line, "the origin was asked \(seen.count) times") }
      if exchange.outcome == .miss, isConditional.contains(true) {
        complain(exchange.line, "the origin was asked under a condition")
      }
      if exchange.outcome == .validated, isConditional.contains(false) {
        complain(exchange.line, "the origin was asked without a condition")
      }
    case .asked:
      if seen.isEmpty { complain(exchange.line, "the origin was not asked") }
    case .stale, .none: break
    }
    for (index, expectation) in exchange.seen.enumerated() {
      guard index < seen.count else {
        complain(expectation.line, "the origin saw \(seen.count) requests")
        break
      }
      if let request = expectation.request, request != "\(seen[index].method) \(seen[index].target)"
      {
        complain(expectation.line, "it saw \(seen[index].method) \(seen[index].target)")
      }
      for demand in expectation.demands {
        if let text = demand.complaint(about: seen[index].head, slack: 0) {
          complain(demand.line, "at the origin: \(text)")
        }
      }
    }
  }
}
