import Glibc
import Testing

@testable import Control

@Suite struct `A purge request` {
  @Test(arguments: [
    ("http://a", "a", "/"), ("HTTPS://a:1/", "a:1", "/"), ("http://a?q", "a", "/?q"),
    ("http://[::1]:80/x/y?z=1&w", "[::1]:80", "/x/y?z=1&w"),
  ])
  func `reads a URL`(text: String, host: String, target: String) throws {
    #expect(try PurgeRequest(url: text) == .url(host: host, target: target))
  }

  @Test(arguments: [
    "", "a", "/x", "ftp://a/", "http://", "http:///x", "http://u@a/", "http://a/ b",
    "http://a/#f", "http://a/é", "http://a/\r\nX: y",
  ])
  func `refuses what is no URL`(text: String) {
    #expect(throws: PurgeRequest.Mistake.self) { try PurgeRequest(url: text) }
  }

  @Test func `wants a slash at the end of a prefix`() throws {
    #expect(try PurgeRequest(prefix: "http://a/b/") == .prefix(host: "a", path: "/b/"))
    #expect(throws: PurgeRequest.Mistake.self) { try PurgeRequest(prefix: "http://a/b") }
    #expect(throws: PurgeRequest.Mistake.self) { try PurgeRequest(prefix: "http://a/b?c/") }
  }
}

@Suite struct `A flat JSON object` {
  @Test func `is read with every escape`() {
    let text = #" { "a" : "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é" , "b":"" } "#

    let members = JSONStrings.parse(Array(text.utf8))

    #expect(members?.map(\.key) == ["a", "b"])
    #expect(members?.first?.value == "\"\\/\u{8}\u{c}\n\r\té😀é")
    #expect(JSONStrings.parse(Array("{}".utf8))?.isEmpty == true)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"a\"}", "{\"a\":1}", "{\"a\":\"b\"", "{\"a\":\"b\",}", "{\"a\":\"b\"}x",
    "{\"a\":\"b\",\"a\":\"c\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\\u12\"}", "{\"a\":\"\n\"}", "{\"a\":\"\\", "{\"a\":{}}", "{a:\"b\"}",
    "{\"a\":\"\\udc00\"}",
  ])
  func `is refused when it is not one`(text: String) {
    #expect(JSONStrings.parse(Array(text.utf8)) == nil)
  }

  @Test func `is refused when it is no UTF-8`() {
    #expect(JSONStrings.parse(Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)) == nil)
  }
}

@Suite struct `A service manager` {
  @Test func `hears when the node is ready and when it stops`() throws {
    let path = try Project.temporary("")
    unlink(path)
    let inbox = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(inbox) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(
          inbox, __CONST_SOCKADDR_ARG(__sockaddr__: $0),
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
    let manager = SystemdNotice(socketPath: path)

    manager.ready()
    manager.stopping()

    #expect(Self.message(from: inbox) == "READY=1")
    #expect(Self.message(from: inbox) == "STOPPING=1")
    unlink(path)
  }

  @Test func `that is not there does no harm`() {
    SystemdNotice(socketPath: nil).ready()
    SystemdNotice(socketPath: "/nowhere/notify").ready()
  }

  private static func message(from inbox: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = recv(inbox, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
