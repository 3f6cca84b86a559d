internal import Bytes

/// The items of a row and its verdict.
enum RowItem {
  /// What makes an error out of a message.
  typealias Complaint = (String) -> CaseError

  /// Adds one item to a row.
  static func add(
    _ text: Substring, to row: inout Row, isRequest: Bool, _ error: Complaint
  ) throws(CaseError) {
    if let status = Int(text) {
      row.status = status
    } else if text == "-" {
      return
    } else if text.hasPrefix(">") {
      row.request.append(unescaped(text.dropFirst().trimmed))
    } else if text.hasPrefix("first ") {
      row.first.append(unescaped(text.dropFirst(6)))
    } else if text.hasPrefix("again ") {
      row.again.append(unescaped(text.dropFirst(6)))
    } else if text.hasPrefix("body ") {
      row.body = unescaped(text.dropFirst(5))
    } else if text.hasPrefix("wait "), let time = RelativeDate.milliseconds(text.dropFirst(5)) {
      row.wait = Milliseconds(time)
    } else if text.hasPrefix("/") {
      row.target = String(text)
    } else if isField(text) {
      if isRequest { row.again.append(unescaped(text)) } else { row.fields.append(unescaped(text)) }
    } else {
      throw error("`\(text)` is no part of a row")
    }
  }

  /// What a row says after its arrow.
  static func verdict(_ text: Substring, _ error: Complaint) throws(CaseError) -> Row.Verdict {
    let words = text.split(separator: " ")
    switch words.first {
    case "hit" where words.count == 1: return .hit
    case "miss" where words.count == 1: return .miss
    case "validated" where words.count == 1: return .validated
    case "asked" where words.count == 1: return .asked
    case "not": return .notStored(try reason(text, error))
    case "fresh": return try fresh(words, error)
    default: break
    }
    guard let status = words.first.flatMap({ Int($0) }) else {
      throw error("`\(text)` is no verdict")
    }
    guard words.count > 1 else { return .status(status, nil, range: nil) }
    if words.count >= 2, words[1] == "bytes" {
      let rest = text.dropFirst(4)
      guard let equals = rest.firstRange(of: " = ") else {
        return .status(status, nil, range: String(rest))
      }
      return .status(
        status, .text(unescaped(rest[equals.upperBound...])),
        range: String(rest[..<equals.lowerBound].trimmed))
    }
    guard words[1] == "parts" else { throw error("write `206 bytes 0-1/10 = ab`, or `206 parts`") }
    return .status(status, .parts(try parts(words.dropFirst(2), error)), range: nil)
  }

  /// `0-1/10=ab 3-4/10=de`.
  private static func parts(
    _ words: ArraySlice<Substring>, _ error: Complaint
  ) throws(CaseError) -> [Content.Part] {
    var parts: [Content.Part] = []
    for word in words {
      guard let equals = word.firstIndex(of: "=") else { throw error("write `0-1/10=ab`") }
      parts.append(
        Content.Part(
          range: "bytes \(word[..<equals])", text: unescaped(word[word.index(after: equals)...])))
    }
    return parts
  }

  private static func reason(_ text: Substring, _ error: Complaint) throws(CaseError) -> String? {
    guard text.hasPrefix("not stored") else { throw error("write `not stored`") }
    let rest = text.dropFirst("not stored".count).trimmed
    return rest.hasPrefix(":") ? String(rest.dropFirst().trimmed) : nil
  }

  /// `fresh 10s by max-age then stale`.
  private static func fresh(
    _ words: [Substring], _ error: Complaint
  ) throws(CaseError) -> Row.Verdict {
    guard words.count >= 2, let length = RelativeDate.milliseconds(words[1]) else {
      throw error("write `fresh 10s`")
    }
    var source: String?
    var then: Row.Afterwards?
    var rest = words.dropFirst(2)
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw error("`\(word)` says nothing") }
      switch word {
      case "by": source = String(value)
      case "then":
        guard let known = Row.Afterwards(rawValue: String(value)) else {
          throw error("after `then` stands stale, error or refreshing")
        }
        then = known
      default: throw error("`\(word)` is no part of `fresh`")
      }
    }
    return .fresh(Milliseconds(length), source: source, then: then)
  }

  /// Whether a text is `Name: value`.
  static func isField(_ text: Substring) -> Bool {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return false }
    return text[..<colon].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }

  /// A text with `\t` as a tab.
  static func unescaped(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let character = rest.popFirst() {
      if character == "\\", rest.first == "t" {
        rest.removeFirst()
        result.append("\t")
      } else {
        result.append(character)
      }
    }
    return result
  }
}

extension Substring {
  /// Where `text` begins and ends for the first time.
  func firstRange(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }

  /// Where `text` begins and ends for the last time.
  func lastRange(of text: String) -> Range<Index>? {
    var found: Range<Index>?
    var rest = self
    while let place = rest.firstRange(of: text) {
      found = place
      rest = rest[place.upperBound...]
    }
    return found
  }
}
