/// A rule that an operator may switch off while the node runs.
public struct RuleValue: Sendable, Equatable {
  /// Its word.
  public let name: String
  /// Whether it holds.
  public let isOn: Bool
  /// Whether an operator switched it off that holds otherwise.
  public let isSwitchedOff: Bool

  /// Notes its state.
  ///
  /// - Parameters:
  ///   - name: Its word.
  ///   - isOn: Whether it holds.
  ///   - isUsual: Whether it holds where no operator has said anything.
  public init(name: String, isOn: Bool, isUsual: Bool = true) {
    self.name = name
    self.isOn = isOn
    isSwitchedOff = isUsual && !isOn
  }
}

/// What is known of an origin's live presentations.
public enum OriginValue: Int, CaseIterable, Sendable {
  /// How many are known.
  case presentations
  /// Those with a playlist that was late when it was asked for last.
  case stale
  /// How far a server is behind the best one at most, in milliseconds.
  case lagMilliseconds
}

/// One reading of all of an origin; what nobody has set is zero.
public struct OriginValues: Sendable, Equatable {
  /// Its name: the label of its metrics.
  public let name: String
  /// The rules that can be switched off.
  public var rules: [RuleValue] = []
  private var values = [UInt64](repeating: 0, count: OriginValue.allCases.count)

  /// A reading in which everything is zero.
  public init(name: String) { self.name = name }

  /// The value, in the unit that `MetricTable` declares.
  public subscript(value: OriginValue) -> UInt64 {
    get { values[value.rawValue] }
    set { values[value.rawValue] = newValue }
  }
}
