import Testing
import Wire

@Suite struct `A date` {
  static let now: Int64 = 1_763_800_000  // 2025-11-22

  /// Text, and the seconds since 1970 or `nil`; RFC 9110 section 5.6.7 where nothing else is named.
  static let read: [(String, Int64)] = [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
    ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
    ("Sun Nov 06 08:49:37 1994", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
    // A leap second: the nearest time that is not later (RFC 9111 section 4.2).
    ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799),
    // Any case (RFC 9111 section 4.2).
    ("sun, 06 nov 1994 08:49:37 gmt", 784_111_777), ("SUN, 06 NOV 1994 08:49:37 GMT", 784_111_777),
    ("SUNDAY, 06-NOV-94 08:49:37 gmt", 784_111_777), ("sUN nOV  6 08:49:37 1994", 784_111_777),
    // A weekday that is another day's: only the date counts.
    ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Monday, 06-Nov-94 08:49:37 GMT", 784_111_777),
    ("Sat Nov  6 08:49:37 1994", 784_111_777),
    // Two digits of a year: more than 50 years ahead is the century before.
    ("Wednesday, 01-Jan-75 00:00:00 GMT", 3_313_526_400),
    ("Thursday, 01-Jan-76 00:00:00 GMT", 189_302_400),
    ("Saturday, 22-Nov-75 08:26:39 GMT", 3_341_636_799),
    ("Saturday, 22-Nov-75 08:26:40 GMT", 3_341_636_800),
    ("Saturday, 22-Nov-75 08:26:41 GMT", 185_876_801),
    ("Sunday, 29-Feb-04 00:00:00 GMT", 1_078_012_800),
  ]

  static let refused = [
    "", "0", "-1", "Thu, 01 Jan 1970", "1994-11-06T08:49:37Z", "784111777",
    // Zones: GMT and no other (RFC 9111 section 4.2).
    "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 Z",
    "Sun Nov  6 08:49:37 1994 GMT",
    "Sunday, 06-Nov-94 08:49:37 UTC", "Sun Nov  6 08:49:37 GMT 1994",
    // White space that the grammar doesn't have, or hasn't there.
    "Sun,06 Nov 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
    "Sun, 06  Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994  08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37GMT", "Sun, 06 Nov 1994 08:49:37  GMT",
    " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
    "Sun,\t06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994", "Sun Nov   6 08:49:37 1994",
    // Digits too few, too many, or signed.
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994  8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
    "Fri, 31 Dec 10000 23:59:59 GMT", "Sun Nov 06 08:49:37 94", "Sun, 06 Nov 1994 08:49:37.0 GMT",
    "Sun, +6 Nov 1994 08:49:37 GMT",
    // Days and times that there are not.
    "Sun, 31 Apr 1994 08:49:37 GMT", "Sun, 29 Feb 2023 08:49:37 GMT",
    "Thu, 29 Feb 1900 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 32 Jan 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:00:61 GMT",
    "Saturday, 29-Feb-03 00:00:00 GMT",
    // Names that are none, or of another form.
    "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Mai 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT", "Sumday, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-November-94 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
  ]

  func seconds(_ text: String, now: Int64 = Self.now) -> Int64? {
    HTTPDate(raw(text).span, now: now)?.seconds
  }

  @Test(arguments: read)
  func `is read in its three forms`(text: String, expected: Int64) {
    #expect(seconds(text) == expected)
  }

  @Test(arguments: refused)
  func `is refused in any other form`(text: String) {
    #expect(seconds(text) == nil)
  }

  @Test func `of two digits is never more than fifty years away`() {
    for year in 2001..<2140 {
      let now = HTTPDate(raw("Tue, 15 Jun \(year) 00:00:00 GMT").span, now: 0)?.seconds ?? 0
      for digits in 0..<100 {
        let text = "Tuesday, 15-Jun-\(digits / 10)\(digits % 10) 00:00:00 GMT"
        let found = (seconds(text, now: now) ?? .max) - now
        #expect(abs(found) <= 18_263 * 86_400, "\(text) in \(year)")
      }
    }
  }

  @Test func `is written as it is read`() {
    var random = RandomDates()
    for seconds in [0, 784_111_777, -62_167_219_200, 253_402_300_799, 951_782_400]
      + (0..<2000).map({ _ in random.next() })
    {
      let text = written { $0.append(date: HTTPDate(seconds: seconds)) }
      #expect(text?.utf8.count == 29)
      #expect(self.seconds(text ?? "") == seconds)
    }
    #expect(
      written { $0.append(date: HTTPDate(seconds: 784_111_777)) }
        == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(written { $0.append(date: HTTPDate(seconds: .max)) } == "Fri, 31 Dec 9999 23:59:59 GMT")
  }
}

/// Seconds spread over the years 1 to 9999, the same in every run.
struct RandomDates {
  var state: UInt64 = 7

  mutating func next() -> Int64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int64(state >> 1) % 315_000_000_000 - 62_000_000_000
  }
}

@Suite struct `An Age` {
  /// Lines and seconds; RFC 9111 section 5.1 where nothing else is named.
  static let rows: [([String], UInt32?)] = [
    (["0"], 0), (["100"], 100), (["007"], 7), ([], nil),
    // Too large counts as 2^31 (section 1.2.2).
    (["2147483648"], 1 << 31), (["2147483649"], 1 << 31), (["99999999999999999999"], 1 << 31),
    // Of several members the first.
    (["100, 200"], 100), (["100,x"], 100), (["100", "200"], 100), ([",, 100"], 100),
    (["", "100"], 100), ([", ", "100"], 100),
    // No whole number: ignored, whatever comes behind it.
    (["x, 100"], nil), (["x", "100"], nil), (["-1"], nil), (["+1"], nil), (["1.5"], nil),
    (["100.0"], nil), (["\"100\""], nil), (["100;x=1"], nil), (["100 200"], nil), (["1e2"], nil),
    (["0x10"], nil), (["100s"], nil), ([""], nil), (["\u{0661}"], nil), (["\"1, 2"], nil),
  ]

  @Test(arguments: rows)
  func `is the first whole number`(lines: [String], seconds: UInt32?) throws {
    #expect(try field("Age", lines) { AgeField.seconds(of: $0, in: $1) } == seconds)
  }
}
