internal import Bytes
internal import Glibc

/// A mistake in a case file.
public struct CaseError: Error, CustomStringConvertible, Sendable {
  /// `freshness.cases:12: what is wrong`.
  public let description: String

  init(_ file: String, _ line: Int, _ message: String) {
    description = "\(file):\(line): \(message)"
  }
}

/// Reads the case files: line by line, each line by its first word.
public struct CaseReader {
  private let file: String
  private var number = 0
  private var cases: [Case] = []
  private var current: Case?
  private var table: Table?
  private var exchange: Exchange?

  /// A table's heading and what holds for all its rows.
  private struct Table {
    var heading: Case
    var settings = Row()
    var isAboutRequests: Bool
  }

  private init(file: String) { self.file = file }

  /// The names of the case files, in order; none where there is no such folder.
  public static var files: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".cases") { names.append(name) }
    }
    return names.sorted()
  }

  /// All cases of one file.
  public static func read(file: String) throws(CaseError) -> [Case] {
    try read(text(of: file), file: file)
  }

  /// All cases, by file name.
  public static func readAll() throws(CaseError) -> [Case] {
    var cases: [Case] = []
    for name in files { cases += try read(file: name) }
    return cases
  }

  /// Where the case files are.
  public static var path: String {
    if let chosen = getenv("SPILLWAY_CASES") { return String(cString: chosen) }
    return #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/Cases"
  }

  /// The cases of one text.
  public static func read(_ text: String, file: String) throws(CaseError) -> [Case] {
    var reader = CaseReader(file: file)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      reader.number += 1
      try reader.take(line)
    }
    try reader.endCase()
    return reader.cases
  }

  private static func text(of name: String) throws(CaseError) -> String {
    guard let stream = fopen("\(path)/\(name)", "r") else { throw CaseError(name, 0, "unreadable") }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      bytes += chunk[..<count]
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CaseError(name, 0, "is no UTF-8")
    }
    return text
  }

  private func error(_ message: String) -> CaseError { CaseError(file, number, message) }

  private mutating func take(_ line: Substring) throws(CaseError) {
    let text = line.trimmed
    if text.isEmpty || text.hasPrefix("#") { return }
    if !line.hasPrefix(" ") { return try begin(text) }
    if table != nil, text.lastRange(of: "=>") != nil { return try row(text) }
    if try setting(text) { return }
    if table != nil { throw error("a row needs `=>` and what follows from it") }
    guard current != nil else { throw error("belongs to no case") }
    try step(text)
  }

  private mutating func begin(_ text: Substring) throws(CaseError) {
    try endCase()
    let word = text.prefix { $0 != " " }
    var rest = text.dropFirst(word.count).trimmed
    guard rest.hasSuffix("]"), let open = rest.lastIndex(of: "[") else {
      throw error("ends with no section, such as [RFC 9111 4.2]")
    }
    var heading = Case()
    heading.file = file
    heading.line = number
    heading.section = String(rest[rest.index(after: open)...].dropLast())
    rest = rest[..<open].trimmed
    heading.sentence = String(rest)
    switch word {
    case "case": current = heading
    case "table": table = Table(heading: heading, isAboutRequests: false)
    case "requests": table = Table(heading: heading, isAboutRequests: true)
    default: throw error("`\(word)` begins nothing: write case, table or requests")
    }
  }

  private mutating func endCase() throws(CaseError) {
    try endExchange()
    table = nil
    guard var done = current else { return }
    current = nil
    guard !done.steps.isEmpty else { throw error("the case above has no steps") }
    done.realSteps = done.steps
    cases.append(done)
  }

  /// What holds for a whole case or table.
  private mutating func setting(_ text: Substring) throws(CaseError) -> Bool {
    let word = text.prefix { $0 != " " }
    let rest = text.dropFirst(word.count).trimmed
    var heading = table?.heading ?? current ?? Case()
    switch word {
    case "rule": heading.rules.append(String(rest))
    case "pending": heading.pending = String(rest)
    case "virtual": heading.isVirtualOnly = true
    case "path": table?.settings.target = String(rest)
    case "with":
      guard var settings = table?.settings else { throw error("`with` belongs to a table") }
      for item in items(rest) { try RowItem.add(item, to: &settings, isRequest: false, error) }
      table?.settings = settings
    default: return false
    }
    if table != nil { table?.heading = heading } else { current = heading }
    return true
  }

  private func items(_ text: Substring) -> [Substring] {
    var items: [Substring] = []
    var rest = text
    while let place = rest.firstRange(of: " | ") {
      items.append(rest[..<place.lowerBound].trimmed)
      rest = rest[place.upperBound...]
    }
    return items + [rest.trimmed]
  }

  private mutating func row(_ text: Substring) throws(CaseError) {
    guard let table, let arrow = text.lastRange(of: "=>") else { return }
    var result = table.heading
    var row = table.settings
    result.line = number
    var verdict = text[arrow.upperBound...].trimmed
    if let place = verdict.firstRange(of: " -- ") { verdict = verdict[..<place.lowerBound].trimmed }
    if verdict.hasSuffix("]"), let open = verdict.lastIndex(of: "[") {
      result.section = String(verdict[verdict.index(after: open)...].dropLast())
      verdict = verdict[..<open].trimmed
    }
    for item in items(text[..<arrow.lowerBound].trimmed) where !item.isEmpty {
      if item.hasPrefix("pending ") {
        result.pending = String(item.dropFirst(8))
        continue
      }
      try RowItem.add(item, to: &row, isRequest: table.isAboutRequests, error)
    }
    row.verdict = try RowItem.verdict(verdict, error)
    result.sentence += ": \(text[..<arrow.lowerBound].trimmed) => \(verdict)"
    result.row = row
    result.steps = RowSteps(row: row, line: number, isReal: false).steps
    result.realSteps = RowSteps(row: row, line: number, isReal: true).steps
    cases.append(result)
  }

  private mutating func step(_ text: Substring) throws(CaseError) {
    let word = text.prefix { $0 != " " }
    let rest = text.dropFirst(word.count).trimmed
    switch word {
    case ">":
      if RowItem.isField(rest) || rest.hasPrefix("body ") {
        guard exchange != nil else { throw error("no request begins above") }
        if rest.hasPrefix("body ") {
          exchange?.body = RowItem.unescaped(rest.dropFirst(5))
        } else {
          exchange?.fields.append(RowItem.unescaped(rest))
        }
      } else {
        try endExchange()
        exchange = try StepLine.request(rest, line: number, error)
      }
    case "<<", ">>", "<":
      guard var changed = exchange else { throw error("no request begins above") }
      switch word {
      case "<<": try StepLine.answer(rest, line: number, &changed, error)
      case ">>": try StepLine.seen(rest, line: number, &changed, error)
      default: try StepLine.viewer(rest, line: number, &changed, error)
      }
      exchange = changed
    case "wait":
      try endExchange()
      guard let length = RelativeDate.milliseconds(rest) else { throw error("no length of time") }
      current?.steps.append(.wait(Milliseconds(length)))
    case "purge":
      try endExchange()
      current?.steps.append(.purge(rest.split(separator: " ").map(String.init), line: number))
    default: throw error("`\(word)` is no step")
    }
  }

  private mutating func endExchange() throws(CaseError) {
    guard let done = exchange else { return }
    exchange = nil
    guard done.status != 0 || done.isCut else {
      throw CaseError(file, done.line, "the request expects no status: write `< 200 hit`")
    }
    current?.steps.append(.exchange(done))
  }
}
