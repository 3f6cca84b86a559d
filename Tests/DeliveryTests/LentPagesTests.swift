import Bytes
import Glibc
import Loop
import TestKit
import Testing

/// The real kernel: pages that `sendfile` has taken belong to the socket until the peer has read
/// them, whatever becomes of the object (design, section 3).
@Suite struct `Pages that were lent to the kernel` {
  private let count = 1 << 20

  @Test(arguments: 1...3)
  func `still hold the old bytes when their blocks belong to others`(round: Int) throws {
    let arena = try Arena(bytes: 4 << 20)
    let network = try KernelNetwork()
    let (sender, receiver) = try loopbackPair(network)
    defer {
      network.close(sender)
      network.close(receiver)
    }
    let old = Payload.bytes("old \(round)", count: count)
    var body: Body? = filled(arena, old)

    let sent = try lend(body, of: arena, through: network, to: sender)
    #expect(sent > 65_536, "the socket took next to nothing, so nothing was tested")
    body = nil
    #expect(arena.usedBytes == 0)
    let others = (0..<4).map { filled(arena, Payload.bytes("new \($0)", count: count)) }
    #expect(arena.usedBytes == 4 << 20)
    let received = receive(sent, from: receiver, through: network)

    let isOld = Payload.areSame(received, Array(old[..<sent]))
    #expect(isOld, "another object's bytes reached the viewer of an evicted one")
    withExtendedLifetime(others) {}
  }

  @Test func `would hold others' bytes if their blocks were not punched`() throws {
    let arena = try Arena(bytes: 1 << 20)
    let network = try KernelNetwork()
    let (sender, receiver) = try loopbackPair(network)
    defer {
      network.close(sender)
      network.close(receiver)
    }
    let old = Payload.bytes("old", count: count)
    let body = filled(arena, old)

    let sent = try lend(body, of: arena, through: network, to: sender)
    // What a pool without punching would do: write over them in place.
    let all = UnsafeMutableRawBufferPointer(
      arena.bytes(offset: 0, count: arena.blockCount * 65_536))
    all.copyBytes(from: Payload.bytes("new", count: count))
    let received = receive(sent, from: receiver, through: network)

    let isOld = Payload.areSame(received, Array(old[..<sent]))
    #expect(!isOld, "this kernel copies what it is lent: the test above proves nothing here")
    withExtendedLifetime(body) {}
  }

  private func filled(_ arena: Arena, _ bytes: [UInt8]) -> Body {
    let body = Body(arena: arena)
    let admission = body.admit(length: UInt64(bytes.count), keepAtMost: 1 << 30)
    #expect(admission == .kept)
    _ = body.append(bytes.span)
    _ = body.seal()
    return body
  }

  /// Sends as much of the body as the socket takes, as a worker does; its length.
  private func lend(
    _ body: Body?, of arena: Arena, through network: KernelNetwork, to socket: Socket
  ) throws -> Int {
    let body = try #require(body)
    var offset: UInt64 = 0
    while true {
      let piece = body.next(
        offset: offset, limit: 1 << 20, worker: 0,
        scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      guard case .range(let range) = piece else { return Int(offset) }
      body.markLent()
      let transfer = network.sendFile(
        socket, descriptor: arena.descriptor, offset: range.offset,
        count: range.count)
      guard case .moved(let moved) = transfer else { return Int(offset) }
      offset += UInt64(moved)
    }
  }

  private func receive(
    _ count: Int, from socket: Socket, through network: KernelNetwork
  ) -> [UInt8] {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var idle = 0
    while received.count < count, idle < 10_000_000 {
      switch buffer.withUnsafeMutableBytes({ network.read(socket, into: $0) }) {
      case .moved(let got): received += buffer[..<got]
      case .wait: idle += 1
      case .end, .failed: return received
      }
    }
    return received
  }

  /// Two connected TCP sockets on loopback.
  private func loopbackPair(
    _ network: KernelNetwork
  ) throws -> (sender: Socket, receiver: Socket) {
    let listening = try ListeningSocket.open(.loopback(port: 0), workers: 1)[0]
    defer { network.close(listening.socket) }
    let receiver = try network.connect(to: listening.address)
    for _ in 0..<1_000_000 {
      guard case .accepted(let accepted) = network.accept(listening.socket) else { continue }
      return (accepted.socket, receiver)
    }
    throw SystemError(code: ETIMEDOUT, call: "accept4")
  }
}
