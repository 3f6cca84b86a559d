import Bytes
import Cache
import Policy
import Samples
import Wire

/// A table with a thousand objects, and a worker's front table with one of them.
struct MemoryTier: ~Copyable {
  private let table: CacheTable
  private let key: CacheKeyText
  private var scratch: [UInt8] = []
  private let now = Instant(nanoseconds: 1_000_000_000)

  init() throws {
    let arena = try Arena(bytes: 64 * BytesLimits.blockBytes)
    table = CacheTable(arena: arena, workers: 2, notifier: HoldNotifier())
    key = MemoryTier.key("/live/main/segment-0.m4s")
    for number in 0..<1000 { store(MemoryTier.key("/live/main/segment-\(number).m4s")) }
  }

  /// A hit as most are: the worker holds the object.
  mutating func find(times: Int) {
    var front = FrontTable()
    let version = table.version(of: key.hash)
    guard case .hit(let object) = ask(key) else { preconditionFailure("nothing is stored") }
    _ = front.hold(object, version: version)
    var scratch: [UInt8] = []
    Heads.withRequest([]) { head, bytes in
      for _ in 0..<times {
        keep(
          front.find(
            primary: key.hash, key: key.text, table: table, head: head, bytes: bytes, now: now,
            scratch: &scratch))
      }
    }
  }

  /// A hit that asks the table: a lock, a dictionary, a choice of variants.
  mutating func lookUp(times: Int) {
    let request = request(key)
    var scratch: [UInt8] = []
    Heads.withRequest([]) { head, bytes in
      for _ in 0..<times {
        keep(table.lookUp(request, head: head, bytes: bytes, scratch: &scratch))
      }
    }
  }

  private func request(_ key: CacheKeyText) -> LookupRequest {
    LookupRequest(
      key: key, worker: 0, exchange: 1, now: now, terms: ReuseTerms(), isIdentityOnly: false)
  }

  private mutating func ask(_ key: CacheKeyText) -> Lookup {
    let request = request(key)
    var found = Lookup.pass
    Heads.withRequest([]) { head, bytes in
      found = table.lookUp(request, head: head, bytes: bytes, scratch: &scratch)
    }
    return found
  }

  private mutating func store(_ key: CacheKeyText) {
    guard case .miss(let object) = ask(key) else { preconditionFailure("the table is not empty") }
    Heads.withResponse(Heads.segment) { head, bytes in
      object.settle(Freshness(lifetime: .seconds(3600)), arrival: now)
      object.publish(head: StoredHead(head, bytes: bytes, received: Heads.now), length: 1024)
    }
    guard object.body.admit(length: 1024, keepAtMost: .max) == .kept else {
      preconditionFailure("there is no memory")
    }
    _ = object.body.append([UInt8](repeating: 7, count: 1024).span)
    _ = object.body.seal()
    _ = table.complete(object)
  }

  private static func key(_ target: String) -> CacheKeyText {
    let start = "live|live.example.com"
    let text = Array((start + target).utf8)
    return CacheKeyText(
      hash: Hash128(of: text.span), text: text, targetStart: start.utf8.count, site: 0)
  }
}
