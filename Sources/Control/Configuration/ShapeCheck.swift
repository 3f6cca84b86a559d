internal import Policy

/// Checks a parsed file against the key table: which keys, of which type, form and range.
///
/// It notes every mistake and goes on.
struct ShapeCheck {
  /// What was found so far.
  private(set) var problems: [ConfigurationProblem] = []
  private let lines: LineIndex

  /// Prepares a check that finds its lines in `lines`.
  init(lines: LineIndex) { self.lines = lines }

  /// Checks the whole file from its root table.
  mutating func check(root: [String: TOMLNode]) -> CheckedTable {
    check(root, declared: "", at: ConfigurationPath())
  }

  /// Notes a mistake at a place: "`key` message".
  mutating func note(_ path: ConfigurationPath, _ message: String) {
    problems.append(
      ConfigurationProblem(
        line: lines.line(of: path), key: path.name, message: "`\(path.name)` \(message)"))
  }

  /// The line of a place, for messages that name another one.
  func line(of path: ConfigurationPath) -> Int { lines.line(of: path) }

  // MARK: Tables

  private mutating func check(
    _ entries: [String: TOMLNode], declared tablePath: String, at path: ConfigurationPath
  ) -> CheckedTable {
    var table = CheckedTable(path: path)
    let keys = ConfigurationKey.all.filter { $0.tablePath == tablePath }
    for name in entries.keys.sorted() where !keys.contains(where: { $0.lastName == name }) {
      guard let node = entries[name] else { continue }
      refuse(name, node, declared: tablePath, at: path.key(name))
    }
    for key in keys {
      let name = key.lastName
      if let node = entries[name] {
        table.written.insert(name)
        table.values[name] = value(node, of: key, at: path.key(name))
      } else {
        table.values[name] = fallback(of: key, at: path.key(name))
      }
    }
    return table
  }

  private mutating func fallback(
    of key: ConfigurationKey, at path: ConfigurationPath
  ) -> CheckedValue? {
    switch (key.kind, key.fallback) {
    case (_, .required(let example)):
      let place = path.parent ?? path
      let line = place.steps.isEmpty ? 0 : lines.line(of: place)
      problems.append(
        ConfigurationProblem(
          line: line, key: path.name,
          message: "`\(path.name)` is missing; write \(example)"))
      return nil
    case (.table, _): return .table(check([:], declared: key.path, at: path))
    case (_, .value(let text)): return ConfigurationKey.parse(text, as: key.kind)
    case (_, .computed), (_, .absent): return nil
    }
  }

  // MARK: What is not declared

  private mutating func refuse(
    _ name: String, _ node: TOMLNode, declared tablePath: String, at path: ConfigurationPath
  ) {
    let declared = tablePath.isEmpty ? name : "\(tablePath).\(name)"
    if ConfigurationKey.unsupported.contains(declared) {
      note(path, "is not supported by this version; remove it")
      return
    }
    if case .table(let entries) = node, !entries.isEmpty {
      for key in entries.keys.sorted() {
        guard let inner = entries[key] else { continue }
        refuse(key, inner, declared: declared, at: path.key(key))
      }
      return
    }
    if case .array(let elements) = node, let first = elements.first, case .table = first {
      for (index, element) in elements.enumerated() {
        refuseElement(element, declared: declared, at: path.index(index))
      }
      return
    }
    let full = path.name
    var message = "unknown key `\(full)`"
    if let nearest = Self.nearest(to: full) { message += "; did you mean `\(nearest)`?" }
    problems.append(
      ConfigurationProblem(line: lines.line(of: path), key: full, message: message))
  }

  private mutating func refuseElement(
    _ element: TOMLNode, declared: String, at path: ConfigurationPath
  ) {
    guard case .table(let entries) = element else { return }
    for key in entries.keys.sorted() {
      guard let inner = entries[key] else { continue }
      refuse(key, inner, declared: "\(declared)[]", at: path.key(key))
    }
  }

  /// The key that was probably meant: one of the same table, of a table with nearly the same name,
  /// or one with the same name in another table.
  private static func nearest(to name: String) -> String? {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    let table = String(name.dropLast(last.count))
    let siblings = ConfigurationKey.all.filter { table + $0.lastName == $0.name }
    if let sibling = NearestName.find(last, among: siblings.map(\.lastName)) {
      return table + sibling
    }
    let others = ConfigurationKey.all.map(\.name).filter { other in
      !name.hasPrefix(other + ".") && !siblings.contains { $0.name == other }
    }
    if let other = NearestName.find(name, among: others) { return other }
    return ConfigurationKey.all.first { $0.lastName == last }?.name
  }

  // MARK: Values

