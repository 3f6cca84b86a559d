/// What `spillway check` says about a file.
public struct ConfigurationVerdict {
  /// The file that was looked at.
  public let file: String
  /// The configuration, or what is wrong with it.
  public let outcome: Result<Configuration, ConfigurationFailure>

  /// Reads and decodes a file.
  public init(file: String) {
    self.file = file
    outcome = Result { () throws(ConfigurationFailure) in try Configuration.load(file: file) }
  }

  /// Whether the file is sound.
  public var isSound: Bool {
    if case .success = outcome { return true }
    return false
  }

  /// For people: one line, or one per mistake.
  public var text: String {
    switch outcome {
    case .success(let configuration): "\(file): ok (\(configuration.summary))\n"
    case .failure(let failure):
      failure.problems.map { $0.text(file: file) + "\n" }.joined()
    }
  }

  /// For programs: one JSON object on one line, with an array of the problems.
  public var json: String {
    var writer = JSONWriter()
    var problems: [ConfigurationProblem] = []
    writer.object { verdict in
      verdict.member("file", file)
      switch outcome {
      case .success(let configuration):
        verdict.member("sites", UInt64(configuration.sites.count))
        verdict.member("origins", UInt64(configuration.origins.count))
        verdict.member("rules", UInt64(configuration.ruleCount))
      case .failure(let failure):
        problems = failure.problems
      }
    }
    let elements = problems.map(Self.json).joined(separator: ",")
    return writer.finish().dropLast("}\n".count) + ",\"problems\":[\(elements)]}\n"
  }

  private static func json(_ problem: ConfigurationProblem) -> String {
    var writer = JSONWriter()
    writer.object { members in
      members.member("line", UInt64(problem.line))
      members.member("key", problem.key)
      members.member("message", problem.message)
    }
    return String(writer.finish().dropLast())
  }
}
