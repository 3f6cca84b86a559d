/// The three written forms of a date; only the first is ever written.
extension HTTPDate.Fields {
  /// `Sun, 06 Nov 1994 08:49:37 GMT`, eight bytes at a time: an answer has up to three of these.
  ///
  /// - Precondition: 29 bytes.
  init?(fixdate text: Span<UInt8>) {
    // `Sun, 06 `, `Nov 1994`, ` 08:49:3` and `9:37 GMT`; in a word the first byte is the lowest.
    guard let day = text.wholeWord(at: 0), let year = text.wholeWord(at: 8),
      let time = text.wholeWord(at: 16), let zone = text.wholeWord(at: 21),
      day & 0xFF00_00FF_FF00_0000 == 0x2000_0020_2C00_0000,
      year & 0x0000_0000_FF00_0000 == 0x0000_0000_2000_0000,
      time & 0x00FF_0000_FF00_00FF == 0x003A_0000_3A00_0020,
      zone & 0xDFDF_DFFF_0000_FF00 == 0x544D_4720_0000_3A00,
      day.hasDigits(in: 0x00FF_FF00_0000_0000), year.hasDigits(in: 0xFFFF_FFFF_0000_0000),
      time.hasDigits(in: 0xFF00_FFFF_00FF_FF00), zone.hasDigits(in: 0x0000_0000_FF00_0000),
      text.isWeekday(at: 0), let month = text.month(at: 8)
    else { return nil }
    self.init()
    self.year = year.twoDigits(at: 4) &* 100 &+ year.twoDigits(at: 6)
    (self.month, self.day) = (month, day.twoDigits(at: 5))
    (hour, minute) = (time.twoDigits(at: 1), time.twoDigits(at: 4))
    second = zone.twoDigits(at: 2)
  }

  /// `Sun Nov  6 08:49:37 1994`, the form of C's asctime.
  ///
  /// - Precondition: 24 bytes.
  init?(asctime text: Span<UInt8>) {
    guard text.isWeekday(at: 0), text.has(" ", at: 3), text.has(" ", at: 7),
      text.has(" ", at: 10), text.has(" ", at: 19), let month = text.month(at: 4),
      let year = text.digits(4, at: 20),
      let day = text.has(" ", at: 8) ? text.digits(1, at: 9) : text.digits(2, at: 8)
    else { return nil }
    self.init()
    (self.year, self.month, self.day) = (year, month, day)
    guard readTime(text, at: 11) else { return nil }
  }

  /// `Sunday, 06-Nov-94 08:49:37 GMT`, the form of RFC 850.
  init?(rfc850 text: Span<UInt8>, now: Int64) {
    let start = text.count &- 24
    guard text.isLongWeekday(length: start), text.has(", ", at: start),
      text.has("-", at: start + 4),
      text.has("-", at: start + 8), text.has(" ", at: start + 11),
      text.has(" GMT", at: start + 20), let day = text.digits(2, at: start + 2),
      let month = text.month(at: start + 5), let twoDigits = text.digits(2, at: start + 9)
    else { return nil }
    self.init()
    self.month = month
    self.day = day
    guard readTime(text, at: start + 12) else { return nil }
    let present = HTTPDate.Fields(seconds: now)
    year = present.year / 100 * 100 + twoDigits
    // Within the century of the present, unless another century is nearer (RFC 9110 section 5.6.7).
    if year > present.year + 50 { year -= 100 }
    if year <= present.year - 50 { year += 100 }
    if year == present.year + 50, isLaterInYear(than: present) { year -= 100 }
  }

  private func isLaterInYear(than other: HTTPDate.Fields) -> Bool {
    (month, day, hour, minute, second)
      > (other.month, other.day, other.hour, other.minute, other.second)
  }

  private mutating func readTime(_ text: Span<UInt8>, at offset: Int) -> Bool {
    guard let hour = text.digits(2, at: offset), text.has(":", at: offset + 2),
      let minute = text.digits(2, at: offset + 3), text.has(":", at: offset + 5),
      let second = text.digits(2, at: offset + 6)
    else { return false }
    (self.hour, self.minute, self.second) = (hour, minute, second)
    return true
  }
}

