/// One line of a file, as written and with everything that isn't code blanked out.
struct Line {
  /// The line as written, without its newline.
  var text: String
  /// The same columns, with comments, string literals and raw identifiers replaced by spaces.
  var code: [UInt8]
}

/// A text file of the tree, cut into lines and ready for the rules.
struct SourceFile {
  /// The path from the root of the tree, with `/` between the parts.
  let path: String
  /// The lines; number 1 is `lines[0]`.
  let lines: [Line]

  /// Reads `text` as the file at `path`; only Swift and C files have their comments blanked out.
  init(path: String, text: String) {
    self.path = path
    var texts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if texts.last == "" { texts.removeLast() }
    let hasCode = path.hasSuffix(".swift") || path.hasSuffix(".c") || path.hasSuffix(".h")
    var blanker = Blanker()
    lines = texts.map { text in
      Line(text: text, code: hasCode ? blanker.blank(text) : Array(text.utf8))
    }
  }

  /// The folder names and the file name.
  var parts: [Substring] { path.split(separator: "/") }

  /// The module that a file under `Sources` or `Tests` belongs to, else `nil`.
  var module: String? {
    let parts = parts
    guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
    return String(parts[1])
  }

  var isSwift: Bool { path.hasSuffix(".swift") }

  /// Whether line `number` is excused by `// Exception: <why>`: on it, or in the comment just above
  /// or just below it.
  func isExcused(_ number: Int) -> Bool {
    var index = number - 1
    guard lines.indices.contains(index) else { return false }
    if lines[index].text.givesReason { return true }
    for line in lines[(index + 1)...] {
      guard line.text.trimmed.hasPrefix("//") else { break }
      if line.text.givesReason { return true }
    }
    while index > 0 {
      index -= 1
      let text = lines[index].text.trimmed
      guard text.hasPrefix("//") || text.hasPrefix("@") else { return false }
      if text.givesReason { return true }
    }
    return false
  }

  /// Whether the comment at the head of the file excuses the whole file.
  var isExcusedAsAWhole: Bool {
    for line in lines {
      let text = line.text.trimmed
      guard text.hasPrefix("//") else { return false }
      if text.givesReason { return true }
    }
    return false
  }
}

extension StringProtocol {
  /// The text without the white space around it.
  var trimmed: String {
    var rest = Substring(self)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }

  /// Whether the line carries `// Exception:` and at least two words of reason.
  var givesReason: Bool {
    let mark = "// Exception: "
    guard let start = String(self).find(mark) else { return false }
    return utf8.dropFirst(start + mark.utf8.count).split(separator: UInt8(ascii: " ")).count > 1
  }
}
