import Bytes
import CLinux
import Glibc
import Loop
import Testing

/// A name server of the test's own: answers over UDP from a table that the test changes.
private final class NameServer: @unchecked Sendable {
  // Exception: @unchecked, because the table and the counter are guarded by `lock`.
  private let lock = Lock()
  private var table: [String: [SocketAddress.Host]] = [:]
  private var questions: [String: Int] = [:]
  private let descriptor: Int32
  private var thread: WorkerThread?
  let port: UInt16

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let made = descriptor
    withUnsafeMutablePointer(to: &own) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = bind(made, __CONST_SOCKADDR_ARG(__sockaddr__: address), count)
        _ = getsockname(made, __SOCKADDR_ARG(__sockaddr__: address), &count)
      }
    }
    port = UInt16(bigEndian: own.sin_port)
    thread = try WorkerThread(name: "names") { [unowned self] in serve() }
  }

  /// Has `name` resolve to these from now on; none: the name does not exist.
  func set(_ name: String, _ hosts: [SocketAddress.Host]) {
    lock.lock()
    table[name] = hosts
    lock.unlock()
  }

  func asked(_ name: String) -> Int {
    lock.lock()
    defer { lock.unlock() }
    return questions[name] ?? 0
  }

  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    thread?.join()
    close(descriptor)
  }

  private func serve() {
    var query = [UInt8](repeating: 0, count: 512)
    while true {
      var peer = sockaddr_in()
      var peerCount = socklen_t(MemoryLayout<sockaddr_in>.size)
      let count = withUnsafeMutablePointer(to: &peer) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          recvfrom(
            descriptor, &query, query.count, 0, __SOCKADDR_ARG(__sockaddr__: address), &peerCount)
        }
      }
      guard count > 12 else { return }
      let reply = answer(Array(query[..<count]))
      _ = withUnsafeMutablePointer(to: &peer) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          sendto(
            descriptor, reply, reply.count, 0, __CONST_SOCKADDR_ARG(__sockaddr__: address),
            peerCount)
        }
      }
    }
  }

  /// RFC 1035, section 4.1: the question back, and one record with a TTL of zero per address.
  private func answer(_ query: [UInt8]) -> [UInt8] {
    var labels: [String] = []
    var place = 12
    while place < query.count, query[place] != 0 {
      let end = place + 1 + Int(query[place])
      labels.append(String(decoding: query[place + 1..<end], as: UTF8.self).lowercased())
      place = end
    }
    let question = query[12..<place + 5]
    let kind = query[place + 2]
    let name = labels.joined(separator: ".")
    lock.lock()
    questions[name, default: 0] += 1
    let known = table[name] ?? []
    lock.unlock()
    let records = known.compactMap { host -> [UInt8]? in
      switch (host, kind) {
      case (.ipv4(let bits), 1):
        return withUnsafeBytes(of: bits.bigEndian) { Array($0) }
      case (.ipv6(let high, let low, _), 28):
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
      default:
        return nil
      }
    }
    let code: UInt8 = known.isEmpty ? 3 : 0
    var reply = [query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
    reply += question
    for record in records {
      reply += [0xC0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, UInt8(record.count)] + record
    }
    return reply
  }
}

@Suite(.serialized) struct `The resolver` {
  private let server: NameServer
  private let book: AddressBook
  private let resolver: Resolver

  init() throws {
    server = try NameServer()
    book = try AddressBook()
    var configuration = Resolver.Configuration()
    configuration.servers = ["127.0.0.1:\(server.port)"]
    resolver = try Resolver(book: book, configuration: configuration)
  }

  private func finish() {
    resolver.stop()
    server.stop()
  }

  @Test func `asks for both families and puts IPv4 first`() {
    server.set("origin.test", [.ipv6(high: 1, low: 2, scope: 0), .ipv4(0x0A00_0001)])

    let index = book.register(host: "origin.test", port: 8080)
    let isResolved = book.waitUntilResolved(timeout: .seconds(10))

    #expect(isResolved)
    #expect(
      book.addresses(index) == [
        SocketAddress(host: .ipv4(0x0A00_0001), port: 8080),
        SocketAddress(host: .ipv6(high: 1, low: 2, scope: 0), port: 8080),
      ])
    #expect(book.register(host: "origin.test", port: 8080) == index)
    finish()
  }

  @Test func `follows a changed answer, and keeps the old one when the name disappears`() {
    server.set("origin.test", [.ipv4(1)])
    let index = book.register(host: "origin.test", port: 80)
    #expect(book.waitUntilResolved(timeout: .seconds(10)))
    let deadline = Instant.read() + .seconds(10)

    server.set("origin.test", [.ipv4(2)])
    while book.entry(index).version < 2, Instant.read() < deadline { sched_yield() }
    let changed = book.addresses(index)
    server.set("origin.test", [])
    while book.entry(index).failures == 0, Instant.read() < deadline { sched_yield() }

    #expect(changed == [SocketAddress(host: .ipv4(2), port: 80)])
    #expect(book.entry(index).failures > 0)
    #expect(book.addresses(index) == changed)
    finish()
  }

  @Test func `needs no server for literals and localhost`() {
    let four = book.register(host: "192.0.2.1", port: 80)
    let six = book.register(host: "2001:db8::1", port: 80)
    let local = book.register(host: "localhost", port: 80)
    let below = book.register(host: "demo.localhost", port: 80)

    #expect(book.waitUntilResolved(timeout: .seconds(10)))

    #expect(book.addresses(four) == [SocketAddress(host: .ipv4(0xC000_0201), port: 80)])
    #expect(book.addresses(six).first?.description == "[2001:db8::1]:80")
    #expect(book.addresses(local).first == .loopback(port: 80))
    #expect(book.addresses(below).first == .loopback(port: 80))
    #expect(server.asked("localhost") == 0)
    finish()
  }

  @Test func `says at start which names are missing`() {
    let index = book.register(host: "nowhere.test", port: 80)

    let isResolved = book.waitUntilResolved(timeout: .seconds(10))

    #expect(!isResolved)
    #expect(book.addresses(index).isEmpty)
    #expect(book.entry(index).failures > 0)
    finish()
  }

  @Test func `gives up a question that nobody answers when it is stopped`() throws {
    let silent = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var configuration = Resolver.Configuration()
    configuration.servers = ["127.0.0.1:9"]
    let book = try AddressBook()
    let resolver = try Resolver(book: book, configuration: configuration)

    let index = book.register(host: "origin.test", port: 80)
    resolver.stop()

    #expect(book.addresses(index).isEmpty)
    close(silent)
    finish()
  }
}
