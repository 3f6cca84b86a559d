// The second implementation reads fields as arrays of bytes and builds strings of them: slow, and
// each function is one rule of a grammar.

/// One field line; its name is in lower case.
package struct SimpleLine: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    (self.name, self.value) = (
      name.lowercased(), SimpleText.text(SimpleText.trimmed(Array(value.utf8)))
    )
  }
}

/// Text by the rules of RFC 9110 section 5.6.
enum SimpleText {
  /// 5.6.2: tchar.
  static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      return true
    default:
      return Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
    }
  }

  static func isToken(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy(isTokenByte)
  }

  /// 5.6.3: white space on both sides.
  static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    return bytes
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// 5.6.1: elements between commas, without empty ones; commas in no string.
  static func elements(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: UInt8(ascii: ",")).map { trimmed(Array($0)) }.filter { !$0.isEmpty }
  }

  /// Digits alone, at least one; too large a number is `limit`.
  static func number(_ bytes: [UInt8], limit: Int) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var number = 0
    for byte in bytes {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      number = min(number * 10 + Int(byte - UInt8(ascii: "0")), limit)
    }
    return number
  }

  /// 5.6.4: where the string that opens at `start` closes; `nil` where it does not.
  static func closingQuote(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\"") { return index }
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// What a quoted string says: each backslash gives way to the byte after it.
  static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
      if byte == UInt8(ascii: "\\"), !isEscaped {
        isEscaped = true
      } else {
        result.append(byte)
        isEscaped = false
      }
    }
    return result
  }
}

/// Dates by RFC 9110 section 5.6.7, as seconds since 1970.
enum SimpleDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// RFC 9111 section 4.2: caches match names in any case, so all is read in lower case.
  static func seconds(_ text: String, now: Int) -> Int? {
    let parts = text.lowercased().split(separator: " ", omittingEmptySubsequences: false).map {
      String($0)
    }
    if parts.count == 6, parts[5] == "gmt" { return fixdate(parts) }
    if parts.count == 4, parts[3] == "gmt" { return rfc850(parts, now: now) }
    return asctime(parts)
  }

  /// As in `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func fixdate(_ parts: [String]) -> Int? {
    guard days.contains(where: { $0.lowercased().prefix(3) + "," == parts[0] }) else { return nil }
    return civil(year: digits(parts[3], 4), month: parts[2], day: digits(parts[1], 2), parts[4])
  }

  /// As in `Sunday, 06-Nov-94 08:49:37 GMT`.
  private static func rfc850(_ parts: [String], now: Int) -> Int? {
    let date = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
    guard days.contains(where: { $0.lowercased() + "," == parts[0] }), date.count == 3,
      let year = digits(date[2], 2)
    else { return nil }
    let day = digits(date[0], 2)
    let recent = civil(year: 2000 + year, month: date[1], day: day, parts[2])
    // 29 February 00 exists in 2000 and not in 1900: judged by the year that is meant.
    guard let recent else { return nil }
    guard recent > fiftyYearsAfter(now) else { return recent }
    return civil(year: 1900 + year, month: date[1], day: day, parts[2])
  }

  /// As in `Sun Nov  6 08:49:37 1994`.
  private static func asctime(_ parts: [String]) -> Int? {
    guard let first = parts.first, days.contains(where: { $0.lowercased().prefix(3) == first })
    else {
      return nil
    }
    if parts.count == 6, parts[2].isEmpty {
      return civil(year: digits(parts[5], 4), month: parts[1], day: digits(parts[3], 1), parts[4])
    }
    guard parts.count == 5 else { return nil }
    return civil(year: digits(parts[4], 4), month: parts[1], day: digits(parts[2], 2), parts[3])
  }

  private static func digits(_ text: String, _ count: Int) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == count else { return nil }
    return SimpleText.number(bytes, limit: 9999)
  }

  private static func civil(year: Int?, month: String, day: Int?, _ time: String) -> Int? {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false).map {
      digits(String($0), 2)
    }
    guard let year, let day, let month = months.firstIndex(where: { $0.lowercased() == month }),
      clock.count == 3,
      let hour = clock[0], let minute = clock[1], let second = clock[2],
      hour < 24, minute < 60, second <= 60, day >= 1, day <= length(ofMonth: month, in: year)
    else { return nil }
    var count = day - 1
    for earlier in 0..<month { count += length(ofMonth: earlier, in: year) }
    if year >= 1970 {
      for earlier in 1970..<year { count += isLeap(earlier) ? 366 : 365 }
    } else {
      for later in year..<1970 { count -= isLeap(later) ? 366 : 365 }
    }
    // A leap second is the second before it.
    return count * 86_400 + hour * 3600 + minute * 60 + min(second, 59)
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func length(ofMonth month: Int, in year: Int) -> Int {
    month == 1 && isLeap(year) ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
  }

  /// The same moment fifty calendar years on; leap years between 2025 and 2075 included.
  private static func fiftyYearsAfter(_ now: Int) -> Int {
    var year = 1970
    var rest = now
    while rest >= (isLeap(year) ? 366 : 365) * 86_400 {
      rest -= (isLeap(year) ? 366 : 365) * 86_400
      year += 1
    }
    var result = now
    for later in year..<(year + 50) { result += (isLeap(later) ? 366 : 365) * 86_400 }
    return result
  }

  /// A date as it should be sent.
  package static func text(_ seconds: Int) -> String {
    var year = 1970
    var rest = seconds
    while rest < 0 {
      year -= 1
      rest += (isLeap(year) ? 366 : 365) * 86_400
    }
    while rest >= (isLeap(year) ? 366 : 365) * 86_400 {
      rest -= (isLeap(year) ? 366 : 365) * 86_400
      year += 1
    }
    var day = rest / 86_400
    var month = 0
    while day >= length(ofMonth: month, in: year) {
      day -= length(ofMonth: month, in: year)
      month += 1
    }
    let weekday = ((seconds - rest % 86_400) / 86_400 % 7 + 11) % 7
    let clock = [rest % 86_400 / 3600, rest % 3600 / 60, rest % 60].map { padded($0, 2) }
    let date = "\(padded(day + 1, 2)) \(months[month]) \(padded(year, 4))"
    return "\(days[weekday].prefix(3)), \(date) \(clock.joined(separator: ":")) GMT"
  }

  private static func padded(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
