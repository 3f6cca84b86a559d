import Telemetry
import Testing

@Suite struct `An inline text` {
  @Test func `keeps what fits and says when it cut`() {
    var text = InlineText<4>()

    text.set("abcd".utf8Span.span)
    let whole = text
    text.set("abcde".utf8Span.span)

    #expect(whole.count == 4)
    #expect(!whole.isTruncated)
    #expect(text.count == 4)
    #expect(text.isTruncated)
    #expect(text.bytes[3] == UInt8(ascii: "d"))
  }

  @Test func `is empty again after clearing or setting nothing`() {
    var text = InlineText<4>()

    text.set("abcde")
    text.clear()
    let cleared = text.count
    text.set("".utf8Span.span)

    #expect(cleared == 0)
    #expect(text.count == 0)
    #expect(!text.isTruncated)
  }
}
