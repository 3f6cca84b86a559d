import Loop
import Testing

@testable import Load

@Suite struct `Players on real sockets` {
  @Test(arguments: ["/hls/ll/main.m3u8", "/dash/ll/main.mpd"])
  func `watch what the tool makes up, on threads of their own`(entry: String) throws {
    let port = try freePort()
    var settings = ViewersSettings(url: try LoadURL("http://127.0.0.1:\(port)\(entry)"))
    settings.origin = SocketAddress(parsing: "127.0.0.1:\(port)")
    settings.players = 6
    settings.threads = 2
    settings.join = 200_000_000
    settings.churn = 50
    settings.nanoseconds = 2_000_000_000
    settings.shape.segment = 400
    settings.shape.renditions = 2
    settings.cmcd = .v2

    let report = try ViewersRun.run(settings) { _ in }

    #expect(report.tally.players >= 6 && report.tally.started > 0)
    #expect(report.tally.errors == 0, "\(report.figures)")
    #expect(report.tally.segments > 20)
  }

  /// A port that nobody listens on now.
  private func freePort() throws -> UInt16 {
    let any = try #require(SocketAddress(parsing: "127.0.0.1:0"))
    let listener = try ListeningSocket.open(any, workers: 1)[0]
    defer { close(listener) }
    return listener.address.port
  }

  private func close(_ listener: ListeningSocket) {
    let network = try? KernelNetwork()
    network?.close(listener.socket)
  }
}
