import Wire

/// The parsers of single fields, one by the first byte: dates, Age, entity tags, lists, CDN-Loop,
/// Accept-Encoding, Accept-Language, references.
enum FieldProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count > 1, bytes.count <= 4096 else { return }
    let text = Array(bytes[1...])
    switch bytes[0] % 8 {
    case 0: checkDate(text)
    case 1: checkAge(text)
    case 2: checkTags(text)
    case 3: checkLists(text)
    case 4: checkLoop(text)
    case 5: checkCodings(text)
    case 6: checkLanguages(text)
    default: ReferenceProperty.check(text)
    }
  }

  /// A date, written anew or in another case, is the same date; with a byte more it is none.
  private static func checkDate(_ text: [UInt8]) {
    let now: Int64 = 1_763_800_000
    guard let date = HTTPDate(text.span, now: now) else { return }
    let again = written { $0.append(date: date) }
    precondition(again.count == 29)
    precondition(HTTPDate(again.span, now: 0) == date, "written anew, it is another date")
    let capitals = text.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 }
    precondition(HTTPDate(capitals.span, now: now) == date, "its case matters")
    let longer = text + [0x20]
    precondition(HTTPDate(longer.span, now: now) == nil, "what follows is not looked at")
    if text.count >= 30 {
      precondition(abs(date.seconds - now) <= 18_263 * 86_400, "fifty years are not kept")
    }
  }

  /// Age is bounded, and the same on one line or several; a line feed separates lines here.
  private static func checkAge(_ text: [UInt8]) {
    let seconds = { (fields: borrowing HeadFields, bytes: Span<UInt8>) -> UInt32? in
      AgeField.seconds(of: fields, in: bytes)
    }
    guard let lines = splitLines(text), let apart = readField("Age", lines, seconds) else { return }
    precondition((apart ?? 0) <= WireLimits.deltaSecondsMax)
    let joined = Array(lines.joined(separator: Array(", ".utf8)))
    precondition(readField("Age", [joined], seconds) == .some(apart), "lines make a difference")
  }

  /// A line feed separates a tag from a list here: what matches strongly matches weakly, and a tag
  /// is found at the front of any list that it stands before.
  private static func checkTags(_ text: [UInt8]) {
    let parts = text.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let tag = Array(parts[0])
    let list = Array(parts[1])
    let isStrong = EntityTag.ifMatch(list.span, matches: tag.span)
    let isWeak = EntityTag.ifNoneMatch(list.span, matches: tag.span)
    precondition(isWeak || !isStrong, "a strong match that is no weak one")
    let isStar = list == Array("*".utf8)
    guard let parsed = EntityTag(tag.span) else {
      precondition(!isWeak || isStar, "what is no tag matches")
      return
    }
    precondition(EntityTag.weakMatch(tag.span, tag.span))
    precondition(EntityTag.strongMatch(tag.span, tag.span) != parsed.isWeak)
    let longer = tag + Array(" ,".utf8) + list
    precondition(EntityTag.ifNoneMatch(longer.span, matches: tag.span), "a tag is not found")
    precondition(EntityTag.ifMatch(longer.span, matches: tag.span) || parsed.isWeak || isStrong)
  }

  /// Elements lie in order, are not empty and have no white space around them.
  ///
  /// Without quotes they are what stands between the commas. Arguments lie in order as well.
  private static func checkLists(_ text: [UInt8]) {
    let span = text.span
    var list = TokenList(span.wholeRange)
    var elements: [[UInt8]] = []
    var end = 0
    while let element = list.next(in: span) {
      precondition(Int(element.start) >= end && !element.isEmpty && element.end <= text.count)
      elements.append(Array(text[Int(element.start)..<element.end]))
      precondition(elements[elements.count - 1].first?.isSpace == false)
      precondition(elements[elements.count - 1].last?.isSpace == false)
      end = element.end
    }
    if !text.contains(0x22) {
      let plain = text.split(separator: 0x2C).map { part in
        Array(part.drop { $0.isSpace }.reversed().drop { $0.isSpace }.reversed())
      }
      precondition(elements == plain.filter { !$0.isEmpty }, "an element is lost or added")
    }
    var arguments = Arguments(span.wholeRange)
    var last = 0
    while let argument = arguments.next(in: span) {
      precondition(Int(argument.whole.start) >= last && argument.value.end == argument.whole.end)
      last = argument.whole.end
    }
  }

  /// Whatever stands before it, our own entry at the end is counted.
  private static func checkLoop(_ text: [UInt8]) {
    let own = Array("edge.example".utf8)
    let longer = text + Array(", Edge.Example; n=1".utf8)
    let before = CDNLoop.count(of: own.span, in: text.span)
    let after = CDNLoop.count(of: own.span, in: longer.span)
    precondition(before >= 0 && before <= text.count)
    if !text.contains(0x22) { precondition(after == before + 1, "a loop is not seen") }
  }

  /// Qualities are bounded, on one line or several the same, and a set written is read alike.
  private static func checkCodings(_ text: [UInt8]) {
    let read = { (fields: borrowing HeadFields, bytes: Span<UInt8>) -> AcceptEncoding in
      AcceptEncoding(of: fields, in: bytes)
    }
    guard let lines = splitLines(text), let apart = readField("Accept-Encoding", lines, read) else {
      return
    }
    precondition(max(apart.gzip, apart.brotli, apart.zstandard, apart.identity) <= 1000)
    let joined = Array(lines.joined(separator: Array(", ".utf8)))
    precondition(AcceptEncoding(joined.span) == apart, "lines make a difference")
    let all: CodingSet = [.gzip, .brotli, .zstandard]
    let kept = apart.accepted(among: all)
    let again = Array("\(kept.text)".utf8)
    precondition(AcceptEncoding(again.span).accepted(among: all) == kept)
  }

  /// The form that preferences share is its own, and what is chosen is wanted and not refused.
  private static func checkLanguages(_ text: [UInt8]) {
    guard let lines = splitLines(text) else { return }
    let tags = ["en", "it", "de-CH", "zh-Hant", "x-a"].map { Array($0.utf8) }
    let read = { (fields: borrowing HeadFields, bytes: Span<UInt8>) -> ([UInt8], Int?, Bool) in
      let accepted = AcceptLanguage(of: fields, in: bytes)
      var output: [UInt8] = []
      accepted.appendText(in: bytes, to: &output)
      precondition(accepted.count <= WireLimits.languagesMax)
      precondition((accepted.count == 0) == output.isEmpty)
      return (output, accepted.best(of: tags, in: bytes), accepted.isCut)
    }
    guard let first = readField("Accept-Language", lines, read),
      let second = readField("Accept-Language", [first.0], read)
    else { return }
    precondition(first.0 == second.0, "the common form of preferences is not its own")
    precondition((first.1 == nil) == (second.1 == nil), "the common form chooses otherwise")
    precondition(!second.2, "the common form is cut")
    if let index = first.1 {
      let choice = tags[index]
      let refused = Array((String(decoding: choice, as: UTF8.self) + ";q=0").utf8)
      let elements = first.0.split(separator: 0x2C).map { Array($0.drop { $0.isSpace }) }
      precondition(!elements.contains(refused), "a refused language is chosen")
    }
  }

  /// The lines of a field, separated by line feeds; `nil` where quotes could join them.
  private static func splitLines(_ text: [UInt8]) -> [[UInt8]]? {
    guard !text.contains(0x22), text.count <= 1024 else { return nil }
    let lines = text.split(separator: 0x0A).map { Array($0) }
    return lines.isEmpty || lines.count > 16 ? nil : lines
  }
}
