import Bytes
import CLinux
import Glibc
import Store
import Testing

@Suite struct `Pages that were lent` {
  @Test func `keep their bytes when the zone is written anew`() throws {
    let lab = try StoreLab()
    let count = 300_000
    try lab.write(1, count: count)
    try lab.commit()
    let volume = lab.store.volumes[0]
    let body = try lab.body(1, of: 1)
    var sockets: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
    defer { for socket in sockets { close(socket) } }
    var room: Int32 = 4 << 20
    setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(sockets[0], F_SETFL, O_NONBLOCK)

    #expect(volume.pin(zone: body.place.zone, epoch: body.place.epoch))
    var offset = off_t(volume.bodyOffset(of: body))
    var sent = 0
    while sent < count {
      let moved = sendfile(sockets[0], volume.readFile.descriptor, &offset, count - sent)
      guard moved > 0 else { break }
      sent += moved
    }
    volume.unpin(zone: body.place.zone)
    try lab.stream(34 << 20, of: 500_000, from: 100)

    #expect(volume.isDirect)
    #expect(!volume.isAlive(body.place))
    #expect(sent > 60_000, "the socket took too little to show anything")
    var received = [UInt8](repeating: 0, count: sent)
    var got = 0
    while got < sent {
      let moved = received.withUnsafeMutableBytes {
        read(sockets[1], $0.baseAddress?.advanced(by: got), sent - got)
      }
      guard moved > 0 else { break }
      got += moved
    }
    #expect(got == sent)
    #expect(received == Array(StoreLab.body(1, version: 1, count: count)[..<sent]))
  }
}
