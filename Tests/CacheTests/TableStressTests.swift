import Bytes
import Cache
import Loop
import Policy
import Testing

/// What a worker is told from other threads, as in its mailbox.
private final class Mailboxes: HoldNotifier, @unchecked Sendable {
  // Exception: unchecked, because the lock guards the lists.
  private let lock = Lock()
  private var lists: [[CachedObject]]

  init(workers: Int) { lists = Array(repeating: [], count: workers) }

  override func drop(_ object: CachedObject, workers: UInt64) {
    lock.withLock {
      for index in lists.indices where workers & (1 << UInt64(index)) != 0 {
        lists[index].append(object)
      }
    }
  }

  func take(_ index: Int) -> [CachedObject] {
    lock.withLock {
      defer { lists[index] = [] }
      return lists[index]
    }
  }
}

/// One worker's thread: asks, fills, serves, purges and evicts at random.
private struct StressWorker: ~Copyable {
  let index: Int
  let table: CacheTable
  let arena: Arena
  var front = FrontTable()
  var random: RandomSource
  var scratch: [UInt8] = []
  var wrong = 0

  init(index: Int, table: CacheTable, arena: Arena) {
    self.index = index
    self.table = table
    self.arena = arena
    random = RandomSource(seed: UInt64(index))
  }

  mutating func step(_ number: Int, _ mailboxes: Mailboxes) {
    for object in mailboxes.take(index) { front.drop(object) }
    switch Int.random(in: 0..<200, using: &random) {
    case 0: _ = table.purges.purge(.tag([UInt8(number % 7)]))
    case 1: _ = table.purges.purge(.prefix(site: 0, path: Array("/1".utf8)))
    case 2: _ = table.reclaim(blocks: 4)
    default: ask(number)
    }
  }

  private mutating func ask(_ number: Int) {
    let name = Int.random(in: 0..<60, using: &random)
    let language = "Accept-Language: l\(Int.random(in: 0..<3, using: &random))\r\n"
    let key = CacheLab.key("/\(name)")
    let now = instant(Int64(number))
    withRequest(language) { head, bytes in
      let hold = front.find(
        primary: key.hash, key: key.text, table: table, head: head, bytes: bytes, now: now,
        scratch: &scratch)
      if hold != .none {
        front.beginReading(hold)
        if !front.with(hold, { isRight($0, name) }) { wrong += 1 }
        return front.endReading(hold)
      }
      let version = table.version(of: key.hash)
      let request = LookupRequest(
        key: key, worker: index, exchange: UInt64(number), now: now, terms: .none,
        isIdentityOnly: false)
      let lookup = table.lookUp(request, head: head, bytes: bytes, scratch: &scratch)
      switch lookup {
      case .hit(let object):
        object.markHit()
        if !isRight(object, name) { wrong += 1 }
        _ = front.hold(object, version: version)
      case .busy(let object):
        if object.progress == .following, object.knownLength == nil { wrong += 1 }
      case .miss(let object), .expired(let object): fill(object, name, at: now)
      case .stale, .hitOnce, .partial, .pass, .absent: break
      }
    }
  }

  private mutating func fill(_ object: CachedObject, _ name: Int, at now: Instant) {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return table.detach(object, retryAt: now + Milliseconds(5))
    case 1: return table.rememberPass(object, until: now + Milliseconds(20))
    default: break
    }
    let count = StressWorker.count(name)
    object.settle(.init(lifetime: Milliseconds(400)), arrival: now)
    object.publish(
      head: storedHead("ETag: \"\(name)\"\r\n"), length: UInt64(count), tags: [[UInt8(name % 7)]])
    guard object.body.admit(length: UInt64(count), keepAtMost: .max) == .kept else {
      _ = object.body.abort()
      return table.detach(object)
    }
    _ = object.body.append([UInt8](repeating: UInt8(name), count: count).span)
    _ = object.body.seal()
    _ = table.complete(object)
  }

  private func isRight(_ object: CachedObject, _ name: Int) -> Bool {
    guard
      case .range(let range) = object.body.next(
        offset: 0, limit: 1 << 20, worker: index, scratch: .init(start: nil, count: 0))
    else { return false }
    let bytes = arena.bytes(offset: range.offset, count: range.count)
    return object.body.count == UInt64(StressWorker.count(name)) && bytes.first == UInt8(name)
      && bytes.last == UInt8(name)
  }

  private static func count(_ name: Int) -> Int { 50 + name * name * 40 }
}

@Suite struct `A table used by four workers` {
  @Test func `serves nothing wrong and loses no memory`() throws {
    let arena = try Arena(bytes: 32 * BytesLimits.blockBytes)
    let mailboxes = Mailboxes(workers: 4)
    let table = CacheTable(arena: arena, workers: 4, notifier: mailboxes)
    let wrong = Lock()
    nonisolated(unsafe) var wrongCount = 0

    let threads = try (0..<4).map { index in
      try WorkerThread(name: "worker") {
        var worker = StressWorker(index: index, table: table, arena: arena)
        for number in 0..<4000 { worker.step(number, mailboxes) }
        let count = worker.wrong
        wrong.withLock { wrongCount += count }
      }
    }
    for thread in threads { thread.join() }

    #expect(wrongCount == 0)
    for index in 0..<4 { _ = mailboxes.take(index) }
    while table.reclaim(blocks: 100) {}
    for index in 0..<4 { _ = mailboxes.take(index) }
    #expect(table.objectCount == 0 && arena.usedBytes == 0)
  }
}
