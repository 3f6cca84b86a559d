/// Replaces what isn't code with spaces, line by line; columns stay where they are.
///
/// Knows line and block comments, string literals of one and of many lines, `#` around them, and
/// raw identifiers. Code inside an interpolation is blanked too: rules look at statements.
struct Blanker {
  private enum State: Equatable {
    case code
    case comment(depth: Int)
    case text(hashes: Int, manyLines: Bool)
    case rawIdentifier
  }

  private var state = State.code

  /// The bytes of `text` as code, carrying comments and long strings over to the next line.
  mutating func blank(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var code = [UInt8](repeating: UInt8(ascii: " "), count: bytes.count)
    var index = 0
    while index < bytes.count {
      let used: Int
      switch state {
      case .code:
        used = readCode(bytes, at: index, into: &code)
      case .comment(let depth):
        used = readComment(bytes, at: index, depth: depth)
      case .text(let hashes, let manyLines):
        used = readText(bytes, at: index, hashes: hashes, manyLines: manyLines)
      case .rawIdentifier:
        if bytes[index] == UInt8(ascii: "`") { state = .code }
        used = 1
      }
      index += used
    }
    if case .text(_, manyLines: false) = state { state = .code }
    if state == .rawIdentifier { state = .code }
    return code
  }

  private mutating func readCode(_ bytes: [UInt8], at index: Int, into code: inout [UInt8]) -> Int {
    if bytes.has("//", at: index) { return bytes.count - index }
    if bytes.has("/*", at: index) {
      state = .comment(depth: 1)
      return 2
    }
    if bytes[index] == UInt8(ascii: "`") {
      state = .rawIdentifier
      return 1
    }
    var hashes = 0
    while bytes.has("#", at: index + hashes) { hashes += 1 }
    if bytes.has("\"\"\"", at: index + hashes) {
      state = .text(hashes: hashes, manyLines: true)
      return hashes + 3
    }
    if bytes.has("\"", at: index + hashes) {
      state = .text(hashes: hashes, manyLines: false)
      return hashes + 1
    }
    code[index] = bytes[index]
    return 1
  }

  private mutating func readComment(_ bytes: [UInt8], at index: Int, depth: Int) -> Int {
    if bytes.has("*/", at: index) {
      state = depth == 1 ? .code : .comment(depth: depth - 1)
      return 2
    }
    if bytes.has("/*", at: index) {
      state = .comment(depth: depth + 1)
      return 2
    }
    return 1
  }

  private mutating func readText(
    _ bytes: [UInt8], at index: Int, hashes: Int, manyLines: Bool
  ) -> Int {
    let quotes = manyLines ? "\"\"\"" : "\""
    let hashMarks = String(repeating: "#", count: hashes)
    if bytes.has("\\" + hashMarks, at: index) { return hashes + 2 }
    if bytes.has(quotes + hashMarks, at: index) {
      state = .code
      return quotes.utf8.count + hashes
    }
    return 1
  }
}

extension [UInt8] {
  /// Whether `text` stands at `index`.
  func has(_ text: String, at index: Int) -> Bool {
    var index = index
    for byte in text.utf8 {
      guard index < count, self[index] == byte else { return false }
      index += 1
    }
    return true
  }

  /// Where `text` stands first, from `start` on.
  func find(_ text: String, from start: Int = 0) -> Int? {
    let needle = Array(text.utf8)
    guard let first = needle.first, count >= needle.count, start <= count - needle.count else {
      return nil
    }
    for index in start...(count - needle.count) where self[index] == first {
      if has(text, at: index) { return index }
    }
    return nil
  }
}

extension String {
  /// The UTF-8 offset at which `text` stands first.
  func find(_ text: String) -> Int? { Array(utf8).find(text) }
}
