import Bytes
import Cache
import Testing
import Wire

@Suite struct `A stored head` {
  @Test func `holds the end-to-end fields as lines that are ready to write`() {
    let head = storedHead(
      "Content-Type: video/mp4\r\nContent-Length: 10\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"
        + "ETag: \"a\"\r\nAge: 7\r\nDate: Sat, 22 Nov 2025 00:00:00 GMT\r\n")

    #expect(
      text(head.block)
        == "Content-Type: video/mp4\r\nETag: \"a\"\r\nDate: Sat, 22 Nov 2025 00:00:00 GMT\r\n")
    #expect(text(head.entityTag, of: head) == "\"a\"")
  }

  @Test func `gets a Date where the origin sent none`() {
    let head = storedHead("ETag: \"a\"\r\n")

    #expect(text(head.block) == "ETag: \"a\"\r\nDate: Sat, 22 Nov 2025 00:00:00 GMT\r\n")
    #expect(head.date != nil)
  }

  @Test func `keeps the upstream caches' words apart, to be continued`() {
    let head = storedHead(
      "Via: 1.1 a\r\nCache-Status: a; hit\r\nVia: 1.1 b\r\nCache-Status: b; fwd=miss\r\n")

    #expect(text(head.via) == "1.1 a, 1.1 b")
    #expect(text(head.cacheStatus) == "a; hit, b; fwd=miss")
    #expect(!text(head.block).contains("Via"))
  }

  @Test func `never keeps a Set-Cookie, and passes one on`() {
    let fields = "Set-Cookie: a=1\r\nX-A: b\r\n"
    let passed = withResponse(fields) {
      StoredHead(passing: $0, bytes: $1, received: WallTime(milliseconds: 0))
    }

    #expect(!text(storedHead(fields).block).contains("Set-Cookie"))
    #expect(text(passed.block).hasPrefix("Set-Cookie: a=1\r\nX-A: b\r\n"))
  }

  @Test func `takes the fields of a 304, but for what the stored body needs`() {
    let old = storedHead(
      "Content-Type: video/mp4\r\nETag: \"a\"\r\nX-Old: 1\r\nCache-Control: max-age=1\r\n"
        + "X-Two: 1\r\nx-two: 2\r\nDate: Sat, 22 Nov 2025 00:00:00 GMT\r\n")

    let new = update(
      old,
      "Content-Type: text/html\r\nContent-Encoding: br\r\nContent-Length: 5\r\n"
        + "cache-control: max-age=9\r\nX-Two: 3\r\n"
        + "Via: 1.1 c\r\nX-New: 1\r\nDate: Sat, 22 Nov 2025 00:01:00 GMT\r\n")

    #expect(
      text(new.block)
        == "ETag: \"a\"\r\nX-Old: 1\r\nContent-Type: text/html\r\ncache-control: max-age=9\r\n"
        + "X-Two: 3\r\nX-New: 1\r\nDate: Sat, 22 Nov 2025 00:01:00 GMT\r\n")
    #expect(text(new.via) == "1.1 c")
    #expect(new.status == 200)
  }

  @Test func `does not grow without bounds, whatever 304s bring`() {
    var head = storedHead("ETag: \"a\"\r\n")

    for number in 0..<20 {
      let value = String(repeating: "x", count: 15_000)
      head = update(head, "X-Name-\(number): \(value)\r\nX-Other-\(number): \(value)\r\n")
    }

    #expect(head.block.count <= CacheLimits.updatedHeadBytes)
    #expect(text(head.entityTag, of: head) == "\"a\"")
  }

  @Test func `is written whole for 206 and in part for 304, 412 and 416`() {
    let head = storedHead(
      "Content-Type: video/mp4\r\nETag: \"a\"\r\nX-A: 1\r\nVary: Origin\r\n"
        + "Date: Sat, 22 Nov 2025 00:00:00 GMT\r\n")
    let date = "Date: Sat, 22 Nov 2025 00:00:00 GMT\r\n"

    #expect(written(head, for: 206) == text(head.block))
    #expect(written(head, for: 304) == "ETag: \"a\"\r\nX-A: 1\r\nVary: Origin\r\n" + date)
    #expect(written(head, for: 412) == "ETag: \"a\"\r\nVary: Origin\r\n" + date)
    #expect(written(head, for: 416) == written(head, for: 412))
  }

  @Test func `of an interim answer is passed on with its own status`() {
    let interim = withResponse("Link: </a>; rel=preload\r\nConnection: close\r\n", status: 103) {
      text(StoredHead.interim($0, bytes: $1))
    }

    #expect(interim == "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
  }

  @Test func `accounts for the memory that it holds`() {
    let head = storedHead("X-A: \(String(repeating: "x", count: 10_000))\r\n")

    #expect(head.heldBytes > 10_000 && head.heldBytes < 40_000)
  }

  @Test(
    arguments: [
      (
        "Access-Control-Allow-Origin: *\r\n",
        "Timing-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Age, Date, Content-Length, "
          + "Content-Range, Cache-Status, CMSD-Static, CMSD-Dynamic\r\n"
      ),
      (
        "Access-Control-Allow-Origin: https://a.example\r\nTiming-Allow-Origin: *\r\n"
          + "Access-Control-Expose-Headers: X-A, date,AGE\r\n"
          + "Access-Control-Expose-Headers: cmsd-static, Content-Length\r\n", ""
      ),
      (
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\n",
        "Timing-Allow-Origin: *\r\n"
      ),
    ])
  func `lets scripts read what the edge says, where they may read the answer`(
    fields: String, added: String
  ) {
    let head = storedHead(fields + "Date: Sat, 22 Nov 2025 00:00:00 GMT\r\n")
    let end = "Date: Sat, 22 Nov 2025 00:00:00 GMT\r\n" + added

    let expected = fields.replacing(
      "X-A, date,AGE", with: "X-A, date,AGE, Content-Range, Cache-Status, CMSD-Dynamic")
    #expect(text(head.block) == expected + end)
    #expect(text(update(head, "Date: Sat, 22 Nov 2025 00:00:00 GMT\r\n").block).contains(added))
  }

  @Test func `exposes by name where credentials are allowed, and nothing where nobody may read`() {
    let head = storedHead(
      "Access-Control-Allow-Origin: https://a.example\r\nAccess-Control-Expose-Headers: *\r\n"
        + "Access-Control-Allow-Credentials: true\r\n")
    let closed = storedHead("Access-Control-Expose-Headers: X-A\r\n")
    let long = "https://" + String(repeating: "a", count: 30_000)
    let far = storedHead("Access-Control-Allow-Origin: \(long)\r\n")

    #expect(text(head.block).contains("Timing-Allow-Origin: https://a.example\r\n"))
    #expect(text(head.block).contains("Access-Control-Expose-Headers: *, Age, Date, "))
    #expect(text(closed.block).hasPrefix("Access-Control-Expose-Headers: X-A\r\nDate: "))
    #expect(!text(far.block).contains("Timing-Allow-Origin"))
  }

  private func update(_ old: StoredHead, _ fields: String) -> StoredHead {
    withResponse(fields, status: 304) {
      StoredHead(old, updatedBy: $0, bytes: $1, now: WallTime(milliseconds: 1_763_769_600_000))
    }
  }

  private func written(_ head: StoredHead, for status: UInt16) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { memory in
      var writer = HeadWriter(memory)
      head.write(for: status, into: &writer)
      return writer.count
    }
    return text(Array(buffer[..<count]))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func text(_ range: ByteRange, of head: StoredHead) -> String {
    text(Array(head.block[Int(range.start)..<range.end]))
  }
}
