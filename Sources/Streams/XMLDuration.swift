public import Bytes

/// Lengths of time as XML writes them: `PT1H2M3.5S`.
///
/// - Source: XML Schema Part 2 §3.2.6, `xs:duration`.
public enum XMLDuration {
  private static let day: Int64 = 86_400_000

  /// Reads a duration; a year counts 365 days and a month 30.
  ///
  /// - Parameters:
  ///   - text: The duration without white space around it.
  ///   - longest: What a longer one counts as.
  /// - Returns: `nil` for what is none and for a negative one.
  public static func read(
    _ text: Span<UInt8>, atMost longest: Milliseconds = StreamsLimits.durationMax
  ) -> Milliseconds? {
    guard text.count >= 3, text[0] == UInt8(ascii: "P") else { return nil }
    var total: Int64 = 0
    var rank = 0
    var isTime = false
    var start = 1
    for index in 1..<text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "T") {
        guard !isTime, start == index, index + 1 < text.count else { return nil }
        isTime = true
        start = index + 1
        continue
      }
      if byte == UInt8(ascii: ".") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) {
        continue
      }
      guard let unit = unit(byte, isTime: isTime), unit.rank > rank,
        let length = length(
          text.extracting(start..<index), unit.milliseconds, atMost: longest.count)
      else { return nil }
      rank = unit.rank
      total = min(total + length, longest.count)
      start = index + 1
    }
    guard rank > 0, start == text.count else { return nil }
    return Milliseconds(total)
  }

  /// Writes a duration that is not negative, in seconds: `PT12.345S`.
  static func text(_ duration: Milliseconds) -> [UInt8] {
    let count = max(0, duration.count)
    let thousandths = "\(1000 + count % 1000)".utf8.dropFirst()
    return Array("PT\(count / 1000).".utf8) + thousandths + [UInt8(ascii: "S")]
  }

  /// A unit's length, and its place in the order that units must come in.
  private static func unit(_ letter: UInt8, isTime: Bool) -> (rank: Int, milliseconds: Int64)? {
    switch (letter, isTime) {
    case (UInt8(ascii: "Y"), false): (1, 365 * day)
    case (UInt8(ascii: "M"), false): (2, 30 * day)
    case (UInt8(ascii: "D"), false): (3, day)
    case (UInt8(ascii: "H"), true): (4, 3_600_000)
    case (UInt8(ascii: "M"), true): (5, 60_000)
    case (UInt8(ascii: "S"), true): (6, 1000)
    default: nil
    }
  }

  /// Only seconds have decimals; too many units are cut to the longest duration.
  private static func length(_ digits: Span<UInt8>, _ unit: Int64, atMost longest: Int64) -> Int64?
  {
    if unit == 1000 { return digits.thousandths().map { min($0, longest) } }
    guard let count = digits.wholeNumber() else { return nil }
    let (product, overflowed) = count.multipliedReportingOverflow(by: UInt64(unit))
    return overflowed || product > UInt64(longest) ? longest : Int64(product)
  }
}
