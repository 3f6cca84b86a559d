internal import TOMLKit

/// A parsed TOML value: what is left of TOMLKit's C++ tree once the text is read.
enum TOMLNode {
  case string(String)
  case integer(Int)
  case number
  case boolean(Bool)
  case date
  case array([TOMLNode])
  case table([String: TOMLNode])

  /// The value's type in a sentence: "… not an integer".
  var typeName: String {
    switch self {
    case .string: "a string"
    case .integer: "an integer"
    case .number: "a decimal number"
    case .boolean: "a boolean"
    case .date: "a date or time"
    case .array: "an array"
    case .table: "a table"
    }
  }

  /// Reads a whole document.
  ///
  /// - Returns: the root table.
  /// - Throws: the first syntax error; the text after it cannot be understood.
  static func parse(_ text: String) throws(ConfigurationProblem) -> [String: TOMLNode] {
    do {
      return entries(of: try TOMLTable(string: text))
    } catch {
      guard let parseError = error as? TOMLParseError else {
        throw ConfigurationProblem(line: 0, key: "", message: "not TOML: \(error)")
      }
      throw ConfigurationProblem(
        line: parseError.source.begin.line, key: "",
        message: "not TOML: \(sentence(parseError.description))")
    }
  }

  private static func entries(of table: TOMLTable) -> [String: TOMLNode] {
    var entries: [String: TOMLNode] = [:]
    for key in table.keys { entries[key] = table[key].map(node) }
    return entries
  }

  private static func node(_ value: any TOMLValueConvertible) -> TOMLNode {
    switch value.type {
    case .string: return .string(value.string ?? "")
    case .int: return .integer(value.int ?? 0)
    case .bool: return .boolean(value.bool ?? false)
    case .double: return .number
    case .date, .time, .dateTime: return .date
    case .table: return .table(value.table.map(entries) ?? [:])
    case .array: return .array(value.array.map { array in array.map(node) } ?? [])
    }
  }

  /// The parser's message on one line, without its prefix and final full stop.
  private static func sentence(_ description: String) -> String {
    var text = description.split(whereSeparator: \.isNewline).joined(separator: " ")
    let prefix = "Error while parsing "
    if text.hasPrefix(prefix) { text = "in a " + text.dropFirst(prefix.count) }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