  private mutating func value(
    _ node: TOMLNode, of key: ConfigurationKey, at path: ConfigurationPath
  ) -> CheckedValue? {
    switch (key.kind, node) {
    case (.table, .table(let entries)):
      return .table(check(entries, declared: key.path, at: path))
    case (.tables, .array(let elements)): return tables(elements, of: key, at: path)
    case (.texts(let form), .array(let elements)):
      return texts(elements, form: form, at: path).map(CheckedValue.texts)
    case (.words(let words), .array(let elements)):
      return texts(elements, form: .word(words), at: path).map(CheckedValue.texts)
    case (.query, .array(let elements)):
      return queryNames(elements, at: path).map { .query(.only($0)) }
    case (.headers, .table(let entries)):
      return HeaderCheck.check(entries, at: path, &self).map(CheckedValue.headers)
    case (.boolean, .boolean(let boolean)): return .boolean(boolean)
    case (.integer, .integer(let integer)):
      return ranged(.integer(integer), "\(integer)", of: key, at: path)
    case (.integers, .array(let elements)): return integers(elements, of: key, at: path)
    case (.text(let form), .string(let text)):
      if let mistake = form.mistake(in: text) {
        note(path, "= \"\(text)\" \(mistake)")
        return nil
      }
      return .text(text)
    case (.duration, .string(let text)), (.size, .string(let text)),
      (.choice, .string(let text)), (.query, .string(let text)):
      guard let value = ConfigurationKey.parse(text, as: key.kind) else {
        note(path, "= \"\(text)\" must be \(key.kind.expectation)")
        return nil
      }
      return ranged(value, "\"\(text)\"", of: key, at: path)
    default:
      note(path, "must be \(key.kind.expectation), not \(node.typeName)")
      return nil
    }
  }

  private mutating func ranged(
    _ value: CheckedValue, _ text: String, of key: ConfigurationKey, at path: ConfigurationPath
  ) -> CheckedValue? {
    if let minimum = key.minimum, let least = ConfigurationKey.amount(minimum, as: key.kind),
      let amount = value.amount, amount < least
    {
      note(path, "= \(text) is too small; the least is \(key.kind.quoted(minimum))")
      return nil
    }
    if let maximum = key.maximum, let greatest = ConfigurationKey.amount(maximum, as: key.kind),
      let amount = value.amount, amount > greatest
    {
      note(path, "= \(text) is too large; the greatest is \(key.kind.quoted(maximum))")
      return nil
    }
    return value
  }

  private mutating func tables(
    _ elements: [TOMLNode], of key: ConfigurationKey, at path: ConfigurationPath
  ) -> CheckedValue? {
    if case .required(let example) = key.fallback, elements.isEmpty {
      note(path, "must not be empty; write \(example)")
      return nil
    }
    if let maximum = key.maximum.flatMap({ Int($0) }), elements.count > maximum {
      note(path, "has \(elements.count) entries; at most \(maximum) are supported")
      return nil
    }
    var tables: [CheckedTable] = []
    for (index, element) in elements.enumerated() {
      guard case .table(let entries) = element else {
        note(path.index(index), "must hold tables, not \(element.typeName)")
        continue
      }
      tables.append(check(entries, declared: key.path, at: path.index(index)))
    }
    return .tables(tables)
  }

  private mutating func texts(
    _ elements: [TOMLNode], form: TextForm, at path: ConfigurationPath
  ) -> [String]? {
    guard !elements.isEmpty else {
      note(path, "must not be empty")
      return nil
    }
    var texts: [String] = []
    for (index, element) in elements.enumerated() {
      guard case .string(let text) = element else {
        note(path.index(index), "must hold strings, not \(element.typeName)")
        continue
      }
      if let mistake = form.mistake(in: text) {
        note(path.index(index), "= [\"\(text)\"] \(mistake)")
        continue
      }
      texts.append(text)
    }
    return texts.count == elements.count ? texts : nil
  }

  private mutating func integers(
    _ elements: [TOMLNode], of key: ConfigurationKey, at path: ConfigurationPath
  ) -> CheckedValue? {
    guard !elements.isEmpty else {
      note(path, "must not be empty")
      return nil
    }
    var integers: [Int] = []
    for (index, element) in elements.enumerated() {
      guard case .integer(let integer) = element else {
        note(path.index(index), "must hold whole numbers, not \(element.typeName)")
        continue
      }
      if ranged(.integer(integer), "[\(integer)]", of: key, at: path.index(index)) != nil {
        integers.append(integer)
      }
    }
    return integers.count == elements.count ? .integers(integers) : nil
  }

  private mutating func queryNames(
    _ elements: [TOMLNode], at path: ConfigurationPath
  ) -> [String]? {
    var names: [String] = []
    for (index, element) in elements.enumerated() {
      guard case .string(let name) = element else {
        note(path.index(index), "must hold strings, not \(element.typeName)")
        return nil
      }
      if let mistake = QueryName.mistake(in: name, after: names) {
        note(path.index(index), "= [\"\(name)\"] \(mistake)")
        return nil
      }
      names.append(name)
    }
    if let mistake = QueryName.mistake(inCount: names.count) {
      note(path, mistake)
      return nil
    }
    return names
  }
}
