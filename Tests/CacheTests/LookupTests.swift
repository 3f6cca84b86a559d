import Bytes
import Cache
import Policy
import Testing

@Suite struct `A lookup` {
  @Test func `misses once, joins the Fill while it runs and hits when it is whole`() throws {
    let lab = try CacheLab()

    let first = lab.ask("/a")
    let second = lab.ask("/a")
    let other = lab.ask("/b")
    let object = try #require(first.entered)
    lab.complete(object)
    let third = lab.ask("/a")

    #expect([first.word, second.word, other.word, third.word] == ["miss", "busy", "miss", "hit"])
    #expect(second.object === object && third.object === object)
    #expect(lab.table.objectCount == 1)
  }

  @Test func `gives the initiator's number to the object that it enters`() throws {
    let lab = try CacheLab()

    let first = try #require(lab.ask("/a").entered)
    let second = try #require(lab.ask("/b").entered)

    #expect(first.initiator != second.initiator)
    #expect(first.owner == lab.table.owner(of: first.primary))
  }

  @Test func `says absent where nothing is there and nothing may be fetched`() throws {
    let lab = try CacheLab()
    lab.store("/a", lifetime: 1000)

    #expect(lab.ask("/b", mayFill: false).word == "absent")
    #expect(lab.ask("/a", at: 500, mayFill: false).word == "hit")
    #expect(lab.ask("/a", at: 5000, mayFill: false).word == "absent")
    #expect(lab.ask("/b").word == "miss", "asking entered nothing")
  }

  @Test func `expires what is stale and lets everybody wait for the new one`() throws {
    let lab = try CacheLab()
    let old = try #require(lab.store("/a", lifetime: 1000))

    let fresh = lab.ask("/a", at: 999)
    let expired = lab.ask("/a", at: 1000)
    let busy = lab.ask("/a", at: 1001)

    #expect([fresh.word, expired.word, busy.word] == ["hit", "expired", "busy"])
    #expect(expired.entered?.fallback === old)
  }

  @Test func `serves stale while one refresh runs`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)
    lab.complete(object, lifetime: 1000, staleWhileRevalidate: 5000)

    let first = lab.ask("/a", at: 2000)
    let second = lab.ask("/a", at: 2001)
    lab.complete(try #require(first.entered), at: 2500)
    let third = lab.ask("/a", at: 2600)

    #expect([first.word, second.word, third.word] == ["stale, refreshing", "stale", "hit"])
    #expect(first.object === object && third.object !== object)
    #expect(lab.table.objectCount == 1, "the new one replaced the old one")
  }

  @Test func `does not refresh again at once after a refresh failed`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)
    lab.complete(object, lifetime: 1000, staleIfError: 60_000)
    let refresh = try #require(lab.ask("/a", at: 2000).entered)

    lab.table.detach(refresh, retryAt: instant(3000))

    #expect(lab.ask("/a", at: 2500).word == "stale")
    #expect(lab.ask("/a", at: 3000).word == "expired")
  }

  @Test func `starts anew after a Fill ended without an object`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)

    lab.table.detach(object)

    #expect(lab.ask("/a").word == "miss")
    #expect(!lab.complete(object), "one that was detached is not kept")
    #expect(lab.table.objectCount == 0)
  }

  @Test func `passes a key that another key's hash collides with`() throws {
    let lab = try CacheLab()
    let hash = Hash128(low: 1, high: 2)
    let first = lab.ask("/a", hash: hash)

    let filling = lab.ask("/b", hash: hash)
    lab.complete(try #require(first.entered))
    let stored = lab.ask("/b", hash: hash)

    #expect(filling.word == "pass" && stored.word == "pass")
    #expect(lab.ask("/a", hash: hash).word == "hit")
  }

  @Test func `uses what a 304 made of the stale object`() throws {
    let lab = try CacheLab()
    let old = try #require(lab.store("/a", lifetime: 1000))
    let refresh = try #require(lab.ask("/a", at: 2000).entered)
    let refreshed = CachedObject(
      refreshing: old, head: old.head, freshness: .init(lifetime: .seconds(10)),
      arrival: instant(2000), filledSequence: refresh.filledSequence)

    lab.table.complete(refresh, with: refreshed)

    #expect(refresh.progress == .refreshed && refresh.replacement === refreshed)
    #expect(refresh.fallback == nil)
    #expect(lab.ask("/a", at: 3000).object === refreshed)
    #expect(refreshed.body === old.body && refreshed.knownLength == 100)
  }
}

