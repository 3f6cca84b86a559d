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

  @Test func `for several ranges keeps them in their order, up to a limit`() {
    let several = request("bytes=0-1,4-5 ,\t-3,,7-")

    #expect(several?.count == 4)
    #expect(several?[1] == .closed(first: 4, last: 5))
    #expect(several?[2] == .suffix(3))
    #expect(several?[3] == .from(7))
    #expect(several == request("bytes=0-1,4-5,-3,7-") && several != request("bytes=0-1"))
    let most =
      "bytes=" + Array(repeating: "0-0", count: WireLimits.rangesMax).joined(separator: ",")
    #expect(request(most)?.count == WireLimits.rangesMax)
    #expect(request(most + ",0-0") == nil)
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
      ("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0),
      ("bytes=10-,12-14,-0", 10), ("bytes=99999999999999999999-", 1 << 60),
    ] as [(String, UInt64)])
  func `beyond the end is unsatisfiable`(text: String, length: UInt64) {
    #expect(request(text)?.resolve(length: length) == .unsatisfiable)
  }

  @Test func `for the last bytes of nothing gets all of it, as no Content-Range can tell`() {
    #expect(request("bytes=-5")?.resolve(length: 0) == .ignore)
    #expect(request("bytes=3-,-5")?.resolve(length: 0) == .ignore)
    #expect(request("bytes=-0")?.resolve(length: 0) == .unsatisfiable)
  }
}
