import Testing
import Wire

@Suite struct `A range request` {
  func request(_ text: String) -> RangeRequest? { RangeRequest(raw(text).span) }

  @Test(arguments: [
    ("bytes=0-0", RangeRequest.Extent.closed(first: 0, last: 0)),
    ("bytes=0-", .from(0)), ("Bytes=5-9", .closed(first: 5, last: 9)), ("bytes=-5", .suffix(5)),
    ("bytes=7-9007199254740991", .openEnded(first: 7)), ("bytes= 1-2 ", .closed(first: 1, last: 2)),
    ("bytes=,1-2,", .closed(first: 1, last: 2)), ("bytes=-0", .suffix(0)),
    ("bytes=0-99999999999999999999", .closed(first: 0, last: .max - 1)),
  ])
  func `for one range is understood`(text: String, extent: RangeRequest.Extent) {
    #expect(request(text)?.extent == extent)
    #expect(request(text)?.count == 1)
  }

  @Test(arguments: [
    "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1 - 2", "bytes=1-2-3",
    "bytes=--5", "bytes=+1-2", "items=0-5", "bytes 0-5", "bytes=0-5,x", "bytes=0-5;6-7",
    "bytes =0-5",
  ])
  func `that is malformed is ignored`(text: String) {
    #expect(request(text) == nil)
  }

  @Test func `for several ranges is counted, up to a limit`() {
    #expect(request("bytes=0-1,4-5, -3")?.count == 3)
    #expect(request("bytes=0-1,4-5")?.resolve(length: 10) == .ignore)
    let many =
      "bytes=" + Array(repeating: "0-0", count: WireLimits.rangesMax + 1).joined(separator: ",")
    #expect(request(many) == nil)
  }

  @Test(arguments: [
    ("bytes=0-0", 10, 0, 0), ("bytes=0-", 10, 0, 9), ("bytes=5-99", 10, 5, 9),
    ("bytes=-3", 10, 7, 9),
    ("bytes=-30", 10, 0, 9), ("bytes=9-9", 10, 9, 9), ("bytes=3-9007199254740991", 10, 3, 9),
  ])
  func `is resolved against a length`(text: String, length: UInt64, first: UInt64, last: UInt64) {
    #expect(
      request(text)?.resolve(length: length)
        == .satisfiable(ResolvedRange(first: first, last: last)))
  }

  @Test(
    arguments: [
      ("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0),
    ] as [(String, UInt64)])
  func `beyond the end is unsatisfiable`(text: String, length: UInt64) {
    #expect(request(text)?.resolve(length: length) == .unsatisfiable)
  }

  @Test(arguments: [
    ("bytes 0-4/10", ContentRange(range: ResolvedRange(first: 0, last: 4), length: 10)),
    ("bytes 5-9/*", ContentRange(range: ResolvedRange(first: 5, last: 9), length: nil)),
    ("bytes */10", ContentRange(range: nil, length: 10)),
  ])
  func `is answered by a Content-Range that reads as it is written`(
    text: String, expected: ContentRange
  ) {
    #expect(ContentRange(raw(text).span) == expected)
    #expect(written { $0.append(contentRange: expected) } == text)
  }

  @Test(arguments: [
    "", "bytes", "bytes 0-4", "bytes 4-0/10", "bytes 0-10/10", "bytes */*", "bytes -4/10",
    "bytes 0-/10", "items 0-4/10", "bytes 0-4/", "bytes 0-4/x", "bytes 0 -4/10", "bytes=0-4/10",
    "bytes 0-4/99999999999999999999", "bytes 0-18446744073709551615/*",
  ])
  func `is not answered by a malformed Content-Range`(text: String) {
    #expect(ContentRange(raw(text).span) == nil)
  }
}
