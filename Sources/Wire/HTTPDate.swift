/// A date on the wire, in whole seconds (RFC 9110 section 5.6.7).
public struct HTTPDate: Equatable, Comparable, Hashable, Sendable, BitwiseCopyable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public var seconds: Int64

  /// Makes a date from seconds since 1970.
  @inline(__always)
  public init(seconds: Int64) { self.seconds = seconds }

  /// Orders dates.
  @inline(__always)
  public static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.seconds < right.seconds }

  /// Reads a date in any of the three forms that a recipient must accept.
  ///
  /// Names and `GMT` may be in any case, as RFC 9111 section 4.2 wants it of caches; apart from
  /// that every byte must be where the grammar has it, and there is no other zone. A leap second is
  /// the second before it, the nearest time that is not later. The weekday must be one, but need
  /// not be the right one: the RFC doesn't have it compared, and the date is clear without it.
  ///
  /// - Parameters:
  ///   - text: the field value without white space around it.
  ///   - now: the present, in seconds since 1970: a year of two digits (RFC 850) that seems to lie
  ///     more than 50 years ahead of it is the century before.
  public init?(_ text: Span<UInt8>, now: Int64) {
    let fields: Fields? =
      switch text.count {
      case 29: Fields(fixdate: text)
      case 24: Fields(asctime: text)
      case 30...33: Fields(rfc850: text, now: now)
      default: nil
      }
    guard let seconds = fields?.seconds else { return nil }
    self.seconds = seconds
  }
}

extension HTTPDate {
  /// Makes a date from its parts in UTC; `nil` where they are no date.
  ///
  /// A leap second is the second before it.
  public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    guard year >= 0, year <= 9999 else { return nil }
    var fields = Fields()
    (fields.year, fields.month, fields.day) = (year, month, day)
    (fields.hour, fields.minute, fields.second) = (hour, minute, second)
    guard hour >= 0, minute >= 0, second >= 0, let seconds = fields.seconds else { return nil }
    self.seconds = seconds
  }

  /// The parts of the date in UTC; outside the years 0 to 9999 those of the nearest that is inside.
  public var parts: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    let fields = Fields(seconds: seconds)
    return (fields.year, fields.month, fields.day, fields.hour, fields.minute, fields.second)
  }

  /// A date as people write it, in UTC.
  struct Fields: Equatable {
    var year = 0
    /// 1 to 12.
    var month = 0
    var day = 0
    var hour = 0
    var minute = 0
    var second = 0
    /// 0 is Sunday; not looked at by `seconds`.
    var weekday = 0

    init() {}

    /// Seconds since 1970, or `nil` where the fields are no date.
    ///
    /// Days from civil, by Howard Hinnant's algorithm on a year that starts in March.
    var seconds: Int64? {
      guard month >= 1, month <= 12, day >= 1, day <= Fields.days(ofMonth: month, year: year),
        hour < 24, minute < 60, second <= 60
      else { return nil }
      let shifted = month <= 2 ? year &- 1 : year
      let era = (shifted >= 0 ? shifted : shifted &- 399) / 400
      let yearOfEra = shifted &- era &* 400
      let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
      let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
      let days = Int64(era &* 146_097 &+ dayOfEra &- 719_468)
      return days &* 86_400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ min(second, 59))
    }

    /// The fields of a point in time between the years 0 and 9999; others are moved to the nearest.
    init(seconds: Int64) {
      let seconds = max(-62_167_219_200, min(253_402_300_799, seconds))
      let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds &- 86_399) / 86_400)
      let rest = Int(seconds) &- days &* 86_400
      let shifted = days &+ 719_468
      let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
      let dayOfEra = shifted &- era &* 146_097
      let yearOfEra =
        (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
      let shiftedMonth = (5 &* dayOfYear &+ 2) / 153
      day = dayOfYear &- (153 &* shiftedMonth &+ 2) / 5 &+ 1
      month = shiftedMonth < 10 ? shiftedMonth &+ 3 : shiftedMonth &- 9
      year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
      hour = rest / 3600
      minute = rest / 60 % 60
      second = rest % 60
      weekday = ((days &+ 4) % 7 &+ 7) % 7
    }

    static func days(ofMonth month: Int, year: Int) -> Int {
      switch month {
      case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    }
  }
}