/// Eight bytes of text, the first of them the lowest.
extension UInt64 {
  /// Whether the bytes that `mask` covers are digits.
  ///
  /// A byte that is no digit may carry into the next: it can only refuse what is refused already.
  fileprivate func hasDigits(in mask: UInt64) -> Bool {
    let value = self ^ 0x3030_3030_3030_3030
    return (value | value &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0 & mask == 0
  }

  /// The number that two digits make, tens first.
  fileprivate func twoDigits(at byte: UInt64) -> Int {
    let digits = self &>> (byte &* 8)
    return Int(digits & 0xF) &* 10 &+ Int(digits &>> 8 & 0xF)
  }
}

extension Span where Element == UInt8 {
  /// Whether `text` stands at `offset`, in whatever case.
  fileprivate func has(_ text: StaticString, at offset: Int) -> Bool {
    guard count &- offset >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where unsafe self[offset &+ index].lowercased != text.utf8Start[index].lowercased {
      return false
    }
    return true
  }

  fileprivate func digits(_ length: Int, at offset: Int) -> Int? {
    var value = 0
    for index in offset..<offset + length {
      guard self[index].isDigit else { return nil }
      value = value &* 10 &+ Int(self[index] &- UInt8(ascii: "0"))
    }
    return value
  }

  /// Three letters as a little-endian number, capitals lowered: 0x6E616A is "Jan".
  private func letters(at offset: Int) -> UInt32 {
    let first = UInt32(self[offset] | 0x20)
    let second = UInt32(self[offset &+ 1] | 0x20)
    return first | second &<< 8 | UInt32(self[offset &+ 2] | 0x20) &<< 16
  }

  fileprivate func month(at offset: Int) -> Int? {
    switch letters(at: offset) {
    case 0x6E_616A: 1
    case 0x62_6566: 2
    case 0x72_616D: 3
    case 0x72_7061: 4
    case 0x79_616D: 5
    case 0x6E_756A: 6
    case 0x6C_756A: 7
    case 0x67_7561: 8
    case 0x70_6573: 9
    case 0x74_636F: 10
    case 0x76_6F6E: 11
    case 0x63_6564: 12
    default: nil
    }
  }

  fileprivate func isWeekday(at offset: Int) -> Bool {
    switch letters(at: offset) {
    case 0x6E_7573, 0x6E_6F6D, 0x65_7574, 0x64_6577, 0x75_6874, 0x69_7266,
      0x74_6173:
      true
    default: false
    }
  }

  fileprivate func isLongWeekday(length: Int) -> Bool {
    let name = extracting(0..<length)
    return name.equalsIgnoringCase("sunday") || name.equalsIgnoringCase("monday")
      || name.equalsIgnoringCase("tuesday") || name.equalsIgnoringCase("wednesday")
      || name.equalsIgnoringCase("thursday") || name.equalsIgnoringCase("friday")
      || name.equalsIgnoringCase("saturday")
  }
}

extension HTTPDate {
  static func name(ofMonth month: Int) -> StaticString {
    switch month {
    case 1: "Jan"
    case 2: "Feb"
    case 3: "Mar"
    case 4: "Apr"
    case 5: "May"
    case 6: "Jun"
    case 7: "Jul"
    case 8: "Aug"
    case 9: "Sep"
    case 10: "Oct"
    case 11: "Nov"
    default: "Dec"
    }
  }

  static func name(ofWeekday day: Int) -> StaticString {
    switch day {
    case 0: "Sun"
    case 1: "Mon"
    case 2: "Tue"
    case 3: "Wed"
    case 4: "Thu"
    case 5: "Fri"
    default: "Sat"
    }
  }
}

extension HeadWriter {
  /// Adds a date in the one form that may be written: `Sun, 06 Nov 1994 08:49:37 GMT`.
  ///
  /// Workers write it once a second and copy it from then on.
  public mutating func append(date: HTTPDate) {
    let fields = HTTPDate.Fields(seconds: date.seconds)
    append(HTTPDate.name(ofWeekday: fields.weekday))
    append(", ")
    append(twoDigits: fields.day)
    append(" ")
    append(HTTPDate.name(ofMonth: fields.month))
    append(" ")
    append(twoDigits: fields.year / 100)
    append(twoDigits: fields.year % 100)
    append(" ")
    append(twoDigits: fields.hour)
    append(":")
    append(twoDigits: fields.minute)
    append(":")
    append(twoDigits: fields.second)
    append(" GMT")
  }
}
