import Bytes
import Cache
import Testing

/// A worker's front table over a lab's table.
private struct Front: ~Copyable {
  var table = FrontTable()
  var scratch: [UInt8] = []

  mutating func find(
    _ path: String, in lab: CacheLab, fields: String = "", at time: Int64 = 0
  ) -> FrontHold {
    let key = CacheLab.key(path)
    return withRequest(fields) { head, bytes in
      table.find(
        primary: key.hash, key: key.text, table: lab.table, head: head, bytes: bytes,
        now: instant(time), scratch: &scratch)
    }
  }

  /// Looks up in the node's table and holds what is hit.
  mutating func hold(
    _ path: String, in lab: CacheLab, fields: String = "", at time: Int64 = 0
  ) -> FrontHold {
    let version = lab.table.version(of: CacheLab.key(path).hash)
    guard case .hit(let object) = lab.ask(path, fields: fields, at: time) else { return .none }
    return table.hold(object, version: version)
  }
}

@Suite struct `A front table` {
  @Test func `finds what was held, and nothing else`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a")

    let before = front.find("/a", in: lab)
    let hold = front.hold("/a", in: lab)
    let after = front.find("/a", in: lab)
    let other = front.find("/b", in: lab)

    #expect(before == .none && other == .none)
    #expect(hold != .none && after == hold)
  }

  @Test func `finds nothing stale`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a", lifetime: 1000)
    let hold = front.hold("/a", in: lab)

    let fresh = front.find("/a", in: lab, at: 999)
    let stale = front.find("/a", in: lab, at: 1000)

    #expect(fresh == hold && stale == .none)
  }

  @Test func `finds nothing that was purged, and again what was not`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a")
    lab.store("/b")
    _ = front.hold("/a", in: lab)
    _ = front.hold("/b", in: lab)

    _ = lab.table.purges.purge(.url(CacheLab.key("/a").hash, site: 0))
    let during = [front.find("/a", in: lab), front.find("/b", in: lab)]
    let purged = front.hold("/a", in: lab)
    let asked = front.hold("/b", in: lab)
    let after = front.find("/b", in: lab)

    #expect(during == [.none, .none], "after any purge the table is asked once")
    #expect(purged == .none)
    #expect(asked != .none && after == asked)
  }

  @Test func `finds nothing of a shard that changed until it was asked again`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a", lifetime: 1000)
    _ = front.hold("/a", in: lab)

    lab.store("/a", at: 2000)
    let old = front.find("/a", in: lab, at: 500)
    let hold = front.hold("/a", in: lab, at: 2000)
    let new = front.find("/a", in: lab, at: 2000)

    #expect(old == .none && hold != .none && new == hold)
  }

  @Test func `tells variants apart`() throws {
    let lab = try CacheLab()
    var front = Front()
    let german = "Accept-Language: de\r\n"
    let object = try #require(lab.ask("/a", fields: german).entered)
    _ = lab.vary(object, by: "Accept-Language", fields: german)
    lab.complete(object)
    let hold = front.hold("/a", in: lab, fields: german)

    let same = front.find("/a", in: lab, fields: german)
    let other = front.find("/a", in: lab, fields: "Accept-Language: it\r\n")

    #expect(hold != .none && same == hold && other == .none)
  }

  @Test func `lets an object go with its last reader once it has left the table`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a", bytes: 65_536)
    let hold = front.hold("/a", in: lab)
    front.table.beginReading(hold)
    front.table.beginReading(hold)
    let object = front.table.with(hold) { $0 }
    _ = lab.table.reclaim(blocks: 1)

    front.table.drop(object)
    let found = front.find("/a", in: lab)
    let bytes = front.table.with(hold) { $0.body.count }
    front.table.endReading(hold)
    front.table.endReading(hold)

    #expect(found == .none && bytes == 65_536)
    #expect(lab.table.objectCount == 0)
  }

  @Test func `gives memory back when it is told and nobody reads`() throws {
    let lab = try CacheLab()
    var front = Front()
    lab.store("/a", bytes: 65_536)
    _ = front.hold("/a", in: lab)
    _ = lab.table.reclaim(blocks: 1)
    let held = lab.arena.usedBytes

    front.table.drop(lab.notifier.departed[0])
    lab.notifier.forget()

    #expect(held == 65_536)
    #expect(lab.arena.usedBytes == 0)
  }

  @Test func `holds no more than its reach and never what is being read`() throws {
    let lab = try CacheLab(blocks: 256)
    var front = Front()
    var holds: [FrontHold] = []

    // All of these begin their probes at the same place.
    for number in 0..<(CacheLimits.frontProbes + 2) {
      let hash = Hash128(low: 5, high: UInt64(number))
      let object = try #require(lab.ask("/\(number)", hash: hash).entered)
      lab.complete(object)
      let hold = front.table.hold(object, version: lab.table.version(of: hash))
      if hold != .none { front.table.beginReading(hold) }
      holds.append(hold)
    }

    #expect(Set(holds.map(\.slot)).count == CacheLimits.frontProbes + 1)
    #expect(holds.suffix(2) == [.none, .none])
    for hold in holds.prefix(CacheLimits.frontProbes) { front.table.endReading(hold) }
    let next = try #require(lab.ask("/next", hash: Hash128(low: 5, high: 99)).entered)
    lab.complete(next)
    let hold = front.table.hold(next, version: 1)
    #expect(hold != .none)
  }
}
