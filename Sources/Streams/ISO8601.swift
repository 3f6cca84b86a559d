public import Bytes
internal import Wire

/// Points in time as playlists and manifests write them: `2026-11-25T23:49:13.123+01:00`.
///
/// - Source: ISO 8601-1 §5.4, as RFC 8216bis §4.4.4.6 (EXT-X-PROGRAM-DATE-TIME) and XML Schema
///   Part 2 §3.2.7 (`xs:dateTime`) use it.
public enum ISO8601 {
  /// Reads a date with a time of day; seconds and their decimals may be left out.
  ///
  /// The zone is `Z`, `+hh:mm`, `+hhmm` or `+hh`; a time without one counts as UTC. Decimals are
  /// cut to milliseconds, and a leap second is the second before it.
  ///
  /// - Returns: Unix time; `nil` for what is no point in time between the years 0 and 9999.
  public static func read(_ text: Span<UInt8>) -> Milliseconds? {
    guard text.count >= 16, let year = number(text, 0..<4), text[4] == UInt8(ascii: "-"),
      let month = number(text, 5..<7), text[7] == UInt8(ascii: "-"),
      let day = number(text, 8..<10), lowered(text[10]) == UInt8(ascii: "t") || isBlank(text[10]),
      let hour = number(text, 11..<13), text[13] == UInt8(ascii: ":"),
      let minute = number(text, 14..<16)
    else { return nil }
    var second = 0
    var thousandths: Int64 = 0
    var index = 16
    if text.count >= 19, text[16] == UInt8(ascii: ":") {
      guard let value = number(text, 17..<19) else { return nil }
      second = value
      index = 19
      if index < text.count, text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",") {
        guard let decimals = decimals(text, &index) else { return nil }
        thousandths = decimals
      }
    }
    guard let zone = zone(text.from(index)),
      let date = HTTPDate(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    return Milliseconds(date.seconds * 1000 + thousandths - Int64(zone) * 60_000)
  }

  /// Writes a Unix time in UTC with milliseconds: `2026-11-25T23:49:13.123Z`.
  ///
  /// Times outside the years 0 to 9999 are moved to the nearest.
  static func text(_ time: Milliseconds) -> [UInt8] {
    let wall = WallTime(milliseconds: time.count)
    let parts = HTTPDate(seconds: wall.seconds).parts
    let thousandths = Int(((time.count % 1000) + 1000) % 1000)
    let numbers = [
      (parts.year, 4, "-"), (parts.month, 2, "-"), (parts.day, 2, "T"), (parts.hour, 2, ":"),
      (parts.minute, 2, ":"), (parts.second, 2, "."), (thousandths, 3, "Z"),
    ]
    var text: [UInt8] = []
    for (number, digits, end) in numbers {
      let spelled = "\(number)".utf8
      text += repeatElement(UInt8(ascii: "0"), count: max(0, digits - spelled.count))
      text += spelled
      text += end.utf8
    }
    return text
  }

  /// The number of a few digits.
  private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var value = 0
    for index in range {
      guard text[index].isDigit else { return nil }
      value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
    }
    return value
  }

  /// The thousandths behind the point at `index`, which moves behind the last digit.
  private static func decimals(_ text: Span<UInt8>, _ index: inout Int) -> Int64? {
    var value: Int64 = 0
    var weight: Int64 = 100
    let start = index + 1
    index = start
    while index < text.count, text[index].isDigit {
      value += Int64(text[index] - UInt8(ascii: "0")) * weight
      weight /= 10
      index += 1
    }
    return index > start ? value : nil
  }

  /// The minutes that a zone is ahead of UTC.
  private static func zone(_ text: Span<UInt8>) -> Int? {
    if text.isEmpty || text.equals(anyCaseOf: "z") { return 0 }
    let isAhead = text[0] == UInt8(ascii: "+")
    guard isAhead || text[0] == UInt8(ascii: "-"), text.count >= 3, text.count <= 6,
      let hours = number(text, 1..<3), hours < 24
    else { return nil }
    var minutes = 0
    if text.count > 3 {
      let start = text[3] == UInt8(ascii: ":") ? 4 : 3
      guard text.count == start + 2, let value = number(text, start..<text.count), value < 60 else {
        return nil
      }
      minutes = value
    }
    let ahead = hours * 60 + minutes
    return isAhead ? ahead : -ahead
  }
}
