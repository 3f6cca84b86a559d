import Testing
import Wire

@testable import Load

@Suite struct `The choice of keys` {
  private func drawn(_ count: Int, _ popularity: Popularity, times: Int) -> [Int] {
    var choice = KeyChoice(count: count, popularity: popularity, seed: 7)
    var counts = [Int](repeating: 0, count: count)
    for _ in 0..<times { counts[choice.next()] += 1 }
    return counts
  }

  @Test func `takes each alike, or as often as its place among the popular says`() {
    let alike = drawn(10, .uniform, times: 100_000)
    #expect(alike.allSatisfy { (9_500...10_500).contains($0) })

    // 1, 1/2, 1/3, 1/4 of 25/12.
    let popular = drawn(4, .zipf(1), times: 250_000)
    for (number, count) in popular.enumerated() {
      let expected = 120_000 / (number + 1)
      #expect(abs(count - expected) < 2_000, "\(number): \(count)")
    }
  }

  @Test func `is the same for the same seed`() {
    #expect(drawn(100, .zipf(0.8), times: 1000) == drawn(100, .zipf(0.8), times: 1000))
    #expect(drawn(1, .zipf(2), times: 3) == [3])
  }
}

@Suite struct `The schedule of an open loop` {
  @Test func `goes on while nobody takes what is due`() {
    var schedule = Schedule(start: 1000, rate: 1_000_000, nanoseconds: 10_000, most: nil)

    #expect(schedule.take(at: 999) == nil)
    #expect(schedule.take(at: 5000) == 1000 && schedule.take(at: 5000) == 2000)
    #expect(schedule.overdue(at: 5000) == 3)
    while schedule.take(at: 100_000) != nil {}
    #expect(schedule.taken == 10 && schedule.due == nil && schedule.overdue(at: 100_000) == 0)
  }

  @Test func `ends after so many requests`() {
    var schedule = Schedule(start: 0, rate: 1, nanoseconds: 10_000_000_000, most: 2)
    while schedule.take(at: .max / 2) != nil {}

    #expect(schedule.taken == 2)
  }
}

@Suite struct `What a cache says` {
  @Test(arguments: [
    ("edge;hit", true), ("edge; hit;ttl=3", true), ("far;fwd=miss, edge;hit", true),
    ("far;hit, edge;fwd=miss;stored", false), ("hit", false), ("edge;hitman", false), ("", false),
  ])
  func `is a hit where its nearest member says so`(value: String, isHit: Bool) {
    let bytes = Array(value.utf8)
    #expect(CacheWord.saysHit(bytes.span) == isHit)
  }
}

@Suite struct `An answer that is loaded` {
  /// The steps that an answer takes when it comes in pieces of `size` bytes.
  private func read(_ text: String, pieces size: Int) -> (Answer.Step, body: String) {
    let bytes = Array(text.utf8)
    var answer = Answer()
    var head = ResponseHead()
    answer.begin()
    var (start, end) = (0, 0)
    var body: [UInt8] = []
    var step = Answer.Step.more
    while end < bytes.count {
      end = min(bytes.count, end + size)
      let held = Array(bytes[start..<end])
      var position = 0
      steps: while true {
        step = answer.next(held.span, at: &position, head: &head)
        switch step {
        case .head: continue
        case .body(let range): body += held[range]
        case .more, .end, .malformed: break steps
        }
      }
      start += position
      if step != .more { break }
    }
    #expect(answer.bodyBytes == UInt64(body.count))
    return (step, String(decoding: body, as: UTF8.self))
  }

  @Test(arguments: [1, 7, 4096])
  func `ends where its framing says, however it comes`(size: Int) {
    let length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    let chunks =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n" + length

    #expect(read(length, pieces: size) == (.end, "hello"))
    #expect(read(chunks, pieces: size) == (.end, "abcde"))
    #expect(read(interim, pieces: size) == (.end, "hello"))
    #expect(read("HTTP/1.1 304 Not Modified\r\n\r\n", pieces: size) == (.end, ""))
    #expect(read(String(length.dropLast()), pieces: size) == (.more, "hell"))
  }

  @Test(arguments: [
    "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func `is refused where it is no HTTP`(text: String) {
    #expect(read(text, pieces: 4096).0 == .malformed)
  }
}

private func == (left: (Answer.Step, body: String), right: (Answer.Step, String)) -> Bool {
  left.0 == right.0 && left.1 == right.1
}
