extension AdminClient {
  /// Hands out a line for each of at most `limit` stored objects, page by page.
  ///
  /// - Parameters:
  ///   - prefix: the URL that they begin with; empty for all.
  ///   - limit: at least 1.
  ///   - json: an object a line instead of a table.
  ///   - write: takes text of whole lines.
  /// - Throws: the node's refusal, or why it does not answer.
  public func list(
    prefix: String, limit: Int, json: Bool, _ write: (String) -> Void
  ) throws(Failure) {
    var question = CacheQuestion()
    question.prefix = prefix
    var left = limit
    if !json { write(CacheEntry.heading) }
    repeat {
      question.limit = min(left, AdminLimits.listEntries)
      let page = try ask("GET", question.target(isText: !json), body: nil)
      var lines = page.split(separator: "\n")
      guard let last = lines.popLast(), let next = Self.next(in: last, json: json) else {
        throw Failure(message: "the node's list has no end")
      }
      let some = lines.prefix(left)
      write(some.map { $0 + "\n" }.joined())
      left -= some.count
      question.cursor = next
    } while !question.cursor.isEmpty && left > 0
  }

  /// Where the last line of a page says to go on.
  private static func next(in line: Substring, json: Bool) -> String? {
    if json { return JSONStrings.parse(Array(line.utf8))?.first { $0.key == "next" }?.value }
    return line.hasPrefix("next ") ? String(line.dropFirst(5)) : nil
  }
}
