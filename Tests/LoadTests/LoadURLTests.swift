import Load
import Loop
import Testing

@Suite struct `A URL to load` {
  @Test(arguments: [
    ("http://127.0.0.1:8080/live/a.m3u8?x=1", "127.0.0.1:8080", "/live/a.m3u8?x=1"),
    ("http://127.0.0.1", "127.0.0.1", "/"), ("http://[::1]:81/a", "[::1]:81", "/a"),
    ("http://localhost:9/{n}.ts", "localhost:9", "/{n}.ts"),
  ])
  func `tells host, target and where the connections lead`(
    text: String, authority: String, target: String
  ) throws {
    let url = try LoadURL(text)

    #expect(url.authority == authority && url.target == target)
  }

  @Test func `has port 80 where it names none`() throws {
    #expect(try LoadURL("http://127.0.0.1/a").address == SocketAddress.loopback(port: 80))
    #expect(try LoadURL("http://localhost:8080").address == .loopback(port: 8080))
  }

  @Test(arguments: [
    "", "127.0.0.1/a", "https://127.0.0.1/", "http://", "http://example.com/",
    "http://a@127.0.0.1/",
    "http://127.0.0.1:70000/", "http://127.0.0.1/a b", "http://127.0.0.1/a#b", "http://127.0.0.1:/",
    "http://unix:/run/x", "http://127.0.0.1/\u{E4}",
  ])
  func `is refused with one line where it cannot be sent`(text: String) {
    let error = #expect(throws: LoadError.self) { try LoadURL(text) }
    guard case .usage(let line) = error else {
      Issue.record("\(text) is a usage error")
      return
    }
    #expect(line.hasPrefix(text) && !line.contains("\n"))
  }

  @Test func `may stand in a list, as a path or whole`() throws {
    let base = try LoadURL("http://127.0.0.1:8080/")
    let urls = try RequestOrder.targets(
      "/a\n# comment\n\nhttp://127.0.0.1:8080/b?c\n", under: base)

    #expect(urls.map(\.target) == ["/a", "/b?c"])
    #expect(throws: LoadError.self) {
      try RequestOrder.targets("http://127.0.0.1:9/a", under: base)
    }
    #expect(throws: LoadError.self) { try RequestOrder.targets("# nothing\n", under: base) }
  }
}
