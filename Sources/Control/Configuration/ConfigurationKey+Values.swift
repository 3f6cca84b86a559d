internal import Bytes
internal import Policy

extension ConfigurationKey {
  /// Reads a value that is written as a string in the file or as text in the key table.
  static func parse(_ text: String, as kind: Kind) -> CheckedValue? {
    switch kind {
    case .text: .text(text)
    case .integer, .integers: Int(text).map(CheckedValue.integer)
    case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    case .duration: Quantity.duration(text).map(CheckedValue.duration)
    case .size: Quantity.size(text).map(CheckedValue.size)
    case .choice(let words): words.contains(text) ? .text(text) : nil
    case .query: text == "all" ? .query(.all) : text == "none" ? .query(.none) : nil
    case .table, .tables, .texts, .words, .headers: nil
    }
  }

  /// A bound of the table as a number to compare with.
  static func amount(_ text: String, as kind: Kind) -> Int64? { parse(text, as: kind)?.amount }
}

extension ConfigurationKey.Kind {
  /// What a value must be: "must be …".
  var expectation: String {
    switch self {
    case .table: "a table"
    case .tables: "an array of tables"
    case .text(let form): "a \(form.name) in quotes"
    case .texts(let form): "an array of strings, each a \(form.name)"
    case .integer: "a whole number without quotes"
    case .integers: "an array of whole numbers without quotes"
    case .boolean: "true or false, without quotes"
    case .duration:
      "a duration in quotes: a whole number and ms, s, m, h or d, such as \"250ms\" or \"12h\""
    case .size:
      "a size in quotes: a whole number and B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, "
        + "such as \"64MiB\""
    case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
    case .words(let words):
      "an array of some of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
    case .query: "\"all\", \"none\" or an array of argument names such as [\"id\"]"
    case .headers: "a table of field names and values such as { X-Key = \"secret\" }"
    }
  }

  /// A value of the key table as it is written in the file.
  func quoted(_ text: String) -> String {
    switch self {
    case .integer, .integers, .boolean, .tables: text
    case .table, .text, .texts, .words, .duration, .size, .choice, .query, .headers: "\"\(text)\""
    }
  }
}

extension CheckedValue {
  /// What bounds are compared with: a count, milliseconds or bytes.
  var amount: Int64? {
    switch self {
    case .integer(let integer): Int64(integer)
    case .duration(let duration): duration.count
    case .size(let bytes): Int64(bytes)
    case .text, .texts, .integers, .boolean, .query, .headers, .table, .tables: nil
    }
  }
}
