@testable import Control
import Bytes
import Telemetry
import Testing

@Suite struct `Text for logs` {
  private func escaped(_ bytes: [UInt8]) -> String {
    var text = TextBuffer(capacity: 0)
    text.append(escaping: bytes.span)
    return text.string
  }

  @Test func `escapes what would break a JSON string and leaves the rest`() {
    #expect(escaped(Array(#"a"b\c/d"#.utf8)) == #"a\"b\\c/d"#)
    #expect(escaped([0x0A, 0x0D, 0x09, 0x00, 0x1B, 0x7F]) == #"\n\r\t\u0000\u001b\u007f"#)
    #expect(escaped(Array("Perché €? 🎬".utf8)) == "Perché €? 🎬")
  }

  @Test func `escapes bytes that are no UTF-8 one by one`() {
    #expect(escaped([0xFF, 0x61]) == #"\u00ffa"#)
    // Overlong, surrogate, beyond U+10FFFF, cut at the end, broken in the middle.
    #expect(escaped([0xC0, 0x80]) == #"\u00c0\u0080"#)
    #expect(escaped([0xE0, 0x80, 0x80]) == #"\u00e0\u0080\u0080"#)
    #expect(escaped([0xED, 0xA0, 0x80]) == #"\u00ed\u00a0\u0080"#)
    #expect(escaped([0xF4, 0x90, 0x80, 0x80]) == #"\u00f4\u0090\u0080\u0080"#)
    #expect(escaped([0xE2, 0x82]) == #"\u00e2\u0082"#)
    #expect(escaped([0xE2, 0x82, 0x22]) == #"\u00e2\u0082\""#)
    #expect(escaped([0xF0, 0x9F, 0x8E]) == #"\u00f0\u009f\u008e"#)
  }

  @Test func `makes valid text of every pair of bytes`() {
    for first in UInt8.min...(.max) {
      for second in UInt8.min...(.max) {
        var text = TextBuffer(capacity: 0)
        text.append(escaping: [first, second].span)

        let isValid = String(validating: text.array, as: UTF8.self) != nil
        let hasControl = text.array.contains { $0 < 0x20 }
        #expect(isValid && !hasControl, "\(first) \(second)")
      }
    }
  }

  @Test func `writes numbers and times`() {
    var text = TextBuffer(capacity: 0)

    for number in [0, 9, 10, 999, 1000, UInt64.max] as [UInt64] {
      text.append(decimal: number)
      text.append(" ")
    }
    text.append(decimal: 7, digits: 3)
    text.append(" ")
    text.append(thousandths: 1050)
    text.append(" ")
    text.append(hexadecimal: 0xDEAD_BEEF)

    #expect(
      text.string
        == "0 9 10 999 1000 18446744073709551615 007 1.050 00000000deadbeef")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (951_782_400_007, "2000-02-29T00:00:00.007Z"),
    (1_795_384_651_123, "2026-11-22T21:57:31.123Z"), (-5, "1970-01-01T00:00:00.000Z"),
    (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
  ])
  func `writes wall times as RFC 3339`(milliseconds: Int64, expected: String) {
    var text = TextBuffer(capacity: 0)

    text.append(WallTime(milliseconds: milliseconds))

    #expect(text.string == expected)
  }

  @Test(arguments: [
    (0, 0, "::"), (0, 1, "::1"), (0x2001_0DB8_0000_0000, 1, "2001:db8::1"),
    (0x2001_0DB8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
    (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
    (0x0001_0000_0000_0000, 0, "1::"), (0, 0xFFFF_C000_0201, "::ffff:192.0.2.1"),
  ])
  func `writes IPv6 addresses as RFC 5952 wants`(high: UInt64, low: UInt64, expected: String) {
    var text = TextBuffer(capacity: 0)

    ClientAddress(family: .ipv6, high: high, low: low).append(to: &text)

    #expect(text.string == expected)
  }

  @Test func `reads addresses from network bytes`() {
    var text = TextBuffer(capacity: 0)

    ClientAddress(networkBytes: [192, 0, 2, 1].span).append(to: &text)
    text.append(" ")
    ClientAddress(networkBytes: ([0x20, 1] + [UInt8](repeating: 0, count: 13) + [5]).span)
      .append(to: &text)

    #expect(text.string == "192.0.2.1 2001::5")
    #expect(ClientAddress(networkBytes: [1, 2, 3].span) == .none)
  }
}
