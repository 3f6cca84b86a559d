import Bytes
import Cache
import Policy
import Testing
import TestKit
import Wire

@Suite struct `A cache without workers` {
  @Test func `stays within its bound through a churn of a hundred thousand objects`() throws {
    let memory = 16 << 20
    let arena = try Arena(bytes: memory)
    let table = CacheTable(arena: arena, workers: 1, notifier: HoldNotifier())
    let stored = storedHead()
    let body = Payload.bytes("churn", count: 60_000)
    var random = RandomSource(seed: 1)
    var highest = 0
    var stopped = 0

    for number in 0..<100_000 {
      let count = Int.random(in: 1...(number.isMultiple(of: 50) ? 60_000 : 2000), using: &random)
      guard let object = enter("/o/\(number)", in: table) else {
        stopped += 1
        continue
      }
      guard object.body.admit(length: UInt64(count), keepAtMost: 1 << 20) == .kept else {
        table.detach(object)
        stopped += 1
        continue
      }
      _ = object.body.append(body.span.extracting(0..<count))
      object.settle(Freshness(lifetime: .seconds(600)), arrival: Instant(nanoseconds: 0))
      object.publish(head: stored, length: UInt64(count))
      _ = object.body.seal()
      #expect(table.complete(object))
      if number.isMultiple(of: 16) {
        highest = max(highest, arena.usedBytes + table.overheadBytes)
      }
    }

    #expect(stopped == 0)
    #expect(highest > memory / 2)
    #expect(highest <= memory * 11 / 10)
    _ = table.reclaim(blocks: arena.blockCount * 16)
    #expect(arena.usedBytes == 0)
    #expect(table.objectCount == 0)
  }

  /// A miss: the object that the Fill is to write.
  private func enter(_ target: String, in table: CacheTable) -> CachedObject? {
    let bytes = Array("GET \(target) HTTP/1.1\r\nHost: live.example.com\r\n\r\n".utf8)
    let text = Array("live|\(target)".utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    var scratch: [UInt8] = []
    do {
      guard try parser.parse(bytes.span, into: &head) != nil else { return nil }
    } catch {
      return nil
    }
    let request = LookupRequest(
      key: CacheKeyText(hash: Hash128(of: text.span), text: text, targetStart: 5, site: 0),
      worker: 0, exchange: 1, now: Instant(nanoseconds: 0), terms: .none, isIdentityOnly: false)
    let lookup = table.lookUp(request, head: head, bytes: bytes.span, scratch: &scratch)
    guard case .miss(let object) = lookup else { return nil }
    return object
  }

  private func storedHead() -> StoredHead {
    let bytes = Array("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n".utf8)
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    do {
      _ = try parser.parse(bytes.span, requestMethod: .get, into: &head)
    } catch {
      Issue.record("the head is malformed")
    }
    return StoredHead(head, bytes: bytes.span, received: WallTime(milliseconds: 0))
  }
}
