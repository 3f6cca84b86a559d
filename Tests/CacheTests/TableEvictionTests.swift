import Bytes
import Cache
import Testing

@Suite struct `The memory tier` {
  @Test func `keeps a hot set through a scan of ten times its memory`() throws {
    let lab = try CacheLab(blocks: 256)
    let hot = (0..<60).map { "/hot/\($0)" }
    for path in hot { lab.store(path, bytes: 65_536) }

    for number in 0..<2560 {
      if number % 20 == 0 { hot.forEach { lab.ask($0).object?.markHit() } }
      lab.store("/scan/\(number)", bytes: 65_536)
    }

    let left = hot.filter { lab.ask($0).word == "hit" }.count
    #expect(left == hot.count)
    #expect(lab.table.objectCount > 200, "the memory is used")
  }

  @Test func `stays within its memory while small objects come and go`() throws {
    let lab = try CacheLab(blocks: 64)
    let memory = 64 * BytesLimits.blockBytes

    for number in 0..<20_000 {
      lab.store("/\(number)", bytes: 1 + number % 3000)
      if number % 1000 == 0 {
        #expect(lab.arena.usedBytes + lab.table.overheadBytes <= memory)
      }
    }

    #expect(lab.table.objectCount > 500)
    #expect(lab.arena.usedBytes + lab.table.overheadBytes <= memory)
  }

  @Test func `gives all of its memory back when all is evicted`() throws {
    let lab = try CacheLab(blocks: 64)
    for number in 0..<500 { lab.store("/\(number)", bytes: 100 * (number % 700)) }

    while lab.table.reclaim(blocks: 100) {}

    #expect(lab.table.objectCount == 0 && lab.arena.usedBytes == 0)
    #expect(!lab.table.reclaim(blocks: 1))
  }

  @Test func `tells the workers that hold what is evicted`() throws {
    let lab = try CacheLab()
    lab.store("/a")
    let held = lab.ask("/a", worker: 1).object

    let isFreeNow = lab.table.reclaim(blocks: 1)

    #expect(held != nil && !isFreeNow, "its memory comes back with the hold")
    #expect(lab.notifier.told == [2])
    #expect(lab.ask("/a").word == "miss")
  }

  @Test func `does not empty itself because memory is held a little longer`() throws {
    let lab = try CacheLab(blocks: 128)
    for number in 0..<100 { lab.store("/\(number)", bytes: 65_536) }
    let held = (0..<100).map { lab.ask("/\($0)").object }

    let isReserved = lab.arena.reserve(blocks: 40)

    #expect(!isReserved)
    #expect(lab.table.objectCount >= 70)
    #expect(held.count == 100)
  }

  @Test func `takes no notice of objects that were purged or replaced`() throws {
    let lab = try CacheLab()
    for number in 0..<50 { lab.store("/\(number)", lifetime: 1000) }
    for number in 0..<25 { lab.store("/\(number)", at: 2000) }
    _ = lab.table.purges.purge(.everything)
    for number in 0..<10 { lab.store("/\(number)", at: 2000) }

    while lab.table.reclaim(blocks: 1) {}

    #expect(lab.table.objectCount == 0 && lab.arena.usedBytes == 0)
  }
}
