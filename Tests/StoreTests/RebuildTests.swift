import Bytes
import Glibc
import Store
import Testing

extension StoreLab {
  /// Opens the store as after the loss of its index, and builds that anew.
  func loseIndex() throws {
    close()
    removeIndex()
    try open()
    #expect(store.needsRebuild)
    #expect(try store.rebuild { _ in true })
    #expect(!store.needsRebuild)
  }
}

@Suite struct `An index that was lost` {
  @Test func `is built anew of what lies on the volumes`() throws {
    let lab = try StoreLab(volumes: [30 << 20, 30 << 20])
    for number in 0..<80 {
      try lab.write(number, count: [500, 30_000, 90_000, 1_200_000][number % 4])
    }
    try lab.commit()
    let before = try (0..<80).map { try lab.see($0) }

    try lab.loseIndex()

    let after = try (0..<80).map { try lab.see($0) }
    #expect(before.filter { $0 == .whole(version: 1) }.count > 75)
    #expect(after == before)
  }

  @Test func `lists the youngest version, and what was removed is gone`() throws {
    let lab = try StoreLab()
    for version in 1...3 {
      for number in 0..<6 { try lab.write(number, version: version, count: 200_000) }
      try lab.commit()
    }
    for number in 0..<3 { try lab.writer.remove(StoreLab.hash(number)) }
    try lab.commit()
    try lab.write(2, version: 4, count: 5000)
    try lab.commit()

    try lab.loseIndex()

    #expect(try lab.see(0) == .absent)
    #expect(try lab.see(1) == .absent)
    #expect(try lab.see(2) == .whole(version: 4))
    for number in 3..<6 { #expect(try lab.see(number) == .whole(version: 3)) }
  }

  @Test func `does not list what was carried twice, nor its old places`() throws {
    let lab = try StoreLab()
    for number in 0..<2 { try lab.write(number, count: 1_300_000) }
    try lab.commit()
    try lab.stream(40 << 20, of: 300_000, from: 100, keepingHot: [0])
    let object = try #require(try lab.find(0))

    try lab.loseIndex()

    let rebuilt = try #require(try lab.find(0))
    #expect(rebuilt.record == object.record)
    #expect(rebuilt.bodies.map { $0?.place } == object.bodies.map { $0?.place })
    #expect(try lab.see(0) == .whole(version: 1))
    #expect(try lab.see(1) == .absent)
  }

  @Test func `lists no object that lacks a part`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)
    var unfinished = lab.writer.beginObject(draft)
    try lab.writer.append(to: &unfinished, StoreLab.body(1, version: 1, count: 1 << 20).span)
    // Its first fragment lies in a zone that is overwritten, its head does not.
    try lab.write(2, count: 5 << 20)
    try lab.commit()
    try lab.stream(9 << 20, of: 300_000, from: 100)

    try lab.loseIndex()

    #expect(try lab.see(1) == .absent)
    let sighting = try lab.see(2)
    #expect(sighting == .absent || sighting == .whole(version: 1))
    try lab.stream(6 << 20, of: 300_000, from: 200)
    try lab.loseIndex()
    #expect(try lab.see(2) == .absent)
    #expect(lab.store.directory.mayHold(StoreLab.hash(2)) == false)
  }

  @Test func `knows the rules of variants and the new heads again`() throws {
    let lab = try StoreLab()
    let rule = Array("accept-encoding, origin".utf8)
    try lab.write(11, count: 100, vary: rule, primary: 1)
    try lab.write(12, count: 2 << 20, vary: rule, primary: 1)
    try lab.commit()
    let record = try #require(try lab.find(12)).record
    let draft = ObjectDraft(
      hash: StoreLab.hash(12), primary: StoreLab.hash(1), vary: rule, usableUntil: StoreLab.far)
    try lab.writer.updateHead(
      of: record, draft, meta: StoreLab.meta(12, version: 1, count: 2 << 20).span)
    try lab.commit()

    try lab.loseIndex()

    guard case .vary(let found) = try lab.reader.find(StoreLab.hash(1)) else {
      Issue.record("no rule")
      return
    }
    #expect(found.rule == rule)
    #expect(try lab.see(11) == .whole(version: 1))
    #expect(try lab.see(12) == .whole(version: 1))
    let renewed = try #require(try lab.find(12))
    #expect(renewed.record.serial > record.serial)
  }

  @Test func `is built while the node writes and removes`() throws {
    let lab = try StoreLab(volumes: [40 << 20])
    for number in 0..<200 { try lab.write(number, count: 50_000) }
    try lab.commit()
    lab.close()
    lab.removeIndex()
    try lab.open()
    var steps = 0

    let isDone = try lab.store.rebuild { _ in
      steps += 1
      do throws(StoreError) {
        if steps == 1 {
          try lab.write(1, version: 2, count: 10)
          try lab.writer.remove(StoreLab.hash(2))
          try lab.commit()
        }
      } catch {
        Issue.record(error)
      }
      return true
    }

    #expect(isDone && steps > 1)
    #expect(try lab.see(1) == .whole(version: 2))
    #expect(try lab.see(2) == .absent)
    for number in 3..<200 { #expect(try lab.see(number) == .whole(version: 1)) }
  }

  @Test func `is built from the start when the first attempt did not end`() throws {
    let lab = try StoreLab()
    for number in 0..<20 { try lab.write(number, count: 100_000) }
    try lab.commit()
    lab.close()
    lab.removeIndex()
    try lab.open()
    #expect(try !lab.store.rebuild { _ in false })
    try lab.reopen()

    #expect(lab.store.needsRebuild)
    #expect(try lab.store.rebuild { _ in true })
    for number in 0..<20 { #expect(try lab.see(number) == .whole(version: 1)) }
    try lab.reopen()
    #expect(!lab.store.needsRebuild)
  }

  @Test func `is moved aside when it is damaged, and the volumes still tell everything`() throws {
    let lab = try StoreLab()
    for number in 0..<20 { try lab.write(number, count: 100_000) }
    try lab.commit()
    lab.close()
    let file = open(lab.folder + "/cache.index/data.mdb", O_RDWR)
    let nonsense = [UInt8](repeating: 0xA5, count: 8192)
    pwrite(file, nonsense, nonsense.count, 0)
    close(file)

    try lab.open()

    #expect(access(lab.folder + "/cache.index.corrupt/data.mdb", F_OK) == 0)
    #expect(lab.store.needsRebuild)
    #expect(try lab.store.rebuild { _ in true })
    for number in 0..<20 { #expect(try lab.see(number) == .whole(version: 1)) }
  }

  @Test func `of other volumes is emptied`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 100)
    try lab.commit()
    lab.close()
    unlink(lab.path())

    try lab.open()

    #expect(!lab.store.needsRebuild, "nothing lies on a new volume")
    #expect(try lab.see(1) == .absent)
    #expect(try lab.store.index.entryCount() == 0)
  }
}
