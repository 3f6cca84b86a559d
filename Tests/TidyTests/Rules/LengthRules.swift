/// How long a file, a function and a line may be.
enum LengthRules {
  static let linesPerFile = 400
  static let linesPerFunction = 60
  static let columnsPerLine = 100

  static func files(_ tree: Tree) -> [Finding] {
    measured(tree).compactMap { file in
      guard file.lines.count > linesPerFile, !file.isExcusedAsAWhole else { return nil }
      return Finding(
        path: file.path, line: 0,
        message: "\(file.lines.count) lines, \(linesPerFile) allowed: move an aspect to "
          + "Type+Aspect.swift")
    }
  }

  static func lines(_ tree: Tree) -> [Finding] {
    measured(tree).flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        guard line.text.utf8.count > columnsPerLine, line.text.count > columnsPerLine,
          !file.isExcused(index + 1)
        else { return nil }
        return Finding(
          path: file.path, line: index + 1,
          message: "\(line.text.count) columns, \(columnsPerLine) allowed: break the line")
      }
    }
  }

  static func functions(_ tree: Tree) -> [Finding] {
    tree.swift.flatMap { file in
      var findings: [Finding] = []
      for start in file.lines.indices {
        guard let name = function(declaredBy: file.lines[start].code),
          let end = endOfBody(in: file, from: start), end - start + 1 > linesPerFunction,
          !file.isExcused(start + 1)
        else { continue }
        findings.append(
          Finding(
            path: file.path, line: start + 1,
            message: "\(name) has \(end - start + 1) lines, \(linesPerFunction) allowed: name its "
              + "steps as functions of their own"))
      }
      return findings
    }
  }

  private static func measured(_ tree: Tree) -> [SourceFile] {
    tree.files.filter { file in
      [".swift", ".c", ".h", ".py", ".sh"].contains { file.path.hasSuffix($0) }
    }
  }

  /// What kind of function the line declares, if it does.
  private static func function(declaredBy code: [UInt8]) -> String? {
    for word in ["func", "init", "deinit", "subscript"] {
      guard let place = code.findWord(word) else { continue }
      let before = place == 0 ? UInt8(ascii: " ") : code[place - 1]
      guard before == UInt8(ascii: " ") else { continue }
      let after = place + word.utf8.count
      if word == "func" && after < code.count && code[after] == UInt8(ascii: " ") { return word }
      if word == "deinit" { return word }
      guard ["init", "subscript"].contains(word), after < code.count else { continue }
      if [UInt8(ascii: "("), UInt8(ascii: "?"), UInt8(ascii: "<")].contains(code[after]),
        code[..<place].isOnlyModifiers
      {
        return word
      }
    }
    return nil
  }

  /// The index of the line that closes the body which the declaration at `start` opens.
  ///
  /// `nil` where there is no body: a requirement of a protocol.
  private static func endOfBody(in file: SourceFile, from start: Int) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<file.lines.count {
      let code = file.lines[index].code
      if index > start && braces == 0 && parentheses == 0 && code.startsAnotherDeclaration {
        return nil
      }
      for byte in code {
        switch byte {
        case UInt8(ascii: "("): parentheses += 1
        case UInt8(ascii: ")"): parentheses -= 1
        case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
        case UInt8(ascii: "}") where braces > 0:
          braces -= 1
          if braces == 0 { return index }
        case UInt8(ascii: "}") where parentheses == 0: return nil
        default: break
        }
      }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// Whether nothing but attributes and modifiers stands here.
  fileprivate var isOnlyModifiers: Bool {
    let words = String(decoding: self, as: UTF8.self).split(separator: " ")
    let known: Set<Substring> = [
      "public", "package", "internal", "private", "fileprivate", "convenience", "required",
      "override", "static", "borrowing", "mutating", "nonisolated", "final",
    ]
    return words.allSatisfy { $0.hasPrefix("@") || known.contains($0) }
  }
}

extension [UInt8] {
  /// Whether the line opens a declaration of its own.
  fileprivate var startsAnotherDeclaration: Bool {
    ["func", "var", "let", "case", "init", "deinit", "subscript", "struct", "enum"].contains {
      findWord($0) != nil
    }
  }

  /// Where `word` stands with no letter, digit or underscore on either side.
  func findWord(_ word: String, from start: Int = 0) -> Int? {
    var from = start
    while let place = find(word, from: from) {
      let end = place + word.utf8.count
      let opens = place == 0 || !self[place - 1].isIdentifierPart
      let closes = end == count || !self[end].isIdentifierPart
      let endsOpen = word.utf8.last.map { !$0.isIdentifierPart } ?? true
      let startsOpen = word.utf8.first.map { !$0.isIdentifierPart } ?? true
      if (opens || startsOpen) && (closes || endsOpen) { return place }
      from = place + 1
    }
    return nil
  }
}

extension UInt8 {
  /// Whether the byte can be part of an identifier.
  var isIdentifierPart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