@Suite struct `A key that is known to be uncacheable` {
  @Test func `passes for a while, then gets another chance`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)

    lab.table.rememberPass(object, until: instant(1000))

    #expect(lab.ask("/a", at: 999).word == "pass")
    #expect(lab.ask("/a", at: 1000).word == "miss")
  }

  @Test func `loses what was stored of it`() throws {
    let lab = try CacheLab()
    lab.store("/a", lifetime: 1000)
    _ = lab.ask("/a", worker: 1)
    let refresh = try #require(lab.ask("/a", at: 2000).entered)

    lab.table.rememberPass(refresh, until: instant(3000))

    #expect(lab.table.objectCount == 0)
    #expect(lab.notifier.told == [2])
  }

  @Test func `is forgotten when too many are known`() throws {
    let lab = try CacheLab()
    let count = 3 * CacheLimits.passKeysPerShard
    // All of one shard.
    let hashes = (0..<count).map { Hash128(low: UInt64($0), high: 0) }

    for (number, hash) in hashes.enumerated() {
      let object = try #require(lab.ask("/\(number)", hash: hash).entered)
      lab.table.rememberPass(object, until: instant(1_000_000))
    }

    #expect(lab.table.passKeyCount == CacheLimits.passKeysPerShard)
    #expect(lab.ask("/\(count - 1)", hash: hashes[count - 1]).word == "pass")
    #expect(lab.ask("/0", hash: hashes[0]).word == "miss")
  }
}

@Suite struct `What varies` {
  @Test func `is found under the variant of the request`() throws {
    let lab = try CacheLab()
    let german = try #require(lab.ask("/a", fields: "Accept-Language: de\r\n").entered)
    #expect(
      lab.vary(german, by: "Accept-Language", fields: "Accept-Language: de\r\n") == .entered)
    lab.complete(german)

    let again = lab.ask("/a", fields: "Accept-Language: de\r\n")
    let italian = lab.ask("/a", fields: "Accept-Language: it\r\n")
    let joined = lab.ask("/a", fields: "Accept-Language: it\r\n")

    #expect([again.word, italian.word, joined.word] == ["hit", "miss", "busy"])
    #expect(again.object === german && italian.object?.vary == german.vary)
  }

  /// Asks for a choice and fills what is missing.
  private func ask(_ lab: CacheLab, _ number: Int, isKept: Bool = true) -> Lookup {
    let fields = "X-Choice: l\(number)\r\n"
    let lookup = lab.ask("/a", fields: fields)
    guard let object = lookup.entered else { return lookup }
    _ = lab.vary(object, by: "X-Choice", fields: fields)
    if isKept { lab.complete(object) }
    return lookup
  }

  @Test func `has at most so many variants, of which the least recently asked for leaves`() throws {
    let lab = try CacheLab()
    for number in 0..<16 { _ = ask(lab, number) }
    let first = ask(lab, 0)

    let one = ask(lab, 16)

    #expect([first.word, one.word] == ["hit", "miss"])
    #expect(lab.table.objectCount == 16)
    #expect([0, 2, 15, 16].map { ask(lab, $0).word } == ["hit", "hit", "hit", "hit"])
    #expect(ask(lab, 1).word == "miss")
  }

  @Test func `passes where all variants of the key are being fetched`() throws {
    let lab = try CacheLab()
    let fills = (0..<16).map { ask(lab, $0, isKept: false) }

    #expect(fills.allSatisfy { $0.word == "miss" })
    #expect(ask(lab, 16).word == "pass")
    for fill in fills { if let object = fill.entered { lab.table.detach(object) } }
    #expect(ask(lab, 16).word == "miss")
  }

  @Test func `is the latest of those that match by different rules`() throws {
    let lab = try CacheLab()
    let plain = try #require(lab.ask("/a", fields: "X-A: 1\r\n").entered)
    _ = lab.vary(plain, by: "X-A", fields: "X-A: 1\r\n")
    lab.complete(plain)
    let second = try #require(lab.ask("/a", fields: "X-A: 2\r\n", at: 5).entered)
    _ = lab.vary(second, by: "X-B", fields: "X-A: 2\r\n")
    lab.complete(second, at: 5)

    #expect(lab.ask("/a", fields: "X-A: 1\r\n", at: 10).object === second)
    #expect(lab.ask("/a", fields: "X-A: 1\r\nX-B: 1\r\n", at: 10).object === plain)
  }

  @Test func `passes where no Fill can stand for the request`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)
    _ = lab.vary(object, by: "Cookie", fields: "")
    lab.complete(object)

    #expect(lab.ask("/a", fields: "Cookie: a=1\r\n").word == "pass")
    #expect(lab.ask("/a").word == "hit")
  }

  @Test func `follows a rule that changes`() throws {
    let lab = try CacheLab()
    let fields = "Accept-Language: de\r\nUser-Agent: x\r\n"
    let first = try #require(lab.ask("/a", fields: fields).entered)
    _ = lab.vary(first, by: "Accept-Language", fields: fields)
    lab.complete(first, lifetime: 10)
    let second = try #require(lab.ask("/a", fields: fields, at: 20).entered)

    _ = lab.vary(second, by: "User-Agent", fields: fields)
    lab.complete(second, at: 20)

    #expect(lab.ask("/a", fields: fields, at: 30).object === second)
    let other = "Accept-Language: it\r\nUser-Agent: x\r\n"
    #expect(lab.ask("/a", fields: other, at: 30).object === second)
  }
}
