import Bytes
import Policy
import Testing
import Wire

@Suite struct `A condition` {
  private static let modified = "Tue, 01 Jul 2025 00:00:00 GMT"
  private static let earlier = "Mon, 30 Jun 2025 00:00:00 GMT"
  private static let later = "Wed, 02 Jul 2025 00:00:00 GMT"
  private let modifiedSeconds: Int64 = 1_751_328_000

  private func evaluate(
    _ fields: [String], line: String = "GET /a HTTP/1.1", status: UInt16 = 200,
    tag: String = "\"v1\"", hasDates: Bool = true, madeAfter: Int64 = 10, length: UInt64? = 1000
  ) throws -> Condition {
    let tag = Array(tag.utf8)
    let stored = StoredFacts(
      status: status, entityTag: tag.span,
      lastModified: hasDates ? HTTPDate(seconds: modifiedSeconds) : nil,
      date: hasDates ? HTTPDate(seconds: modifiedSeconds + madeAfter) : nil, length: length)
    let lines = [line, "Host: live.test"] + fields
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    _ = try parser.parse(bytes.span, into: &head)
    return Condition.evaluate(head, bytes: bytes.span, stored: stored, now: modifiedSeconds + 90)
  }

  private func part(_ first: UInt64, _ last: UInt64) -> Condition {
    .partial(ResolvedRange(first: first, last: last))
  }

  @Test(arguments: [
    ([String](), Condition.full),
    (["If-None-Match: \"v1\""], .notModified), (["If-None-Match: W/\"v1\""], .notModified),
    (["If-None-Match: \"v0\", \"v1\""], .notModified), (["If-None-Match: *"], .notModified),
    (["If-None-Match: \"v2\""], .full),
    (["If-None-Match: \"v2\"", "If-None-Match: \"v1\""], .notModified),
    (["If-Modified-Since: \(later)"], .notModified),
    (["If-Modified-Since: \(modified)"], .notModified),
    (["If-Modified-Since: \(earlier)"], .full), (["If-Modified-Since: junk"], .full),
    (["If-None-Match: \"v2\"", "If-Modified-Since: \(later)"], .full),
    (["If-Match: \"v1\""], .full), (["If-Match: W/\"v1\""], .preconditionFailed),
    (["If-Match: \"v2\""], .preconditionFailed), (["If-Match: *"], .full),
    (["If-Unmodified-Since: \(earlier)"], .preconditionFailed),
    (["If-Unmodified-Since: \(later)"], .full),
    (["If-Match: \"v1\"", "If-Unmodified-Since: \(earlier)"], .full),
    (["If-Match: \"v2\"", "If-None-Match: \"v1\""], .preconditionFailed),
  ])
  func `is decided in the order of RFC 9110`(fields: [String], expected: Condition) throws {
    #expect(try evaluate(fields) == expected)
  }

  @Test func `has a range apply to what is there`() throws {
    #expect(try evaluate(["Range: bytes=0-"]) == part(0, 999))
    #expect(try evaluate(["Range: bytes=10-19"]) == part(10, 19))
    #expect(try evaluate(["Range: bytes=990-5000"]) == part(990, 999))
    #expect(try evaluate(["Range: bytes=-10"]) == part(990, 999))
    #expect(try evaluate(["Range: bytes=1000-"]) == .unsatisfiable)
    #expect(try evaluate(["Range: bytes=5-4"]) == .full)
    #expect(try evaluate(["Range: lines=1-2"]) == .full)
    #expect(try evaluate(["Range: bytes=0-1,500-600"]) == .several)
    #expect(try evaluate(["Range: bytes=0-1,5-6"]) == part(0, 6))
    #expect(try evaluate(["Range: bytes=0-1,2000-"]) == part(0, 1))
    #expect(try evaluate(["Range: bytes=2000-,3000-"]) == .unsatisfiable)
    #expect(try evaluate(["Range: bytes=0-999,0-0"]) == .full)
    #expect(try evaluate(["Range: bytes=0-1", "Range: bytes=5-6"]) == .full)
    #expect(try evaluate(["Range: bytes=0-9"], line: "HEAD /a HTTP/1.1") == .full)
    #expect(try evaluate(["Range: bytes=0-9"], status: 404) == .full)
    #expect(try evaluate(["If-None-Match: \"v1\""], status: 301) == .full)
  }

  @Test func `answers Chromium's playlist reloads: the tag decides, then the range`() throws {
    #expect(try evaluate(["Range: bytes=0-", "If-None-Match: \"v1\""]) == .notModified)
    #expect(try evaluate(["Range: bytes=0-499", "If-None-Match: \"v0\""]) == part(0, 499))
  }

  @Test func `has If-Range want a strong validator`() throws {
    let range = "Range: bytes=0-9"

    #expect(try evaluate([range, "If-Range: \"v1\""]) == part(0, 9))
    #expect(try evaluate([range, "If-Range: \"v2\""]) == .full)
    #expect(try evaluate([range, "If-Range: W/\"v1\""], tag: "W/\"v1\"") == .full)
    #expect(try evaluate([range, "If-Range: \(Self.modified)"]) == part(0, 9))
    #expect(try evaluate([range, "If-Range: \(Self.later)"]) == .full)
    #expect(try evaluate([range, "If-Range: \(Self.modified)"], madeAfter: 0) == .full)
    #expect(try evaluate([range, "If-Range: \(Self.modified)"], hasDates: false) == .full)
    #expect(try evaluate([range, "If-Range: junk"]) == .full)
    #expect(try evaluate([range, "If-Range: \"v1\"", "If-Range: \"v1\""]) == .full)
  }

  @Test func `compares with Date where there is no Last-Modified`() throws {
    let stored = Array("\"v1\"".utf8)

    func evaluate(since seconds: Int64) throws -> Condition {
      let since = ["If-Modified-Since: \(seconds == 0 ? Self.modified : Self.earlier)"]
      return try withRequest("GET /a HTTP/1.1", since) { head, bytes in
        let facts = StoredFacts(
          status: 200, entityTag: stored.span, lastModified: nil,
          date: HTTPDate(seconds: modifiedSeconds), length: 9)
        return Condition.evaluate(head, bytes: bytes, stored: facts, now: modifiedSeconds)
      }
    }

    #expect(try evaluate(since: 0) == .notModified)
    #expect(try evaluate(since: -1) == .full)
  }

  @Test func `waits for the length where it is not known yet`() throws {
    #expect(try evaluate(["Range: bytes=5-9"], length: nil) == .partialOnceLengthIsKnown)
    #expect(try evaluate(["Range: bytes=-9"], length: nil) == .partialOnceLengthIsKnown)
    #expect(
      try evaluate(["Range: bytes=5-9007199254740991"], length: nil)
        == .partialOpenEnded(first: 5))
    #expect(try evaluate(["Range: bytes=5-9007199254740991"]) == part(5, 999))
  }
}
