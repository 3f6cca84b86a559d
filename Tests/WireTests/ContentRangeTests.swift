import Testing
import Wire

@Suite struct `A Content-Range` {
  @Test(arguments: [
    ("bytes 0-4/10", ContentRange(range: ResolvedRange(first: 0, last: 4), length: 10)),
    ("bytes 5-9/*", ContentRange(range: ResolvedRange(first: 5, last: 9), length: nil)),
    ("bytes */10", ContentRange(range: nil, length: 10)),
    ("bytes */0", ContentRange(range: nil, length: 0)),
    (
      "bytes 7-9007199254740990/*",
      ContentRange(range: ResolvedRange(first: 7, last: 9_007_199_254_740_990), length: nil)
    ),
  ])
  func `reads as it is written`(text: String, expected: ContentRange) {
    #expect(ContentRange(raw(text).span) == expected)
    #expect(written { $0.append(contentRange: expected) } == text)
  }

  @Test func `has a unit in any case and numbers with zeros before them`() {
    let expected = ContentRange(range: ResolvedRange(first: 0, last: 4), length: 10)

    #expect(ContentRange(raw("Bytes 00-04/010").span) == expected)
  }

  @Test(arguments: [
    // Not of the form, RFC 9110 section 14.4.
    "", "bytes", "bytes ", "bytes 0-4", "bytes -4/10", "bytes 0-/10", "bytes 0-4/", "bytes 0-4/x",
    "bytes=0-4/10", "items 0-4/10", "bytes 0-4/10/10", "bytes 0-4-5/10", "bytes +0-4/10",
    // White space where there is none, or twice.
    "bytes  0-4/10", "bytes 0 -4/10", "bytes 0-4 /10", "bytes 0-4/ 10", "bytes\t0-4/10",
    "bytes 0-4/10 ",
    // Of the form, but impossible: "invalid" in section 14.4.
    "bytes 4-0/10", "bytes 0-10/10", "bytes 0-0/0",
    // Neither range nor length, and more than one.
    "bytes */*", "bytes 0-4/10, bytes 6-7/10",
    // Numbers that nothing has.
    "bytes 0-4/99999999999999999999", "bytes 0-18446744073709551615/*",
    "bytes */18446744073709551615",
  ])
  func `that is malformed or impossible is none`(text: String) {
    #expect(ContentRange(raw(text).span) == nil)
  }
}
