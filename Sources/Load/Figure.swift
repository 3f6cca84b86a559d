/// One figure of a report: a name for programs, one for people, and its unit.
public struct Figure: Sendable, Equatable {
  /// What a figure counts.
  public enum Value: Sendable, Equatable {
    /// Things.
    case count(Int)
    /// Time, in nanoseconds.
    case time(UInt64)
    /// A share or a rate, in thousandths.
    case thousandths(UInt64)
    /// There was nothing to measure.
    case unknown
  }

  /// Its key in JSON, with the unit: `latency_p99_ms`.
  public let key: String
  /// Its words in a table.
  public let name: String
  /// What it is.
  public let value: Value
  /// The unit behind a number in a table.
  let unit: String

  init(_ key: String, _ name: String, _ value: Value, _ unit: String = "") {
    self.key = key
    self.name = name
    self.value = value
    self.unit = unit
  }

  /// The figures as a table of two columns.
  public static func table(_ figures: [Figure]) -> String {
    let width = figures.map(\.name.count).max() ?? 0
    return figures.map { figure in
      let pad = String(repeating: " ", count: width - figure.name.count + 2)
      let unit = figure.unit.isEmpty || figure.value == .unknown ? "" : " " + figure.unit
      return figure.name + pad + figure.text + unit + "\n"
    }.joined()
  }

  private var text: String {
    switch value {
    case .count(let number): Figure.grouped(number)
    case .time(let nanoseconds): Figure.decimal(nanoseconds / 1000)
    case .thousandths(let number): Figure.decimal(number)
    case .unknown: "-"
    }
  }

  /// Thousandths with three digits behind the point.
  private static func decimal(_ thousandths: UInt64) -> String {
    let rest = String(thousandths % 1000)
    return grouped(Int(thousandths / 1000)) + "." + String(repeating: "0", count: 3 - rest.count)
      + rest
  }

  /// Digits in threes.
  private static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}

extension [Figure] {
  /// The usual percentiles of some times, under a key and a name.
  static func percentiles(_ key: String, _ name: String, _ times: Latencies) -> [Figure] {
    [
      ("p50", "p50", times.percentile(50)), ("p90", "p90", times.percentile(90)),
      ("p99", "p99", times.percentile(99)), ("p999", "p99.9", times.percentile(99.9)),
      ("max", "max", times.longest), ("mean", "mean", times.mean),
    ].map { (word: String, label: String, time: UInt64) in
      Figure(
        "\(key)_\(word)_ms", "\(name) \(label)", times.count == 0 ? .unknown : .time(time), "ms")
    }
  }
}
