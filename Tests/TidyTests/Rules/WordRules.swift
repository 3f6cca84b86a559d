/// Words that are not written here, each with what to write instead.
enum WordRules {
  private struct Ban {
    var word: String
    var instead: String
  }

  private static let inHotModules = [
    Ban(word: "any ", instead: "a generic parameter (an existential costs a box and a witness)"),
    Ban(word: "Task {", instead: "a state machine and a message through a Mailbox"),
    Ban(word: "async", instead: "a state machine that returns actions"),
    Ban(word: "await", instead: "a state machine that returns actions"),
    Ban(word: "actor ", instead: "state owned by a worker"),
    Ban(word: "@MainActor", instead: "state owned by a worker"),
    Ban(word: "DispatchQueue", instead: "a thread that Loop owns and its Mailbox"),
    Ban(word: "try?", instead: "do and catch: the reason is counted"),
    Ban(word: "print(", instead: "a counter or a field of the access record"),
  ]

  private static let inEveryModule = [
    Ban(word: "try!", instead: "a throwing function, or a precondition with its sentence"),
    Ban(word: "fatalError(", instead: "a typed error, or preconditionFailure with its sentence"),
    Ban(word: "Mutex<", instead: "Bytes.Lock (ThreadSanitizer does not see Synchronization's)"),
  ]

  private static let withReasonOnly = [
    "@unchecked Sendable", "nonisolated(unsafe)", "Unmanaged.passRetained",
  ]

  static func banned(_ tree: Tree) -> [Finding] {
    modules(tree).flatMap { file, room in
      let bans = room.isHot ? inHotModules + inEveryModule : inEveryModule
      return search(file, for: bans.map(\.word)).map { hit in
        let ban = bans[hit.ban]
        return Finding(
          path: file.path, line: hit.line,
          message: "`\(ban.word.trimmed)` is not written here: use \(ban.instead)")
      }
    }
  }

  static func reasons(_ tree: Tree) -> [Finding] {
    modules(tree).flatMap { file, _ in
      search(file, for: withReasonOnly).map { hit in
        Finding(
          path: file.path, line: hit.line,
          message: "`\(withReasonOnly[hit.ban])` needs a line `// Exception: <why>` above it")
      }
    }
  }

  static func names(_ tree: Tree) -> [Finding] {
    let empty = ["Util", "Utils", "Helper", "Helpers", "Manager", "Handler", "Base", "Common"]
    return tree.swift.compactMap { file in
      guard let name = file.parts.last else { return nil }
      let stem = name.dropLast(".swift".count).split(separator: "+").last ?? name
      guard let word = empty.first(where: { stem.hasSuffix($0) }), !file.isExcusedAsAWhole else {
        return nil
      }
      return Finding(
        path: file.path, line: 0,
        message: "`\(word)` says nothing: name the file after the thing or the aspect in it")
    }
  }

  private static func modules(_ tree: Tree) -> [(SourceFile, Room)] {
    tree.swift.compactMap { file in
      guard file.path.hasPrefix("Sources/"), let module = file.module,
        let room = House.rooms[module]
      else { return nil }
      return (file, room)
    }
  }

  private struct Hit {
    var line: Int
    var ban: Int
  }

  /// Whether the ban holds here: `any` is a fine name, `any Clock` is an existential.
  private static func holds(_ word: String, in code: [UInt8]) -> Bool {
    guard let place = code.findWord(word) else { return false }
    guard word == "any " else { return true }
    let next = place + word.utf8.count
    guard next < code.count else { return false }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(code[next])
      || code[next] == UInt8(ascii: "(")
  }

  private static func search(_ file: SourceFile, for words: [String]) -> [Hit] {
    file.lines.enumerated().flatMap { index, line -> [Hit] in
      words.indices.compactMap { ban in
        guard holds(words[ban], in: line.code), !file.isExcused(index + 1) else { return nil }
        return Hit(line: index + 1, ban: ban)
      }
    }
  }
}
