import Bytes
import Policy
import Testing
import Wire

@Suite struct `A stored field` {
  private func names(
    _ fields: [String], where keeps: (Field) -> Bool
  ) throws -> [String] {
    try withResponse(200, fields) { head, bytes in
      var names: [String] = []
      for index in 0..<head.fields.count where keeps(head.fields[index]) {
        let name = bytes.extracting(
          Int(head.fields[index].name.start)..<head.fields[index].name.end)
        var text: [UInt8] = []
        for offset in name.indices { text.append(name[offset]) }
        names.append(String(decoding: text, as: UTF8.self))
      }
      return names
    }
  }

  private let fields = [
    "Content-Type: a/b", "Content-Length: 0", "Content-Encoding: gzip", "ETag: \"a\"", "Age: 1",
    "Via: 1.1 x", "Cache-Status: o; hit", "Connection: X-Hop", "X-Hop: 1", "X-Kept: 1",
    "Keep-Alive: timeout=5", "Set-Cookie: a", "Cache-Control: max-age=1",
  ]

  @Test func `is end-to-end and not written anew`() throws {
    let kept = try names(fields, where: StoredField.isKept)

    #expect(kept == ["Content-Type", "Content-Encoding", "ETag", "X-Kept", "Cache-Control"])
  }

  @Test func `is replaced by a 304 unless the stored bytes need it`() throws {
    let replaced = try names(fields, where: StoredField.isReplaced)

    #expect(replaced == ["Content-Type", "ETag", "X-Kept", "Cache-Control"])
  }

  @Test(arguments: [
    ([String](), true), (["ETag: \"a\""], true), (["ETag: W/\"a\""], true),
    (["ETag: \"b\""], false), (["Last-Modified: Tue, 01 Jul 2025 00:00:00 GMT"], true),
    (["Last-Modified: Tue, 01 Jul 2025 00:00:01 GMT"], false),
  ])
  func `is confirmed by a 304 of its own validator`(fields: [String], confirms: Bool) throws {
    let tag = Array("\"a\"".utf8)
    let date = HTTPDate(seconds: 1_751_328_000)
    let lines = ["HTTP/1.1 304 X"] + fields
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    _ = try parser.parse(bytes.span, requestMethod: .get, into: &head)
    let stored = StoredFacts(
      status: 200, entityTag: tag.span, lastModified: date, date: nil, length: 5)

    #expect(StoredField.confirms(head, bytes: bytes.span, stored: stored, now: 0) == confirms)
  }
}
