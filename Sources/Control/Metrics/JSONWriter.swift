/// Writes JSON objects to a buffer: as much of JSON as reports need.
public struct JSONWriter: ~Copyable {
  /// Begins a text.
  public init() {}

  private var text = TextBuffer(capacity: 4096)
  private var needsComma = false

  /// The text, once the outermost object is closed.
  public consuming func finish() -> String {
    text.append("\n")
    return text.string
  }

  /// Writes an object; the outermost one has no key.
  public mutating func object(_ key: String? = nil, _ members: (inout JSONWriter) -> Void) {
    start(key)
    text.append("{")
    needsComma = false
    members(&self)
    text.append("}")
    needsComma = true
  }

  /// Writes an array of objects.
  public mutating func array(_ key: String, _ elements: (inout JSONWriter) -> Void) {
    start(key)
    text.append("[")
    needsComma = false
    elements(&self)
    text.append("]")
    needsComma = true
  }

  /// Writes a number.
  public mutating func member(_ key: String, _ value: UInt64) {
    start(key)
    text.append(decimal: value)
    needsComma = true
  }

  /// Writes a truth value.
  public mutating func member(_ key: String, _ value: Bool) {
    start(key)
    text.append(value ? "true" : "false")
    needsComma = true
  }

  /// Writes a number given in thousandths.
  public mutating func member(_ key: String, thousandths value: UInt64) {
    start(key)
    text.append(thousandths: value)
    needsComma = true
  }

  /// Writes a text.
  public mutating func member(_ key: String, _ value: String) {
    start(key)
    text.append("\"")
    text.append(escapingText: value)
    text.append("\"")
    needsComma = true
  }

  /// Writes that nothing is known.
  public mutating func memberNull(_ key: String) {
    start(key)
    text.append("null")
    needsComma = true
  }

  private mutating func start(_ key: String?) {
    if needsComma { text.append(",") }
    guard let key else { return }
    text.append("\"")
    text.append(escapingText: key)
    text.append("\":")
  }
}
