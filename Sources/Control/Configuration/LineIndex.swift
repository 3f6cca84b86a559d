/// Finds the line of a key in a TOML text, because TOMLKit keeps none.
///
/// It scans text that TOMLKit has accepted and only looks for where things begin; of text that is
/// not TOML it finds some lines and misses others, but always ends.
struct LineIndex {
  private var lines: [ConfigurationPath: Int] = [:]

  /// Scans `text` once.
  init(_ text: String) {
    var scanner = LineScanner(Array(text.utf8))
    scanner.scan()
    lines = scanner.lines
  }

  /// The line, from one, of the key, table header or array element at `path`.
  ///
  /// What is not in the text has the line of the nearest thing around it, at last 1.
  func line(of path: ConfigurationPath) -> Int {
    var path = path
    while true {
      if let line = lines[path] { return line }
      guard let parent = path.parent else { return 1 }
      path = parent
    }
  }
}

/// The scan itself: bytes, a place in them, and what was found so far.
private struct LineScanner {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  private var arrayCounts: [ConfigurationPath: Int] = [:]
  private var table = ConfigurationPath()
  fileprivate private(set) var lines: [ConfigurationPath: Int] = [:]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func scan() {
    while place < bytes.count {
      skipBlank(lineEnds: true)
      let start = place
      switch peek() {
      case nil: return
      case UInt8(ascii: "["): scanHeader()
      default: scanPair(in: table)
      }
      skipRestOfLine()
      if place == start { advance() }
    }
  }

  // MARK: Statements

  private mutating func scanHeader() {
    let headerLine = line
    let isElement = peek(1) == UInt8(ascii: "[")
    advance(isElement ? 2 : 1)
    let names = scanKey()
    guard let last = names.last else { return }
    var path = ConfigurationPath()
    for name in names.dropLast() { path = inside(path.key(name)) }
    path = path.key(last)
    if isElement {
      note(path, headerLine)
      let index = arrayCounts[path, default: 0]
      arrayCounts[path] = index + 1
      path = path.index(index)
    } else {
      path = inside(path)
    }
    lines[path] = headerLine
    table = path
  }

  /// The newest element of an array of tables, or the table itself.
  private func inside(_ path: ConfigurationPath) -> ConfigurationPath {
    arrayCounts[path].map { path.index($0 - 1) } ?? path
  }

  private mutating func scanPair(in table: ConfigurationPath) {
    let keyLine = line
    var path = table
    for name in scanKey() {
      path = path.key(name)
      note(path, keyLine)
    }
    skipBlank(lineEnds: false)
    guard peek() == UInt8(ascii: "=") else { return }
    advance()
    skipBlank(lineEnds: false)
    scanValue(path)
  }

  // MARK: Keys and values

  /// Reads `a.b."c d"`; stops at what belongs to no key.
  private mutating func scanKey() -> [String] {
    var names: [String] = []
    while true {
      skipBlank(lineEnds: false)
      guard let byte = peek() else { return names }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        names.append(scanString())
      } else {
        let start = place
        while let byte = peek(), Self.isBare(byte) { advance() }
        guard place > start else { return names }
        names.append(String(decoding: bytes[start..<place], as: UTF8.self))
      }
      skipBlank(lineEnds: false)
      guard peek() == UInt8(ascii: ".") else { return names }
      advance()
    }
  }

  private mutating func scanValue(_ path: ConfigurationPath) {
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = scanString()
    case UInt8(ascii: "["): scanArray(path)
    case UInt8(ascii: "{"): scanInlineTable(path)
    default:
      while let byte = peek(), !Self.endsScalar(byte) { advance() }
    }
  }

  private mutating func scanArray(_ path: ConfigurationPath) {
    advance()
    var index = 0
    while true {
      skipBlank(lineEnds: true)
      let start = place
      switch peek() {
      case nil: return
      case UInt8(ascii: "]"):
        advance()
        return
      case UInt8(ascii: ","): advance()
      default:
        note(path.index(index), line)
        scanValue(path.index(index))
        index += 1
        if place == start { advance() }
      }
    }
  }

  private mutating func scanInlineTable(_ path: ConfigurationPath) {
    advance()
    while true {
      skipBlank(lineEnds: true)
      let start = place
      switch peek() {
      case nil: return
      case UInt8(ascii: "}"):
        advance()
        return
      case UInt8(ascii: ","): advance()
      default:
        scanPair(in: path)
        if place == start { advance() }
      }
    }
  }

  /// Skips a string of any of the four kinds; its text matters only for keys.
  private mutating func scanString() -> String {
    guard let quote = peek() else { return "" }
    let isLong = peek(1) == quote && peek(2) == quote
    let width = isLong ? 3 : 1
    advance(width)
    let start = place
    while let byte = peek() {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        advance(2)
      } else if byte == quote, !isLong || (peek(1) == quote && peek(2) == quote) {
        var end = place
        // Up to two quotes may stand before the closing three.
        if isLong {
          while peek(3) == quote { advance() }
          end = place
        }
        advance(width)
        return String(decoding: bytes[start..<end], as: UTF8.self)
      } else {
        advance()
      }
    }
    return ""
  }

  // MARK: Places

  private mutating func note(_ path: ConfigurationPath, _ line: Int) {
    if lines[path] == nil { lines[path] = line }
  }

  private func peek(_ ahead: Int = 0) -> UInt8? {
    place + ahead < bytes.count ? bytes[place + ahead] : nil
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where place < bytes.count {
      if bytes[place] == UInt8(ascii: "\n") { line += 1 }
      place += 1
    }
  }

  private mutating func skipBlank(lineEnds: Bool) {
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): advance()
      case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        guard lineEnds else { return }
        advance()
      case UInt8(ascii: "#"):
        guard lineEnds else { return }
        skipRestOfLine()
      default: return
      }
    }
  }

  private mutating func skipRestOfLine() {
    while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"),
      UInt8(ascii: "\n"):
      true
    default: false
    }
  }
}
