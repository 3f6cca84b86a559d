import Testing
import Wire

@testable import Origin

@Suite struct `A fetch machine` {
  /// Feeds `text` in pieces of `size` and writes down what it is told.
  private func tell(
    _ text: String, size: Int = .max, method: Method = .get, ends: Bool = false
  ) -> (story: [String], mayReuse: Bool) {
    var machine = FetchMachine(method: method)
    var head = ResponseHead()
    var held: [UInt8] = []
    var rest = Array(text.utf8)
    var story: [String] = []
    var body = ""
    while true {
      let step = machine.next(held.span, room: held.count, head: &head)
      switch step {
      case .more(let consumed):
        held.removeFirst(consumed)
        if rest.isEmpty {
          if !body.isEmpty { story.append(body) }
          if ends { story.append("\(machine.peerEnded(held: held.count))") }
          return (story, machine.mayReuse)
        }
        held += rest.prefix(size)
        rest.removeFirst(min(size, rest.count))
      case .skip(let count): held.removeFirst(count)
      case .interim(let count):
        story.append("interim \(head.status)")
        held.removeFirst(count)
      case .head(let count):
        story.append("head \(head.status)")
        held.removeFirst(count)
      case .payload(let start, let count, let consumed):
        body += String(decoding: held[start..<(start + count)], as: UTF8.self)
        held.removeFirst(consumed)
      case .ended(let consumed, _):
        held.removeFirst(consumed)
        if !body.isEmpty { story.append(body) }
        story.append("ended, \(held.count + rest.count) left")
        return (story, machine.mayReuse)
      case .failed(let kind):
        if !body.isEmpty { story.append(body) }
        story.append("failed \(kind)")
        return (story, machine.mayReuse)
      }
    }
  }

  @Test(arguments: [1, 2, 7, 1000])
  func `reads every framing in pieces of any size`(size: Int) {
    let length = tell("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", size: size)
    let chunked = tell(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\nT: u\r\n\r\n",
      size: size)
    let closed = tell("HTTP/1.1 200 OK\r\n\r\nhello", size: size, ends: true)

    #expect(length.story == ["head 200", "hello", "ended, 0 left"] && length.mayReuse)
    #expect(chunked.story == ["head 200", "hello", "ended, 0 left"] && chunked.mayReuse)
    #expect(
      closed.story == ["head 200", "hello", "ended(consumed: 0, closeDelimited: true)"]
        && !closed.mayReuse)
  }

  @Test(arguments: [
    ("HTTP/1.1 204 No Content\r\n\r\n", Method.get), ("HTTP/1.1 304 Not\r\n\r\n", .get),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .head),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .get),
  ])
  func `expects no body where there is none`(text: String, method: Method) {
    let told = tell(text, method: method)

    #expect(told.story.last == "ended, 0 left")
    #expect(told.mayReuse)
  }

  @Test func `passes 102 and 103 on, swallows 100 and refuses 101`() {
    let told = tell(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
        + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let switched = tell("HTTP/1.1 101 Switching\r\n\r\n")

    #expect(told.story == ["interim 102", "interim 103", "head 200", "ended, 0 left"])
    #expect(switched.story == ["failed badHead"])
  }

  @Test func `ends an endless row of interim heads`() {
    let told = tell(
      String(repeating: "HTTP/1.1 102 P\r\n\r\n", count: OriginLimits.interimsMax + 1))

    #expect(told.story.last == "failed badHead")
    #expect(told.story.count == OriginLimits.interimsMax + 1)
  }

  @Test(arguments: [
    ("garbage\r\n\r\n", "failed badHead"),
    ("HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n", "failed badHead"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "failed badHead"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "failed badChunk"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "failed badChunk"),
    (
      "HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 40_000))\r\n\r\n",
      "failed headTooLarge"
    ),
    (
      "HTTP/1.1 200 OK\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n", "failed headTooLarge"
    ),
  ])
  func `refuses what breaks the rules`(text: String, expected: String) {
    let told = tell(text, size: 8192)

    #expect(told.story.last == expected)
    #expect(!told.mayReuse)
  }

  @Test(arguments: [
    ("", "failed(Origin.FetchFailure.Kind.reset)"),
    ("HTTP/1.1 20", "failed(Origin.FetchFailure.Kind.truncated)"),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
      "failed(Origin.FetchFailure.Kind.truncated)"
    ),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "failed(Origin.FetchFailure.Kind.truncated)"
    ),
  ])
  func `never takes an early end for the whole`(text: String, expected: String) {
    let told = tell(text, ends: true)

    #expect(told.story.last == expected)
    #expect(!told.mayReuse)
  }

  @Test func `leaves what follows the answer alone`() {
    let told = tell("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200")

    #expect(told.story == ["head 200", "ok", "ended, 12 left"])
  }
}
