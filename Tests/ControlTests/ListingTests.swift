import Bytes
import Testing

@testable import Control

@Suite struct `The list of what is stored` {
  private func list(
    prefix: String = "", limit: Int = 1000, json: Bool = false
  ) throws -> [Substring] {
    let lab = try AdminLab()
    defer { lab.server.stop() }
    var text = ""
    try AdminClient(socket: lab.path).list(prefix: prefix, limit: limit, json: json) { text += $0 }
    return text.split(separator: "\n")
  }

  @Test func `is asked for page by page, to its end or to the limit`() throws {
    #expect(try list().count == 1 + 3)
    #expect(try list(json: true).count == 3)
    #expect(try list(limit: 1).count == 1 + 1)
    #expect(try list(limit: 2, json: true).count == 2)
  }

  @Test func `carries a prefix with any bytes to the node`() throws {
    let prefix = "http://a/ä%2F?b=1&c=+#"

    #expect(try list(prefix: prefix).last?.contains("site|\(prefix)") == true)
  }

  @Test func `is refused in the node's words`() throws {
    #expect(throws: AdminClient.Failure(message: "no site has the host nobody")) {
      try list(prefix: "http://nobody/")
    }
  }

  @Test(arguments: [
    "limit=0", "limit=x", "limit=1&limit=2", "prefix", "prefix=%4", "prefix=%FF", "format=json",
    "other=1",
  ])
  func `is refused for a query that is none`(query: String) throws {
    let lab = try AdminLab()
    defer { lab.server.stop() }

    #expect(throws: AdminClient.Failure.self) {
      try AdminClient(socket: lab.path).ask("GET", "/cache?\(query)", body: nil)
    }
  }

  @Test func `says where an object lies, for people and for programs`() {
    var entry = CacheEntry()
    entry.state = .fresh
    entry.key = "site|/a.bin"
    entry.status = 200
    entry.size = 3 << 20
    entry.age = 7300
    entry.memory = .head
    entry.hits = 1207
    entry.volume = "/v"
    entry.zone = 7

    #expect(
      entry.text
        == "fresh      200     3.0 MiB      2h     1207  site|/a.bin  (head in memory, /v:7)\n")
    #expect(
      entry.json
        == "{\"site\":\"site\",\"target\":\"/a.bin\","
        + "\"hash\":\"00000000000000000000000000000000\",\"state\":\"fresh\",\"status\":200,"
        + "\"size_bytes\":3145728,\"age_seconds\":7300,\"memory\":\"head\",\"hits\":1207,"
        + "\"volume\":\"/v\",\"zone\":7}\n")
    #expect(CacheEntry.heading == "STATE   STATUS        SIZE     AGE     HITS  KEY  (WHERE)\n")
  }
}

@Suite struct `Progress of a long command` {
  private func shown(
    isTerminal: Bool, _ steps: [(Int64, String)]
  ) -> String {
    var text = ""
    var line = ProgressLine(isTerminal: isTerminal) { text += $0 }
    for (time, step) in steps { line.show(step, at: Milliseconds(time)) }
    line.end()
    return text
  }

  @Test func `is one line that is rewritten on a terminal, and taken away`() {
    let text = shown(isTerminal: true, [(0, "a"), (100, "b"), (200, "c"), (250, "d"), (400, "e")])

    #expect(text == "\rc\u{1B}[K\re\u{1B}[K\r\u{1B}[K")
  }

  @Test func `is a line now and then elsewhere`() {
    let text = shown(isTerminal: false, [(0, "a"), (4999, "b"), (5000, "c"), (9000, "d")])

    #expect(text == "c\n")
  }

  @Test func `is nothing for what is over at once`() {
    #expect(shown(isTerminal: true, [(0, "a"), (100, "b")]) == "")
  }
}
