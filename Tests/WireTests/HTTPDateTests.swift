import Testing
import Wire

@Suite struct `A date` {
  static let now: Int64 = 1_763_800_000  // 2025-11-22

  func seconds(_ text: String, now: Int64 = Self.now) -> Int64? {
    HTTPDate(raw(text).span, now: now)?.seconds
  }

  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
    ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
    ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ("Wednesday, 01-Jan-75 00:00:00 GMT", 3_313_526_400),
    ("Thursday, 01-Jan-76 00:00:00 GMT", 189_302_400),
    ("Saturday, 22-Nov-75 08:26:39 GMT", 3_341_636_799),
    ("Saturday, 22-Nov-75 08:26:41 GMT", 185_876_801),
  ])
  func `is read in its three forms`(text: String, expected: Int64) {
    #expect(seconds(text) == expected)
  }

  @Test(arguments: [
    "", "0", "-1", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
    "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun, 31 Apr 1994 08:49:37 GMT", "Sun, 29 Feb 2023 08:49:37 GMT",
    "Thu, 29 Feb 1900 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:00:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT ",
    "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT", "Sumday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov 06 08:49:37 94", "Sun Nov 6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov -994 08:49:37 GMT", "Fri, 31 Dec 10000 23:59:59 GMT",
  ])
  func `is refused in any other form`(text: String) {
    #expect(seconds(text) == nil)
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
