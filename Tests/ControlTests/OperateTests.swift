import Testing

@testable import Control

@Suite struct `An operator's request` {
  @Test(arguments: [
    OperatorRequest.streams(pattern: ""), .streams(pattern: "/live/**"), .stream("/a.m3u8"),
    .end("http://a/b.m3u8", undo: false), .end("/b", undo: true),
    .pin(server: "live/a:80", stream: nil, undo: false),
    .pin(server: "live/a:80", stream: "/b", undo: true), .drain(server: "live/a:80", undo: true),
    .switches, .set(rule: "guard", isOn: false, origin: nil),
    .set(rule: "hold", isOn: true, origin: "live"),
  ])
  func `is read from its members as it was written`(request: OperatorRequest) {
    #expect(OperatorRequest(request.members) == request)
  }

  @Test(arguments: [
    [("do", "stream")], [("do", "fly")], [("do", "set"), ("rule", "guard")],
    [("do", "set"), ("rule", "guard"), ("state", "maybe")],
    [("do", "drain"), ("server", "a/b:1"), ("stream", "/a")], [("do", "switches"), ("why", "so")],
  ])
  func `is refused where a member is missing or odd`(members: [(String, String)]) {
    #expect(OperatorRequest(members.map { (key: $0.0, value: $0.1) }) == nil)
  }

  @Test func `is carried out through the admin door, or refused with what is known`() throws {
    let lab = try AdminLab()
    let client = AdminClient(socket: lab.path)

    let text = try client.operate(.stream("/a.m3u8"), json: false)
    let json = try client.operate(.switches, json: true)
    let refusal = #expect(throws: AdminClient.Failure.self) {
      try client.operate(.drain(server: "a/b:1", undo: false), json: true)
    }
    let other = lab.raw("GET /operate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    lab.server.stop()

    #expect(text == "stream(\"/a.m3u8\")\n")
    #expect(json == "{}\n")
    #expect(refusal?.message == "there is no origin \"a\"; known are live")
    #expect(other.hasPrefix("HTTP/1.1 405 "))
  }
}
