/// One thing that is wrong with a configuration file, for the person who wrote it.
public struct ConfigurationProblem: Error, Equatable, Sendable {
  /// The line, from one; zero when the file as a whole is meant.
  public let line: Int
  /// The key it is about, such as `cache.memory`; empty for the file and for syntax errors.
  public let key: String
  /// What is wrong and what to write instead.
  public let message: String

  /// Notes a problem.
  public init(line: Int, key: String, message: String) {
    self.line = line
    self.key = key
    self.message = message
  }

  /// The line for people: `spillway.toml:12: unknown key …`.
  public func text(file: String) -> String {
    line == 0 ? "\(file): \(message)" : "\(file):\(line): \(message)"
  }
}

/// Everything that is wrong with one configuration file, in the order of its lines.
public struct ConfigurationFailure: Error, Equatable, Sendable {
  /// The problems; at least one.
  public let problems: [ConfigurationProblem]

  /// Sorts `problems` by line; those of one line stay in the order they were found in.
  public init(_ problems: [ConfigurationProblem]) {
    precondition(!problems.isEmpty, "a failure needs a problem")
    let ordered = problems.enumerated().sorted { left, right in
      (left.element.line, left.offset) < (right.element.line, right.offset)
    }
    self.problems = ordered.map(\.element)
  }
}
