import Bytes
import Loop
import Policy
import Telemetry
import Testing

@testable import Origin

@Suite struct `Many fetches at once` {
  private func answer(_ body: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    guard Bool.random(using: &random) else {
      return Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }
    var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    var rest = body[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...min(rest.count, 900), using: &random)
      bytes += Array("\(String(count, radix: 16))\r\n".utf8) + rest.prefix(count)
      bytes += Array("\r\n".utf8)
      rest = rest.dropFirst(count)
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `bring every byte in order, whatever the pieces and the room`(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let lab = try Lab()
    for _ in 0..<20 {
      let body = (0..<Int.random(in: 1...5000, using: &random)).map {
        UInt8(truncatingIfNeeded: $0 &* 31)
      }
      let listener = Listener()
      listener.inPlace = Bool.random(using: &random) ? 0 : -1
      listener.room = 0
      lab.network.readMax = Int.random(in: 1...3000, using: &random)
      let id = lab.fetch(listener)
      guard let line = lab.network.open.first else { break }
      var rest = answer(body, &random)[...]
      for _ in 0..<20_000 where listener.ended == nil {
        let count = min(rest.count, Int.random(in: 0...700, using: &random))
        line.sends(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
        if Bool.random(using: &random) {
          listener.room += Int.random(in: 0...600, using: &random)
          lab.pool.resume(id)
        }
        lab.turn(1)
      }

      #expect(listener.body == body && listener.ended == false, "seed \(seed)")
    }
    #expect(lab.network.lines.count == 1 && lab.pool.fetchCount == 0, "seed \(seed)")
  }

  @Test func `share a bounded number of connections`() throws {
    let lab = try Lab { $0.fillsMax = .max }
    let first = Listener()
    let last = Listener()

    let id = lab.pool.start(lab.order(), for: first)
    for _ in 1..<OriginLimits.connectionsMax { _ = lab.pool.start(lab.order(), for: Listener()) }
    _ = lab.pool.start(lab.order(), for: last)
    lab.turn(1)

    #expect(last.failure?.kind == .overLimit && last.failure?.status == 503)
    #expect(first.failure == nil && id.slot == 0)
  }
}
