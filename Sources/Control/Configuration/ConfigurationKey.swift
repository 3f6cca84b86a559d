/// One key of the configuration file, declared once.
///
/// Validation, defaults and the reference documentation are produced from `ConfigurationKey.all`.
struct ConfigurationKey: Sendable {
  /// What a value must look like.
  enum Kind: Equatable, Sendable {
    /// `[name]`
    case table
    /// `[[name]]` or an array of inline tables; at least one where required, at most `maximum`.
    case tables
    /// Free text that satisfies a form.
    case text(TextForm)
    /// An array of such texts.
    case texts(TextForm)
    /// A whole number.
    case integer
    /// An array of whole numbers.
    case integers
    /// `true` or `false`.
    case boolean
    /// `"250ms"`
    case duration
    /// `"64MiB"`
    case size
    /// One of these words.
    case choice([String])
    /// An array of some of these words.
    case words([String])
    /// `"all"`, `"none"` or an array of argument names.
    case query
    /// A table of field names and values.
    case headers
  }

  /// What holds where the key is not written.
  enum Fallback: Equatable, Sendable {
    /// Its absence is an error; the text shows what to write.
    case required(example: String)
    /// This value, written as in the file without quotes.
    case value(String)
    /// A value that the node finds out; said in words.
    case computed(String)
    /// No value; what that means in words.
    case absent(String)
  }

  /// The dotted name with `[]` after each array of tables: `origin[].server[].url`.
  let path: String
  /// What the value must look like.
  let kind: Kind
  /// What holds where it is not written.
  let fallback: Fallback
  /// The least value, written as in the file.
  let minimum: String?
  /// The greatest value; for arrays of tables the greatest number of them.
  let maximum: String?
  /// What the key does, in one sentence.
  let sentence: String

  init(
    _ path: String, _ kind: Kind, _ fallback: Fallback, from minimum: String? = nil,
    to maximum: String? = nil, _ sentence: String
  ) {
    self.path = path
    self.kind = kind
    self.fallback = fallback
    self.minimum = minimum
    self.maximum = maximum
    self.sentence = sentence
  }

  /// The name in messages: `origin.server.url`.
  var name: String { Self.name(ofPath: path) }

  /// The path of the table that the key stands in, empty for the root: `origin[].server[]`.
  var tablePath: String {
    guard let dot = path.lastIndex(of: ".") else { return "" }
    return String(path[..<dot])
  }

  /// The key alone, without its table: `url`.
  var lastName: String {
    Self.name(
      ofPath: path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path)
  }

  private static func name(ofPath path: String) -> String {
    path.split(separator: "[]").joined()
  }
}
