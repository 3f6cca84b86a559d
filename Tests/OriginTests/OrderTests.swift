import Bytes
import Loop
import Policy
import Telemetry
import Testing

@testable import Origin

private let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

@Suite struct `An order that says which servers it wants` {
  private let three = (1...3).map { ServerSettings(host: "10.0.0.\($0)") }

  private func asked(_ lab: Lab) -> [SocketAddress] { lab.network.lines.map(\.address) }

  @Test func `gets the one that it prefers, and another when that fails`() throws {
    let lab = try Lab(three)
    let listener = Listener()

    _ = lab.fetch(listener) { $0.preferredServer = 2 }
    lab.network.lines[0].ends()
    lab.turn()

    #expect(asked(lab) == [Lab.address(3), Lab.address(1)])
    // It is not sound any more: the origin chooses.
    _ = lab.fetch(Listener()) { $0.preferredServer = 2 }
    #expect(asked(lab).last == Lab.address(1))
  }

  @Test func `tries the one that it prefers when that may be tried`() throws {
    let lab = try Lab(three)
    lab.network.doors[Lab.address(3)] = .refuses
    _ = lab.fetch(Listener()) { $0.preferredServer = 2 }
    lab.network.doors[Lab.address(3)] = .open
    lab.pass(1010)
    let listener = Listener()

    _ = lab.fetch(listener) { $0.preferredServer = 2 }
    #expect(asked(lab).last == Lab.address(3))
    // One trial at a time: the next goes elsewhere.
    _ = lab.fetch(Listener()) { $0.preferredServer = 2 }
    #expect(asked(lab).last == Lab.address(1))
    lab.network.lines[2].sends(hello)
    lab.turn()

    #expect(listener.server == 2)
    #expect(lab.board.rows(at: lab.network.instant())[2].state == .healthy)
  }

  @Test func `is answered by that one alone where no other will do`() throws {
    let lab = try Lab(three)
    let listener = Listener()

    _ = lab.fetch(listener) {
      $0.preferredServer = 1
      $0.mayGoElsewhere = false
    }
    lab.network.lines[0].ends()
    lab.turn()
    #expect(listener.failure == FetchFailure(kind: .reset, server: 1, headGiven: false))

    // Whatever its health, and without a trial where its time has not come.
    _ = lab.fetch(Listener()) {
      $0.preferredServer = 1
      $0.mayGoElsewhere = false
    }
    #expect(asked(lab) == [Lab.address(2), Lab.address(2)])
    #expect(lab.counted(.originRetriesNextServer) == 0)
  }

  @Test func `notes a trial of the one server that will do`() throws {
    let lab = try Lab(three)
    _ = lab.fetch(Listener()) { $0.preferredServer = 0 }
    lab.board.note(.failure, of: 1, at: lab.network.instant(), isTrial: false)
    lab.pass(1010)

    _ = lab.fetch(Listener()) {
      $0.preferredServer = 1
      $0.mayGoElsewhere = false
    }
    #expect(lab.board.view(of: [0, 1, 2], at: lab.network.instant()).open == 0)
    lab.network.lines[1].sends(hello)
    lab.turn()

    #expect(lab.board.rows(at: lab.network.instant())[1].state == .healthy)
  }

  @Test func `goes on at the first chosen one with a fresh connection and its next address`() throws
  {
    let lab = try Lab([ServerSettings(host: "localhost"), ServerSettings(host: "10.0.0.9")])
    lab.book.publish(
      [Lab.address(1), Lab.address(2)], for: lab.book.register(host: "localhost", port: 80))
    lab.network.doors[Lab.address(1)] = .refuses
    let listener = Listener()

    _ = lab.fetch(listener) { $0.mayGoElsewhere = false }
    lab.network.lines[1].sends(hello)
    lab.turn()
    let second = Listener()
    _ = lab.fetch(second) { $0.mayGoElsewhere = false }
    lab.network.lines[1].resets()
    lab.turn()
    lab.network.lines[2].ends()
    lab.turn()

    #expect(listener.server == 0)
    #expect(asked(lab) == [Lab.address(1), Lab.address(2), Lab.address(2)])
    #expect(second.failure == FetchFailure(kind: .reset, server: 0, headGiven: false))
  }

  @Test(arguments: [-1, 3, 64, .max])
  func `is no order for a server that does not exist`(server: Int) throws {
    let lab = try Lab(three)
    let strict = Listener()

    _ = lab.fetch(Listener()) { $0.preferredServer = server }
    _ = lab.fetch(strict) {
      $0.preferredServer = server
      $0.mayGoElsewhere = false
    }

    #expect(asked(lab) == [Lab.address(1)] && strict.failure?.kind == .unresolved)
  }

  @Test func `never reaches those that it avoids`() throws {
    let lab = try Lab(three)
    for last: UInt32 in [1, 2, 3] { lab.network.doors[Lab.address(last)] = .refuses }
    let some = Listener()
    let none = Listener()
    let avoided = Listener()

    _ = lab.fetch(some) { $0.avoidedServers = 0b101 }
    _ = lab.fetch(none) { $0.avoidedServers = 0b111 }
    _ = lab.fetch(avoided) {
      $0.avoidedServers = 0b001
      $0.preferredServer = 0
      $0.mayGoElsewhere = false
    }

    #expect(asked(lab) == [Lab.address(2)])
    #expect(some.failure?.kind == .refused && none.failure?.kind == .unresolved)
    #expect(avoided.failure == FetchFailure(kind: .unresolved, server: -1, headGiven: false))
  }
}
