import Bytes
import Cache
import Testing

@Suite struct `A purge` {
  @Test func `of a URL takes it with all its variants and nothing else`() throws {
    let lab = try CacheLab()
    let fields = "Accept-Language: de\r\n"
    let varying = try #require(lab.ask("/a", fields: fields).entered)
    _ = lab.vary(varying, by: "Accept-Language", fields: fields)
    lab.complete(varying)
    lab.store("/b")

    _ = lab.table.purges.purge(.url(CacheLab.key("/a").hash, site: 0))

    #expect(lab.ask("/a", fields: fields).word == "miss")
    #expect(lab.ask("/b").word == "hit")
  }

  @Test func `of a prefix takes what lies below it on its site`() throws {
    let lab = try CacheLab()
    for path in ["/live/a", "/live/b/c", "/vod/a"] { lab.store(path) }
    lab.store("/live/a", site: 1)

    _ = lab.table.purges.purge(.prefix(site: 0, path: Array("/live/".utf8)))

    #expect(lab.ask("/live/a").word == "miss" && lab.ask("/live/b/c").word == "miss")
    #expect(lab.ask("/vod/a").word == "hit" && lab.ask("/live/a", site: 1).word == "hit")
  }

  @Test func `of a tag takes what carries it`() throws {
    let lab = try CacheLab()
    lab.store("/a", tags: ["show-1", "all"])
    lab.store("/b", tags: ["show-2", "all"])

    _ = lab.table.purges.purge(.tag(Array("show-1".utf8)))

    #expect(lab.ask("/a").word == "miss" && lab.ask("/b").word == "hit")
  }

  @Test func `of a site and of everything take just that`() throws {
    let lab = try CacheLab()
    for site in 0..<3 { lab.store("/a", site: site) }

    _ = lab.table.purges.purge(.site(1))
    let words = (0..<3).map { lab.ask("/a", site: $0).word }
    _ = lab.table.purges.purge(.everything)

    #expect(words == ["hit", "miss", "hit"])
    #expect(lab.ask("/a", site: 0).word == "miss" && lab.ask("/a", site: 2).word == "miss")
  }

  @Test func `leaves alone what was asked for after it`() throws {
    let lab = try CacheLab()
    _ = lab.table.purges.purge(.site(0))

    lab.store("/a")

    #expect(lab.ask("/a").word == "hit")
  }

  @Test func `detaches a Fill whose request was sent before`() throws {
    let lab = try CacheLab()
    let old = try #require(lab.ask("/a").entered)

    _ = lab.table.purges.purge(.site(0))
    let new = lab.ask("/a")
    let isKept = lab.complete(old)

    #expect(new.word == "miss" && new.entered !== old)
    #expect(!isKept && old.body.phase == .whole, "its followers get it whole")
    #expect(lab.complete(try #require(new.entered)))
  }

  @Test func `of a tag also takes a Fill whose tags came after it`() throws {
    let lab = try CacheLab()
    let object = try #require(lab.ask("/a").entered)

    _ = lab.table.purges.purge(.tag(Array("show-1".utf8)))
    let joined = lab.ask("/a")
    let isKept = lab.complete(object, tags: ["show-1"])

    #expect(joined.word == "busy", "its tags were not known yet")
    #expect(!isKept)
    #expect(lab.ask("/a").word == "miss")
  }

  @Test func `tells the workers that hold an object as soon as it is looked up`() throws {
    let lab = try CacheLab()
    lab.store("/a")
    _ = lab.ask("/a", worker: 0)
    _ = lab.ask("/a", worker: 1)

    _ = lab.table.purges.purge(.everything)
    let before = lab.notifier.told.count
    _ = lab.ask("/a")

    #expect(before == 0)
    #expect(lab.notifier.told == [3])
  }

  @Test func `merges the oldest prefix into its site when there are too many`() throws {
    let lab = try CacheLab()
    lab.store("/else")
    lab.store("/else", site: 1)

    for number in 0..<CacheLimits.purgePrefixes {
      _ = lab.table.purges.purge(.prefix(site: 0, path: Array("/\(number)/".utf8)))
    }
    let before = lab.ask("/else").word
    _ = lab.table.purges.purge(.prefix(site: 1, path: Array("/last/".utf8)))

    #expect(before == "hit")
    #expect(lab.ask("/else").word == "miss", "more than was asked for, never less")
    #expect(lab.ask("/else", site: 1).word == "hit")
  }

  @Test func `merges the oldest tag into everything when there are too many`() throws {
    let lab = try CacheLab()
    lab.store("/a")

    for number in 0..<CacheLimits.purgeTags {
      _ = lab.table.purges.purge(.tag(Array("\(number)".utf8)))
    }
    let before = lab.ask("/a").word
    _ = lab.table.purges.purge(.tag(Array("one more".utf8)))

    #expect(before == "hit" && lab.ask("/a").word == "miss")
  }

  @Test func `merges the oldest URL into its site when there are too many`() throws {
    let lab = try CacheLab()
    lab.store("/a")
    lab.store("/a", site: 1)

    for number in 0...CacheLimits.purgeURLs {
      let hash = Hash128(low: UInt64(number), high: 77)
      _ = lab.table.purges.purge(.url(hash, site: number == 0 ? 1 : 2))
    }

    #expect(lab.ask("/a").word == "hit" && lab.ask("/a", site: 1).word == "miss")
  }

  @Test func `of the same scope again takes no more room`() throws {
    let lab = try CacheLab()
    lab.store("/else")

    for _ in 0..<100 {
      _ = lab.table.purges.purge(.prefix(site: 0, path: Array("/live/".utf8)))
      _ = lab.table.purges.purge(.tag(Array("live".utf8)))
      _ = lab.table.purges.purge(.url(Hash128(low: 1, high: 1), site: 0))
    }

    #expect(lab.ask("/else").word == "hit")
  }
}
