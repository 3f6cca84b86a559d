import Bytes
import CaseKit
import TestKit

/// What the origin of a case does in the exchange that runs, and what it sent before.
final class OriginScript {
  /// Requests that no line of the case answers.
  private(set) var unexpected: [String] = []

  private var exchange = Exchange()
  private var number = 0
  private var next = 0
  private var seen = 0
  /// Bodies by the number of their exchange.
  private var sent: [Int: [UInt8]] = [:]
  /// The last body of a target before this exchange.
  private var stored: [String: [UInt8]] = [:]
  private var newest: [String: [UInt8]] = [:]

  /// Begins an exchange; returns how many requests the origin saw before.
  func begin(_ exchange: Exchange, number: Int) -> Int {
    stored.merge(newest) { $1 }
    newest = [:]
    self.exchange = exchange
    self.number = number
    next = 0
    unexpected = []
    return seen
  }

  /// A field line with its relative date and its host written out.
  static func written(_ field: String, now: Int64, host: String) -> String {
    RelativeDate.resolve(field, now: now).split(
      separator: "{host}", omittingEmptySubsequences: false
    )
    .joined(separator: host)
  }

  /// Answers the next request.
  func answer(to request: SeenRequest, now: Int64, host: String) -> ScriptedAnswer {
    seen += 1
    defer { next += 1 }
    var index = next
    if let last = exchange.answers.indices.last, index > last, exchange.answers[last].act == .closes
    {
      index = last
    }
    guard index < exchange.answers.count else {
      unexpected.append("an unexpected request reached the origin: \(request.head)")
      return .status(500, "Cache-Control: no-store")
    }
    let answer = exchange.answers[index]
    if answer.act == .closes || answer.act == .refuses { return ScriptedAnswer(steps: [.finish]) }
    var steps: [ScriptedAnswer.Step] = []
    if answer.delay > .zero { steps.append(.wait(answer.delay)) }
    for interim in answer.interims {
      steps.append(.send(head(interim.status, interim.fields, now: now, host: host)))
      steps.append(.wait(Milliseconds(5)))
    }
    let body = body(of: answer, method: request.method)
    var fields = answer.fields
    let hasLength = fields.contains { $0.lowercased().hasPrefix("content-length:") }
    let isSilent = answer.status == 204 || answer.status == 304 || request.method == "HEAD"
    if !hasLength, !isSilent { fields.append("Content-Length: \(body.count)") }
    steps.append(.send(head(answer.status, fields, now: now, host: host)))
    if answer.act == .cuts {
      steps += [.send(Array(body.prefix(body.count / 2))), .wait(Milliseconds(20)), .finish]
    } else if !body.isEmpty {
      steps.append(.send(body))
    }
    return ScriptedAnswer(steps: steps)
  }

  private func head(_ status: Int, _ fields: [String], now: Int64, host: String) -> [UInt8] {
    let lines =
      ["HTTP/1.1 \(status) Scripted"]
      + fields.map { OriginScript.written($0, now: now, host: host) }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private func body(of answer: OriginAnswer, method: String) -> [UInt8] {
    if answer.status == 204 || answer.status == 304 || method == "HEAD" { return [] }
    let body = Array((answer.body ?? "answer \(number).\(next + 1)").utf8)
    sent[number] = body
    if method == "GET" { newest[exchange.target] = body }
    return body
  }

  /// What is wrong with a viewer's body, if anything is.
  func complaint(about body: [UInt8], of exchange: Exchange) -> String? {
    if case .parts(let parts) = exchange.content {
      let found = Multipart.parts(of: body)
      return found == parts ? nil : "the parts are \(found)"
    }
    let expected: [UInt8]?
    switch exchange.content {
    case .text(let text): expected = Array(text.utf8)
    case .from(let number): expected = sent[number]
    case .parts: expected = nil
    case .none: expected = usual(exchange)
    }
    guard let expected, expected != body else { return nil }
    let text = String(decoding: body, as: UTF8.self)
    return "the body is `\(text)`, not `\(String(decoding: expected, as: UTF8.self))`"
  }

  /// What the body is where the case says nothing: the stored or the new one, as the outcome says.
  private func usual(_ exchange: Exchange) -> [UInt8]? {
    if exchange.method == "HEAD" || [204, 304].contains(exchange.status) { return [] }
    if exchange.status == 206 || exchange.isCut { return nil }
    switch exchange.outcome {
    case .hit, .validated, .stale, .refreshing: return stored[exchange.target]
    case .miss, .asked: return sent[number]
    case .unasked, .none: return nil
    }
  }
}

/// Reads a multipart/byteranges body.
enum Multipart {
  static func parts(of body: [UInt8]) -> [Content.Part] {
    let text = String(decoding: body, as: UTF8.self)
    guard let boundary = text.split(separator: "\r\n").first(where: { $0.hasPrefix("--") }) else {
      return []
    }
    var parts: [Content.Part] = []
    for piece in ("\r\n" + text).split(separator: "\r\n" + boundary) {
      guard piece.hasPrefix("\r\n"), let end = blankLine(in: piece) else { continue }
      let head = String(piece[..<end])
      parts.append(
        Content.Part(
          range: Demand.value(of: "Content-Range", in: "x\r\n" + head) ?? "",
          text: String(piece[piece.index(end, offsetBy: 2)...])))
    }
    return parts
  }

  /// Where the blank line behind a part's head begins; CRLF is one character.
  private static func blankLine(in piece: Substring) -> Substring.Index? {
    var index = piece.index(after: piece.startIndex)
    while index < piece.endIndex {
      let next = piece.index(after: index)
      if next < piece.endIndex, piece[index] == "\r\n", piece[next] == "\r\n" { return index }
      index = next
    }
    return nil
  }
}
