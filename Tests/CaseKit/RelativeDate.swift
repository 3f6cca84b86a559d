internal import Glibc

/// Dates of the case tables that are written as `now`, `now+60s`, `now-10d`.
public enum RelativeDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let longDays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A field line with its relative date, if it has one, written out.
  ///
  /// - Parameters:
  ///   - field: `Name: value`.
  ///   - now: The present in seconds since 1970.
  /// - Returns: The line, changed or as it was.
  public static func resolve(_ field: String, now: Int64) -> String {
    guard let colon = field.firstIndex(of: ":") else { return field }
    let words = field[field.index(after: colon)...].split(separator: " ")
    guard let first = words.first, first.hasPrefix("now") else { return field }
    let form = words.count == 3 && words[1] == "as" ? words[2] : "imf"
    guard words.count == 1 || words.count == 3, let offset = seconds(first.dropFirst(3)) else {
      return field
    }
    return field[...colon] + " " + text(now + offset, form: String(form))
  }

  /// Whether the field's value is a relative date.
  public static func isRelative(_ field: String) -> Bool { resolve(field, now: 0) != field }

  /// A length of time as it is written: `250ms`, `2s`, `5m`, `1h`, `10d`.
  static func milliseconds(_ text: some StringProtocol) -> Int64? {
    let units: [(String, Int64)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    for (unit, length) in units where text.hasSuffix(unit) {
      if let number = Int64(text.dropLast(unit.count)) { return number * length }
    }
    return nil
  }

  private static func seconds(_ text: Substring) -> Int64? {
    guard let sign = text.first else { return 0 }
    guard sign == "+" || sign == "-", let length = milliseconds(text.dropFirst()) else {
      return nil
    }
    return (sign == "-" ? -length : length) / 1000
  }

  private static func text(_ seconds: Int64, form: String) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let weekday = Int(parts.tm_wday)
    let month = months[Int(parts.tm_mon)]
    let day = Int(parts.tm_mday)
    let year = Int(parts.tm_year) + 1900
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { two(Int($0)) }
      .joined(separator: ":")
    switch form {
    case "rfc850":
      return "\(longDays[weekday]), \(two(day))-\(month)-\(two(year % 100)) \(clock) GMT"
    case "asctime":
      return "\(days[weekday]) \(month) \(day < 10 ? " " : "")\(day) \(clock) \(year)"
    default: return "\(days[weekday]), \(two(day)) \(month) \(year) \(clock) GMT"
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
