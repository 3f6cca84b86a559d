internal import Bytes

/// The lines of a case's steps.
enum StepLine {
  /// What makes an error out of a message.
  typealias Complaint = (String) -> CaseError

  /// `3 GET /a HTTP/1.0`: a number of viewers, method, target and version.
  static func request(
    _ text: Substring, line: Int, _ error: Complaint
  ) throws(CaseError) -> Exchange {
    var words = text.split(separator: " ")
    var exchange = Exchange()
    exchange.line = line
    if let count = words.first.flatMap({ Int($0) }) {
      exchange.count = count
      words.removeFirst()
    }
    guard words.count >= 2, words.count <= 3 else { throw error("no request: write `> GET /a`") }
    exchange.method = String(words[0])
    exchange.target = String(words[1])
    if words.count == 3 { exchange.version = String(words[2].dropFirst("HTTP/".count)) }
    return exchange
  }

  /// What the origin does: a status begins an answer.
  static func answer(
    _ text: Substring, line: Int, _ exchange: inout Exchange, _ error: Complaint
  ) throws(CaseError) {
    let last = exchange.answers.count - 1
    if let status = Int(text) {
      if last >= 0, isInterim(exchange.answers[last]) {
        let interim = exchange.answers[last]
        exchange.answers[last].interims.append((interim.status, interim.fields))
        exchange.answers[last].status = status
        exchange.answers[last].fields = []
      } else {
        exchange.answers.append(OriginAnswer(line: line, status: status))
      }
      return
    }
    switch text {
    case "refuses": return exchange.answers.append(OriginAnswer(line: line, act: .refuses))
    case "closes": return exchange.answers.append(OriginAnswer(line: line, act: .closes))
    default: break
    }
    guard last >= 0 else { throw error("no answer begins above: write `<< 200` first") }
    if text == "cuts" {
      exchange.answers[last].act = .cuts
    } else if text.hasPrefix("body ") || text == "body" {
      exchange.answers[last].body = RowItem.unescaped(text.dropFirst(5))
    } else if text.hasPrefix("after "), let time = RelativeDate.milliseconds(text.dropFirst(6)) {
      exchange.answers[last].delay = Milliseconds(time)
    } else if RowItem.isField(text) {
      exchange.answers[last].fields.append(RowItem.unescaped(text))
    } else {
      throw error("an origin does no `\(text)`")
    }
  }

  private static func isInterim(_ answer: OriginAnswer) -> Bool { answer.status < 200 }

  /// What the origin must see.
  static func seen(
    _ text: Substring, line: Int, _ exchange: inout Exchange, _ error: Complaint
  ) throws(CaseError) {
    let isDemand = RowItem.isField(text) || text.split(separator: " ").first == "no"
    if !isDemand, text.contains("/") {
      exchange.seen.append(SeenExpectation(line: line, request: String(text)))
      return
    }
    if exchange.seen.isEmpty { exchange.seen.append(SeenExpectation(line: line)) }
    exchange.seen[exchange.seen.count - 1].demands.append(try demand(text, line: line, error))
  }

  /// What the viewer must get: a status with an outcome first.
  static func viewer(
    _ text: Substring, line: Int, _ exchange: inout Exchange, _ error: Complaint
  ) throws(CaseError) {
    let words = text.split(separator: " ")
    if let status = Int(words[0]) {
      guard words.count <= 2 else { throw error("write `< 200 hit`") }
      if words.count == 1, status < 200, status != 101 {
        return exchange.interims.append(status)
      }
      exchange.status = status
      guard words.count == 2 else { return }
      guard let outcome = Outcome(rawValue: String(words[1])) else {
        let known = Outcome.allCases.map(\.rawValue).joined(separator: ", ")
        throw error("`\(words[1])` is no outcome: there are \(known)")
      }
      return exchange.outcome = outcome
    }
    switch words[0] {
    case "body": exchange.content = .text(RowItem.unescaped(text.dropFirst(5)))
    case "cut": exchange.isCut = true
    case "from":
      guard words.count == 2, let number = Int(words[1]) else { throw error("write `< from 1`") }
      exchange.content = .from(number)
    case "part":
      guard let equals = text.firstRange(of: " = ") else {
        throw error("write `< part bytes 0-1/10 = ab`")
      }
      let part = Content.Part(
        range: String(text[..<equals.lowerBound].dropFirst(5).trimmed),
        text: RowItem.unescaped(text[equals.upperBound...]))
      if case .parts(let parts) = exchange.content {
        exchange.content = .parts(parts + [part])
      } else {
        exchange.content = .parts([part])
      }
    default: exchange.demands.append(try demand(text, line: line, error))
    }
  }

  private static func demand(
    _ text: Substring, line: Int, _ error: Complaint
  ) throws(CaseError) -> Demand {
    let words = text.split(separator: " ")
    if words.count == 2, words[0] == "no" {
      return Demand(line: line, name: String(words[1]), test: .absent)
    }
    if words.count == 1, !text.contains(":") {
      return Demand(line: line, name: String(words[0]), test: .present)
    }
    if words.count >= 3, words[1] == "has" || words[1] == "lacks" {
      let word = words[2...].joined(separator: " ")
      return Demand(
        line: line, name: String(words[0]), test: words[1] == "has" ? .has(word) : .lacks(word))
    }
    guard RowItem.isField(text), let colon = text.firstIndex(of: ":") else {
      throw error("`\(text)` demands nothing that can be looked at")
    }
    let value = RowItem.unescaped(text[text.index(after: colon)...].trimmed)
    return Demand(line: line, name: String(text[..<colon]), test: .equals(value))
  }
}
