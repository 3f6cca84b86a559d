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

  @Test func `has at most so many variants, also when the rule is known`() throws {
    let lab = try CacheLab()
    var words: [String] = []

    for number in 0..<40 {
      let fields = "X-Choice: l\(number)\r\n"
      let lookup = lab.ask("/a", fields: fields)
      words.append(lookup.word)
      guard let object = lookup.entered else { continue }
      _ = lab.vary(object, by: "X-Choice", fields: fields)
      lab.complete(object)
    }

    #expect(words.filter { $0 == "miss" }.count == 16)
    #expect(words.last == "pass" && lab.table.objectCount == 16)
  }

  @Test func `makes room for new variants when old ones go`() throws {
    let lab = try CacheLab()
    func fill(_ number: Int) -> String {
      let fields = "X-Choice: l\(number)\r\n"
      let lookup = lab.ask("/a", fields: fields)
      guard let object = lookup.entered else { return lookup.word }
      _ = lab.vary(object, by: "X-Choice", fields: fields)
      lab.complete(object)
      return lookup.word
    }
    let first = (0..<17).map(fill)

    _ = lab.table.reclaim(blocks: 1000)
    let second = (0..<17).map(fill)
    _ = lab.table.purges.purge(.everything)
    let third = (0..<16).map(fill)

    #expect(first.last == "pass" && second.last == "pass")
    #expect(first.dropLast().allSatisfy { $0 == "miss" })
    #expect(second.dropLast().allSatisfy { $0 == "miss" })
    #expect(third.allSatisfy { $0 == "miss" }, "the same variants are filled again")
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
