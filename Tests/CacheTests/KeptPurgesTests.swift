import Bytes
import Cache
import Testing

@Suite struct `Purges that were written down` {
  private let names = ["live", "vod"]

  private func restored(_ bytes: [UInt8], sites: [String] = ["live", "vod"]) throws -> PurgeLog {
    let log = PurgeLog()
    let isRestored = takes(log, bytes, sites: sites)
    try #require(isRestored)
    return log
  }

  private func takes(_ log: PurgeLog, _ bytes: [UInt8], sites: [String]) -> Bool {
    log.restore(bytes.span, site: { sites.firstIndex(of: $0) })
  }

  private func isPurged(
    _ log: PurgeLog, _ path: String, site: Int = 0, tags: [String] = [], filled: UInt64 = 1
  ) -> Bool {
    let key = Array("\(names[site])|\(path)".utf8)
    return log.isPurged(
      primary: Hash128(of: key.span), site: site, key: key, targetStart: names[site].count + 1,
      tags: tags.map { Array($0.utf8) }, filled: filled)
  }

  @Test func `hold after a restart, each with its scope`() throws {
    let log = PurgeLog()
    let key = Array("live|/a".utf8)
    _ = log.purge(.url(Hash128(of: key.span), site: 0))
    _ = log.purge(.prefix(site: 0, path: Array("/b/".utf8)))
    _ = log.purge(.tag(Array("news".utf8)))
    _ = log.purge(.site(1))

    let later = try restored(log.encoded { names[$0] })

    #expect(isPurged(later, "/a"))
    #expect(isPurged(later, "/b/c"))
    #expect(isPurged(later, "/d", tags: ["news"]))
    #expect(isPurged(later, "/d", site: 1))
    #expect(!isPurged(later, "/d"))
    #expect(!isPurged(later, "/a", filled: later.current))
  }

  @Test func `leave no number that an object of the last process may carry`() throws {
    let log = PurgeLog()
    let written = log.encoded { names[$0] }
    for _ in 0..<1000 { _ = log.purge(.everything) }

    let later = try restored(written)
    let next = later.purge(.everything)

    #expect(next > log.current)
  }

  @Test func `follow the names of sites, whose indices change`() throws {
    let log = PurgeLog()
    _ = log.purge(.site(1))

    let swapped = try restored(log.encoded { names[$0] }, sites: ["vod", "live"])

    #expect(
      swapped.isPurged(
        primary: Hash128(low: 0, high: 0), site: 0, key: Array("vod|/".utf8), targetStart: 4,
        tags: [], filled: 1))
    #expect(
      !swapped.isPurged(
        primary: Hash128(low: 0, high: 0), site: 1, key: Array("live|/".utf8), targetStart: 5,
        tags: [], filled: 1))
  }

  @Test func `are kept for a site that is configured again later`() throws {
    let log = PurgeLog()
    _ = log.purge(.prefix(site: 1, path: Array("/".utf8)))

    let without = try restored(log.encoded { names[$0] }, sites: ["live"])
    let again = try restored(without.encoded { names[$0] })

    #expect(isPurged(again, "/a", site: 1))
    #expect(!isPurged(again, "/a", site: 0))
  }

  @Test func `are refused when a byte of them is another`() {
    let log = PurgeLog()
    _ = log.purge(.tag(Array("news".utf8)))
    let written = log.encoded { names[$0] }

    for index in written.indices {
      var bytes = written
      bytes[index] ^= 0x40
      #expect(!takes(PurgeLog(), bytes, sites: names))
    }
    #expect(!takes(PurgeLog(), [], sites: names))
  }

  @Test func `that are lost purge everything that was there`() {
    let log = PurgeLog()
    log.forgetEverything(before: 1 << 40)

    #expect(isPurged(log, "/a", filled: 1 << 39))
    #expect(!isPurged(log, "/a", filled: log.current))
  }
}
