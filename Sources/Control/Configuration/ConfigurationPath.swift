/// Where a value is in the configuration: `origin[0].server[1].url`.
public struct ConfigurationPath: Hashable, Sendable {
  /// One step down the tree.
  public enum Step: Hashable, Sendable {
    /// Into the value of this key.
    case key(String)
    /// To the element with this index, from zero.
    case index(Int)
  }

  /// The steps from the root.
  public var steps: [Step]

  /// Makes a path; without steps it is the root.
  public init(_ steps: [Step] = []) { self.steps = steps }

  /// The path of a key below this one.
  public func key(_ name: String) -> ConfigurationPath { ConfigurationPath(steps + [.key(name)]) }

  /// The path of an element of this array.
  public func index(_ index: Int) -> ConfigurationPath {
    ConfigurationPath(steps + [.index(index)])
  }

  /// The path without its last step, or `nil` at the root.
  public var parent: ConfigurationPath? {
    steps.isEmpty ? nil : ConfigurationPath(Array(steps.dropLast()))
  }

  /// The name as the reference documentation writes it: `origin.server.url`.
  ///
  /// Indices are left out: the line of a message tells which one is meant.
  public var name: String {
    var names: [String] = []
    for case .key(let name) in steps { names.append(name) }
    return names.joined(separator: ".")
  }
}
