import Bytes
import Loop
import Policy
import Telemetry
import Testing

@testable import Origin

private let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

@Suite struct `A kept connection` {
  /// Fetches once, so that one connection is kept.
  private func warm(_ lab: Lab, _ answer: String = hello) {
    _ = lab.fetch(Listener())
    lab.network.lines[0].sends(answer)
    lab.turn()
    lab.network.lines[0].request.removeAll()
  }

  @Test func `carries the next fetch`() throws {
    let lab = try Lab()
    let listener = Listener()
    warm(lab)

    _ = lab.fetch(listener)
    lab.network.lines[0].sends(hello)
    lab.turn()

    #expect(lab.network.lines.count == 1 && listener.ended == false)
    #expect(lab.counted(.originConnectionsReused) == 1)
  }

  @Test func `is the youngest one`() throws {
    let lab = try Lab()
    let listeners = [Listener(), Listener()]
    for listener in listeners { _ = lab.fetch(listener) }
    for line in lab.network.lines {
      line.sends(hello)
      lab.turn()
    }

    _ = lab.fetch(Listener())

    #expect(lab.network.lines[1].requestText.components == 2)
    #expect(lab.network.lines[0].requestText.components == 1)
  }

  @Test func `is given up when it has died, and the fetch gets a fresh one`() throws {
    let lab = try Lab()
    let listener = Listener()
    warm(lab)

    _ = lab.fetch(listener)
    lab.network.lines[0].resets()
    lab.turn()
    lab.network.lines[1].sends(hello)
    lab.turn()

    #expect(listener.bodyText == "hello" && listener.ended == false)
    #expect(lab.network.lines.count == 2)
    #expect(lab.counted(.originRetriesReusedConnection) == 1)
  }

  @Test func `gets no second fresh one`() throws {
    let lab = try Lab()
    let listener = Listener()
    warm(lab)

    _ = lab.fetch(listener)
    lab.network.lines[0].resets()
    lab.turn()
    lab.network.lines[1].ends()
    lab.turn()

    #expect(listener.failure?.kind == .reset)
    #expect(lab.network.lines.count == 2)
  }

  @Test func `is not used after bytes that nobody asked for`() throws {
    let lab = try Lab()
    warm(lab, hello + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
    let listener = Listener()

    let id = lab.pool.start(lab.order(), for: listener)
    lab.turn()
    lab.network.open[0].sends(hello)
    lab.turn()

    #expect(id.generation > 0 && lab.network.lines.count == 2)
    #expect(listener.bodyText == "hello")
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  ])
  func `is none when the server says so`(answer: String) throws {
    let lab = try Lab()

    warm(lab, answer)

    #expect(lab.network.open.isEmpty)
  }

  @Test func `is closed when idle too long, when the server closes, and when draining`() throws {
    let idle = try Lab()
    let closed = try Lab()
    let drained = try Lab()
    for lab in [idle, closed, drained] { warm(lab) }

    idle.pass(OriginLimits.idleTime.count - 100)
    #expect(idle.network.open.count == 1)
    idle.pass(200)
    closed.network.lines[0].ends()
    closed.turn()
    drained.pool.drain()

    for lab in [idle, closed, drained] {
      #expect(lab.network.open.isEmpty)
      #expect(lab.counted(.originConnectionsActive) == 0)
    }
  }

  @Test func `is not used when its name has another address now`() throws {
    let lab = try Lab([ServerSettings(host: "origin.example")])
    let name = lab.book.register(host: "origin.example", port: 80)
    lab.book.publish([Lab.address(1)], for: name)
    warm(lab)

    lab.book.publish([Lab.address(2)], for: name)
    _ = lab.fetch(Listener())

    #expect(lab.network.open.map(\.address) == [Lab.address(2)])
  }

  @Test func `is closed with all others when its name has moved`() throws {
    let lab = try Lab([ServerSettings(host: "origin.example")])
    let name = lab.book.register(host: "origin.example", port: 80)
    lab.book.publish([Lab.address(1)], for: name)
    let busy = Listener()
    for _ in 0..<3 { _ = lab.fetch(Listener()) }
    for line in lab.network.lines { line.sends(hello) }
    _ = lab.fetch(busy)
    lab.turn()
    #expect(lab.network.open.count == 4)

    lab.book.publish([Lab.address(2)], for: name)
    _ = lab.fetch(Listener())
    #expect(lab.network.open.map(\.address) == [Lab.address(1), Lab.address(2)])
    // What runs is finished, and its connection is not used again.
    lab.network.open[0].sends(hello)
    lab.turn()
    _ = lab.fetch(Listener())

    #expect(busy.bodyText == "hello")
    #expect(lab.network.open.map(\.address) == [Lab.address(2), Lab.address(2)])
  }

