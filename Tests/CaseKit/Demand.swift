/// What one field must say.
public struct Demand: Sendable {
  /// How it is looked at.
  public enum Test: Sendable, Equatable {
    /// All of its lines, joined by commas, are this.
    case equals(String)
    /// One of its members or parameters is this.
    case has(String)
    /// None of its members or parameters is this.
    case lacks(String)
    /// It is there.
    case present
    /// It is not there.
    case absent
  }

  /// Where it is written.
  public var line: Int
  /// The field's name.
  public var name: String
  /// How it is looked at.
  public var test: Test

  /// A demand on the field `name`.
  public init(line: Int, name: String, test: Test) {
    self.line = line
    self.name = name
    self.test = test
  }

  /// What is wrong with a head, if anything is.
  ///
  /// - Parameters:
  ///   - head: The head as text, its first line included.
  ///   - slack: By how many seconds Age may be more, and `ttl` less, than is written.
  /// - Returns: A sentence; `nil` where nothing is wrong.
  public func complaint(about head: String, slack: Int) -> String? {
    let value = Demand.value(of: name, in: head)
    switch test {
    case .present: return value == nil ? "\(name) is missing" : nil
    case .absent: return value.map { "\(name) is there: \($0)" }
    case .equals(let expected):
      guard let value else { return "\(name) is missing" }
      if name.lowercased() == "age", let seconds = Int(expected), let found = Int(value) {
        let isNear = (seconds...seconds + slack).contains(found)
        return isNear ? nil : "\(name) is \(value), not \(expected)"
      }
      let found = Demand.words(value)
      let wanted = Demand.words(expected)
      let isSame =
        found.count == wanted.count
        && zip(found, wanted).allSatisfy { Demand.matches($0, $1, slack: slack) }
      return value == expected || (name.lowercased() == "cache-status" && isSame)
        ? nil : "\(name) is \(value), not \(expected)"
    case .has(let word):
      guard let value else { return "\(name) is missing" }
      let isThere = Demand.words(value).contains { Demand.matches($0, word, slack: slack) }
      return isThere ? nil : "\(name) has no \(word): \(value)"
    case .lacks(let word):
      let words = value.map { Demand.words($0) } ?? []
      return words.contains { Demand.matches($0, word, slack: 0) }
        ? "\(name) has \(word): \(value ?? "")" : nil
    }
  }

  /// Whether the last member of Cache-Status, the node's own, says that the answer is a hit.
  public static func isHit(_ head: String) -> Bool {
    guard let value = value(of: "Cache-Status", in: head) else { return false }
    let own = value.split(separator: ",").last ?? ""
    return words(String(own)).contains("hit")
  }

  /// All lines of a field, joined by commas; `nil` where there is none.
  public static func value(of name: String, in head: String) -> String? {
    var values: [Substring] = []
    for line in head.split(separator: "\r\n").dropFirst() {
      guard let colon = line.firstIndex(of: ":"),
        line[..<colon].lowercased() == name.lowercased()
      else { continue }
      values.append(line[line.index(after: colon)...].trimmed)
    }
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// The members and parameters of a value.
  private static func words(_ value: String) -> [String] {
    value.split { $0 == "," || $0 == ";" }.map { String($0.trimmed) }
  }

  /// Whether a word is as wanted; `ttl` may be a second less, for it is rounded down.
  private static func matches(_ found: String, _ wanted: String, slack: Int) -> Bool {
    if found == wanted { return true }
    guard found.hasPrefix("ttl="), wanted.hasPrefix("ttl="), let left = Int(found.dropFirst(4)),
      let right = Int(wanted.dropFirst(4))
    else { return false }
    return (right - 1 - slack...right).contains(left)
  }
}

extension Substring {
  /// Without white space around it.
  var trimmed: Substring {
    var text = self
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text.drop { $0 == " " || $0 == "\t" }
  }
}
