import Testing
import Wire

/// A request for several ranges, the length of what it is about, and what it gets.
struct SeveralRangesRow: Sendable {
  var text: String
  var length: UInt64
  var answer: String
  /// In RFC 9110.
  var section: String

  init(_ text: String, of length: UInt64, _ answer: String, _ section: String) {
    (self.text, self.length, self.answer, self.section) = (text, length, answer, section)
  }
}

func rangeRequest(_ text: String) -> RangeRequest? { RangeRequest(raw(text).span) }

@Suite struct `A request for several ranges` {
  static let rows = [
    // Parts as they were asked, also backwards.
    SeveralRangesRow("0-99,200-299", of: 1000, "0-99 200-299", "15.3.7.2"),
    SeveralRangesRow("200-299,0-99", of: 1000, "200-299 0-99", "15.3.7.2"),
    SeveralRangesRow("0-0,-1", of: 1000, "0-0 999-999", "14.1.2"),
    SeveralRangesRow("500-,0-9", of: 1000, "500-999 0-9", "14.1.2"),
    SeveralRangesRow("0-9,500-9007199254740991", of: 1000, "0-9 500-999", "14.1.2"),
    SeveralRangesRow("0-9,990-99999999999999999999", of: 1000, "0-9 990-999", "14.1.2"),
    // What lies beyond the end is left out; if nothing else is there, 416.
    SeveralRangesRow("0-9,1000-,300-309", of: 1000, "0-9 300-309", "14.1.2"),
    SeveralRangesRow("0-9,1000-", of: 1000, "only 0-9", "15.3.7.2"),
    SeveralRangesRow("1000-,2000-2001,-0", of: 1000, "416", "15.5.17"),
    // What overlaps, touches or lies closer than another head costs is one.
    SeveralRangesRow("0-99,50-149", of: 1000, "only 0-149", "15.3.7.2"),
    SeveralRangesRow("0-99,100-149", of: 1000, "only 0-149", "15.3.7.2"),
    SeveralRangesRow("0-9,89-99", of: 1000, "only 0-99", "15.3.7.2"),
    SeveralRangesRow("0-9,90-99", of: 1000, "0-9 90-99", "15.3.7.2"),
    SeveralRangesRow("90-99,0-9", of: 1000, "90-99 0-9", "15.3.7.2"),
    SeveralRangesRow("0-0,0-0", of: 1000, "only 0-0", "15.3.7.2"),
    SeveralRangesRow("0-9,500-509,20-29", of: 1000, "0-29 500-509", "15.3.7.2"),
    SeveralRangesRow("180-209,0-9,100-109,50-59", of: 1000, "only 0-209", "15.3.7.2"),
    SeveralRangesRow("0-0,-1", of: 10, "only 0-9", "15.3.7.2"),
    // Sets that no honest reader needs get the whole.
    SeveralRangesRow("0-,0-", of: 1000, "200", "14.2"),
    SeveralRangesRow("0-9,5-14,10-19", of: 1000, "200", "14.2"),
    SeveralRangesRow("0-9,5-14,500-509", of: 1000, "0-14 500-509", "14.2"),
    SeveralRangesRow("0-9,5-14,500-509,505-514", of: 1000, "200", "14.2"),
    SeveralRangesRow("0-599,500-999", of: 1000, "200", "17.15"),
    SeveralRangesRow("-600,0-399", of: 1000, "only 0-999", "14.2"),
    SeveralRangesRow("0-,-1", of: 0, "200", "14.1.2"),
  ]

  @Test(arguments: rows)
  func `gets parts, one part, the whole or 416`(row: SeveralRangesRow) throws {
    let request = try #require(rangeRequest("bytes=" + row.text))

    #expect(describe(request.resolve(length: row.length)) == row.answer, "RFC 9110 \(row.section)")
  }

  func describe(_ resolution: RangeRequest.Resolution) -> String {
    switch resolution {
    case .satisfiable(let range): "only \(range.first)-\(range.last)"
    case .several(let ranges):
      (0..<ranges.count).map { "\(ranges[$0].first)-\(ranges[$0].last)" }
        .joined(separator: " ")
    case .unsatisfiable: "416"
    case .ignore: "200"
    }
  }
}

@Suite struct `An answer with several parts` {
  func layout(type: String, boundary: UInt64 = 0xAB) throws -> MultipartRanges {
    let request = try #require(rangeRequest("bytes=0-4,200-203,-2"))
    guard case .several(let ranges) = request.resolve(length: 1000) else {
      throw NoParts()
    }
    return MultipartRanges(
      ranges, length: 1000, contentTypeCount: type.utf8.count, boundary: boundary)
  }

  struct NoParts: Error {}

  /// The body as a player reads it; the representation is `length` dots.
  func body(_ layout: MultipartRanges, type: String) -> String {
    var text = ""
    let type = raw(type)
    for index in 0..<layout.pieceCount {
      switch layout.piece(at: index) {
      case .head(let part):
        text += written { layout.appendHead(of: part, contentType: type.span, to: &$0) } ?? "?"
      case .bytes(let range): text += String(repeating: ".", count: Int(range.length))
      case .end: text += written { layout.appendEnd(to: &$0) } ?? "?"
      }
    }
    return text
  }

  @Test func `says of each part what it is and where it belongs`() throws {
    let layout = try layout(type: "video/mp4")

    #expect(
      body(layout, type: "video/mp4").split(separator: "\r\n", omittingEmptySubsequences: false)
        == [
          "--00000000000000ab", "Content-Type: video/mp4", "Content-Range: bytes 0-4/1000", "",
          ".....", "--00000000000000ab", "Content-Type: video/mp4",
          "Content-Range: bytes 200-203/1000", "", "....", "--00000000000000ab",
          "Content-Type: video/mp4", "Content-Range: bytes 998-999/1000", "", "..",
          "--00000000000000ab--", "",
        ])
    #expect(
      written { layout.appendContentType(to: &$0) }
        == "multipart/byteranges; boundary=00000000000000ab")
  }

  @Test(arguments: ["", "a/b", "application/vnd.apple.mpegurl; charset=utf-8"])
  func `knows its length before it is written`(type: String) throws {
    let layout = try layout(type: type, boundary: .max)

    #expect(UInt64(body(layout, type: type).utf8.count) == layout.contentLength)
  }

  @Test func `has room for the largest head of a part`() throws {
    let end = UInt64.max - 1
    let request = try #require(rangeRequest("bytes=0-0,-3"))
    guard case .several(let ranges) = request.resolve(length: end) else { throw NoParts() }
    let layout = MultipartRanges(ranges, length: end, contentTypeCount: 0, boundary: 0)

    let head = written(capacity: WireLimits.partHeadMax) {
      layout.appendHead(of: 1, contentType: raw("").span, to: &$0)
    }

    #expect(head?.contains("bytes 18446744073709551611-18446744073709551613/") == true)
  }
}