  @Test func `is at once there for what a client starts when it is told the end`() throws {
    let lab = try Lab()
    let first = Listener()
    let second = Listener()
    first.onEnd = { _ in _ = lab.pool.start(lab.order(), for: second) }

    _ = lab.fetch(first)
    lab.network.lines[0].sends(hello)
    lab.turn()
    lab.network.lines[0].sends(hello)
    lab.turn()

    #expect(second.bodyText == "hello" && lab.network.lines.count == 1)
  }
}

@Suite struct `An origin of several servers` {
  private let two = [ServerSettings(host: "10.0.0.1"), ServerSettings(host: "10.0.0.2")]

  @Test(arguments: [
    "", "HTTP/1.1 200", "rubbish\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n",
  ])
  func `answers from the next one as long as no head was given`(answer: String) throws {
    let lab = try Lab(two)
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[0].sends(answer)
    lab.network.lines[0].ends()
    lab.turn()
    lab.network.lines[1].sends(hello)
    lab.turn()

    #expect(lab.network.lines[1].address == Lab.address(2))
    #expect(listener.server == 1 && listener.bodyText == "hello" && listener.failure == nil)
    #expect(lab.counted(.originRetriesNextServer) == 1)
  }

  @Test func `puts a server that failed last for a while`() throws {
    let lab = try Lab(two)
    lab.network.doors[Lab.address(1)] = .refuses

    _ = lab.fetch(Listener())
    _ = lab.fetch(Listener())
    let during = lab.network.lines.map(\.address)
    lab.network.doors[Lab.address(1)] = .open
    lab.pass(1010)
    _ = lab.fetch(Listener())

    #expect(during == [Lab.address(1), Lab.address(2), Lab.address(2)])
    #expect(lab.network.lines.last?.address == Lab.address(1))
  }

  @Test func `tells the log once when a server goes down, and when it is up again`() throws {
    let lab = try Lab(two)
    lab.network.doors[Lab.address(1)] = .refuses
    for pause in [1010, 2010, 4010, 5010] as [Int64] {
      _ = lab.fetch(Listener())
      lab.network.open[0].sends(hello)
      lab.pass(pause)
    }
    var lines: [ErrorRecord] = []
    lab.errors.drain(into: &lines)
    #expect(lines.map(\.kind) == [.serverDown] && lines.map(\.reason) == [.connectRefused])
    #expect(lines.map(\.level) == [.warning])
    let server = lines[0].origin
    #expect(server.bytes.indices.map { server.bytes[$0] } == Array("live/10.0.0.1".utf8))

    lab.network.doors[Lab.address(1)] = .open
    for _ in 0..<3 {
      _ = lab.fetch(Listener())
      lab.network.open.first { $0.address == Lab.address(1) }?.sends(hello)
      lab.turn()
    }
    lines.removeAll()
    lab.errors.drain(into: &lines)

    #expect(lines.map(\.kind) == [.serverUp] && lines.map(\.level) == [.info])
  }

  @Test func `asks backups last, and a failing server rather than none`() throws {
    let lab = try Lab([
      ServerSettings(host: "10.0.0.3", backup: true), ServerSettings(host: "10.0.0.1"),
    ])
    for last: UInt32 in [1, 3] { lab.network.doors[Lab.address(last)] = .refuses }
    let first = Listener()
    let second = Listener()

    _ = lab.fetch(first)
    _ = lab.fetch(second)

    #expect(
      lab.network.lines.map(\.address)
        == [Lab.address(1), Lab.address(3), Lab.address(1), Lab.address(3)])
    #expect(first.failure?.kind == .refused && second.failure?.kind == .refused)
  }

  @Test func `tries all addresses of a name before the next server`() throws {
    let lab = try Lab([ServerSettings(host: "localhost"), ServerSettings(host: "10.0.0.9")])
    lab.book.publish(
      [Lab.address(1), Lab.address(2)], for: lab.book.register(host: "localhost", port: 80))
    lab.network.doors[Lab.address(1)] = .refuses
    let listener = Listener()

    _ = lab.fetch(listener)
    lab.network.lines[1].sends(hello)
    lab.turn()
    _ = lab.fetch(Listener()) { $0.mayRepeat = false }

    #expect(
      lab.network.lines.map(\.address) == [Lab.address(1), Lab.address(2), Lab.address(2)])
  }

  @Test func `is not asked twice for what must not happen twice`() throws {
    let lab = try Lab(two)
    let listener = Listener()

    _ = lab.fetch(listener) { $0.mayRepeat = false }
    lab.network.lines[0].ends()
    lab.turn()

    #expect(listener.failure?.kind == .reset)
    #expect(lab.network.lines.count == 1)
  }
}

extension String {
  /// How many requests the text holds.
  fileprivate var components: Int {
    var count = 0
    var rest = self[...]
    while let end = rest.firstRange(of: "\r\n\r\n") {
      count += 1
      rest = rest[end.upperBound...]
    }
    return count
  }
}
