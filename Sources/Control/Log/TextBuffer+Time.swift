internal import Bytes

extension TextBuffer {
  /// Appends a wall time as RFC 3339 in UTC with milliseconds: `2026-11-22T21:57:31.123Z`.
  ///
  /// Years before 1970 and after 9999 come out as the nearest end of that range.
  mutating func append(_ time: WallTime) {
    let milliseconds = UInt64(min(max(0, time.milliseconds), 253_402_300_799_999))
    let seconds = milliseconds / 1000
    let date = Self.civil(day: seconds / 86_400)
    append(decimal: date.year, digits: 4)
    append("-")
    append(decimal: date.month, digits: 2)
    append("-")
    append(decimal: date.day, digits: 2)
    append("T")
    append(decimal: seconds / 3600 % 24, digits: 2)
    append(":")
    append(decimal: seconds / 60 % 60, digits: 2)
    append(":")
    append(decimal: seconds % 60, digits: 2)
    append(".")
    append(decimal: milliseconds % 1000, digits: 3)
    append("Z")
  }

  /// The Gregorian date of a day counted from 1970, by Hinnant's `civil_from_days`.
  private static func civil(day: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}
