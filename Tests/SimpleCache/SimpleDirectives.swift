/// What is written about caching in one head: Cache-Control, or the targeted field in its place.
struct SimpleDirectives {
  /// Directives that are there without a meaning of their own argument, by name.
  var flags: Set<String> = []
  /// Directives with a number of seconds.
  var seconds: [String: Int] = [:]
  /// The names in `private="..."` and `no-cache="..."`, in lower case, by directive.
  var listed: [String: Set<String>] = [:]
  /// They come from a targeted field: RFC 9213.
  var isTargeted = false

  /// RFC 9111 section 4.2.1 and its appendix on overflow, section 1.2.2.
  static let secondsMax = 2_147_483_648

  static let limits: Set = [
    "no-store", "must-revalidate", "proxy-revalidate", "no-cache", "private",
  ]
  static let permissions: Set = ["public", "immutable", "must-understand"]
  static let lifetimes: Set = [
    "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error",
  ]

  /// Reads Cache-Control's lines, each for itself.
  init(cacheControl lines: [String]) {
    for line in lines {
      for element in SimpleDirectives.elements(Array(line.utf8)) { add(element) }
    }
  }

  /// Elements between commas that stand in no string.
  ///
  /// A string opens only after `name=`, and only if it closes again: else a stray quote could
  /// hide a prohibition.
  static func elements(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var element: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: ",") {
        result.append(element)
        element = []
      } else if byte == UInt8(ascii: "\""), mayOpenString(after: element),
        let end = SimpleText.closingQuote(bytes, from: index)
      {
        element += bytes[index...end]
        index = end
      } else {
        element.append(byte)
      }
      index += 1
    }
    result.append(element)
    return result.map { SimpleText.trimmed($0) }.filter { !$0.isEmpty }
  }

  private static func mayOpenString(after element: [UInt8]) -> Bool {
    var before = SimpleText.trimmed(element)
    guard before.popLast() == UInt8(ascii: "=") else { return false }
    return SimpleText.isToken(SimpleText.trimmed(before))
  }

  private enum Argument {
    case none
    case token([UInt8])
    /// What stands between the quotes, escapes and all.
    case string([UInt8])
    case malformed
  }

  private static func argument(_ rest: [UInt8]) -> Argument {
    if rest.isEmpty { return .none }
    guard rest[0] == UInt8(ascii: "=") else { return .malformed }
    let value = Array(rest.dropFirst())
    if SimpleText.isToken(value) { return .token(value) }
    if value.first == UInt8(ascii: "\""),
      SimpleText.closingQuote(value, from: 0) == value.count - 1
    {
      return .string(Array(value.dropFirst().dropLast()))
    }
    return .malformed
  }

  private mutating func add(_ element: [UInt8]) {
    let nameBytes = Array(element.prefix(while: SimpleText.isTokenByte))
    let name = SimpleText.text(nameBytes).lowercased()
    let argument = SimpleDirectives.argument(Array(element.dropFirst(nameBytes.count)))
    if SimpleDirectives.lifetimes.contains(name) {
      // The first one counts; what is no number is no time at all.
      if seconds[name] == nil { seconds[name] = SimpleDirectives.delta(argument) }
    } else if name == "private" || name == "no-cache" {
      addList(name, argument)
    } else if SimpleDirectives.limits.contains(name) {
      flags.insert(name)
    } else if SimpleDirectives.permissions.contains(name), case .none = argument {
      flags.insert(name)
    }
  }

  private static func delta(_ argument: Argument) -> Int {
    switch argument {
    case .none, .malformed: 0
    case .token(let bytes): SimpleText.number(bytes, limit: secondsMax) ?? 0
    case .string(let bytes):
      SimpleText.number(SimpleText.unquoted(bytes), limit: secondsMax) ?? 0
    }
  }

  /// 5.2.2.4, 5.2.2.7: with a list of names, those fields alone; else the whole answer.
  private mutating func addList(_ name: String, _ argument: Argument) {
    switch argument {
    case .token(let bytes), .string(let bytes): addList(name, bytes)
    case .none, .malformed: flags.insert(name)
    }
  }

  private mutating func addList(_ name: String, _ bytes: [UInt8]) {
    let names = SimpleText.elements(bytes)
    guard !names.isEmpty, names.allSatisfy({ SimpleText.isToken($0) }) else {
      flags.insert(name)
      return
    }
    listed[name, default: []].formUnion(names.map { SimpleText.text($0).lowercased() })
  }

  /// Reads a targeted field; `nil` where it is empty or no Structured Fields dictionary.
  ///
  /// RFC 9213 section 2.1: a member of another type than its directive's is as if absent.
  init?(targeted lines: [String]) {
    guard let members = SimpleDictionary.parse(lines.joined(separator: ", ")), !members.isEmpty
    else { return nil }
    isTargeted = true
    for (key, value) in members {
      switch value {
      case .integer(let number) where SimpleDirectives.lifetimes.contains(key):
        seconds[key] = max(0, min(number, SimpleDirectives.secondsMax))
      case .boolean(true)
      where SimpleDirectives.limits.union(SimpleDirectives.permissions).contains(key):
        flags.insert(key)
      case .string(let text) where key == "private" || key == "no-cache":
        addList(key, text)
      default:
        break
      }
    }
  }
}
