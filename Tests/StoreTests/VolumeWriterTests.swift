import Bytes
import Store
import Testing

@Suite struct `A volume's writer` {
  @Test(arguments: [0, 1, 4000, 65_536, 65_537, 1 << 20, 3 << 20, 3 << 20 + 17])
  func `shows an object from the commit on`(count: Int) throws {
    let lab = try StoreLab()

    try lab.write(1, count: count)
    let before = try lab.see(1)
    try lab.commit()

    #expect(before == .absent)
    #expect(try lab.see(1) == .whole(version: 1))
  }

  @Test func `keeps what was committed over a restart, and nothing else`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 1000)
    try lab.write(2, count: 1_500_000)
    try lab.commit()
    try lab.write(3, count: 1000)
    try lab.write(4, count: 1_500_000)

    try lab.reopen()

    #expect(try lab.see(1) == .whole(version: 1))
    #expect(try lab.see(2) == .whole(version: 1))
    #expect(try lab.see(3) == .absent)
    #expect(try lab.see(4) == .absent)
  }

  @Test func `goes on after a restart where it had ended`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 100_000)
    try lab.commit()
    let first = try #require(try lab.place(1))

    try lab.reopen()
    try lab.write(2, count: 1000)
    try lab.commit()

    let second = try #require(try lab.place(2))
    #expect(second.sharesZone(with: first))
    #expect(second.sector == first.sector + 1)
    #expect(lab.counters[.zonesOpened] == 0)
  }

  @Test func `replaces an object, with a shorter one too`() throws {
    let lab = try StoreLab()
    try lab.write(1, version: 1, count: 3 << 20)
    try lab.commit()

    try lab.write(1, version: 2, count: 1 << 20 + 1)
    let between = try lab.see(1)
    try lab.commit()

    #expect(between == .whole(version: 1))
    #expect(try lab.see(1) == .whole(version: 2))
  }

  @Test func `forgets an object that was given up`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)
    var object = lab.writer.beginObject(draft)
    let body = StoreLab.body(1, version: 1, count: 1 << 20)

    try lab.writer.append(to: &object, body.span)
    let gaveUp = try lab.writer.append(to: &object, count: 1000) { _ in false }
    try lab.commit()

    #expect(!gaveUp)
    #expect(try lab.see(1) == .absent)
    #expect(try lab.store.index.entryCount() == 0)
  }

  @Test func `takes nothing from an insert whose body could not be copied`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)

    let record = try lab.writer.insert(draft, meta: [1].span, bodyLength: 10) { _ in false }
    try lab.write(2, count: 10)
    try lab.commit()

    #expect(record == nil)
    #expect(try lab.see(1) == .absent)
    #expect(try lab.see(2) == .whole(version: 1))
  }

  @Test func `gives an object a new head and leaves its body`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 2 << 20)
    try lab.commit()
    let old = try #require(try lab.find(1))
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)

    try lab.writer.updateHead(of: old.record, draft, meta: Array("new".utf8).span)
    try lab.commit()
    try lab.reopen()

    let new = try #require(try lab.find(1))
    #expect(new.meta == Array("new".utf8))
    #expect(new.record.objectID == old.record.objectID)
    #expect(new.bodies == old.bodies)
    let body = StoreLab.body(1, version: 1, count: 2 << 20)
    #expect(try lab.bytes(of: new, 1) == body)
  }

  @Test func `stores slices of a body in any order`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)
    let record = try lab.writer.insertSparse(
      draft, meta: [7].span, bodyLength: 2_500_000, unit: 1_000_000)

    for (number, count) in [(3 as UInt32, 500_000), (1, 1_000_000)] {
      try lab.writer.appendSlice(number, of: record, draft, count: count) { memory in
        memory.initializeMemory(as: UInt8.self, repeating: UInt8(number))
        return true
      }
    }
    try lab.commit()

    let found = try #require(try lab.find(1))
    #expect(found.bodies.map { $0?.length } == [1_000_000, nil, 500_000])
    var part = [UInt8](repeating: 0, count: 10)
    let outcome = try part.withUnsafeMutableBytes {
      try lab.reader.read(
        #require(found.bodies[2]), of: StoreLab.hash(1), number: 3, from: 499_990, into: $0,
        proves: true)
    }
    #expect(outcome == .read)
    #expect(part == [UInt8](repeating: 3, count: 10))
  }

  @Test func `refuses a body of more fragments than a lookup could list`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)

    for length in [.max, 1 << 60, 1000 << 18 + 1] as [UInt64] {
      #expect(throws: StoreError(.badSize, operation: "writing an object of too many fragments")) {
        try lab.writer.insertSparse(draft, meta: [7].span, bodyLength: length, unit: 1000)
      }
    }
    try lab.writer.insertSparse(draft, meta: [7].span, bodyLength: 1000 << 18, unit: 1000)
    try lab.commit()

    #expect(try lab.find(1)?.bodies.count == 1 << 18)
  }

  @Test func `removes an object for good`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 2 << 20)
    try lab.write(2, count: 20)
    try lab.commit()

    try lab.writer.remove(StoreLab.hash(1))
    try lab.writer.remove(StoreLab.hash(2))
    try lab.writer.remove(StoreLab.hash(3))
    try lab.commit()

    #expect(try lab.see(1) == .absent)
    #expect(try lab.see(2) == .absent)
    #expect(try lab.store.index.entryCount() == 0)
    #expect(lab.store.directory.count == 0)
  }

  @Test func `tells by which rule variants differ`() throws {
    let lab = try StoreLab()
    let rule = Array("accept-encoding".utf8)
    try lab.write(11, count: 100, vary: rule, primary: 1)
    try lab.write(12, count: 200, vary: rule, primary: 1)
    try lab.commit()

    guard case .vary(let found) = try lab.reader.find(StoreLab.hash(1)) else {
      Issue.record("no rule")
      return
    }
    #expect(found.rule == rule)
    #expect(try lab.see(11) == .whole(version: 1))
    #expect(try lab.see(12) == .whole(version: 1))
    #expect(try lab.find(11)?.primary == StoreLab.hash(1))
  }

  @Test func `numbers everything in one order, over restarts too`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 10)
    try lab.commit()
    let serial = try #require(try lab.find(1)).record.serial
    let next = lab.store.nextSerial
    try lab.reopen()

    #expect(next > serial)
    #expect(lab.store.nextSerial > next)
  }

  @Test func `spreads objects over volumes by their sizes`() throws {
    let lab = try StoreLab(volumes: [17 << 20, 51 << 20])
    var counts = [0, 0]
    for number in 0..<4000 {
      counts[Int(lab.store.volume(for: StoreLab.hash(number)).number)] += 1
    }
    for number in 0..<20 { try lab.write(number, count: 70_000) }
    try lab.commit()
    try lab.reopen()

    #expect(abs(counts[0] - 1000) < 150)
    for number in 0..<20 { #expect(try lab.see(number) == .whole(version: 1)) }
  }

  @Test func `counts what it does`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 2 << 20)
    try lab.commit()

    #expect(lab.counters[.fragmentsWritten] == 3)
    #expect(lab.counters[.bytesWritten] > 2 << 20)
    #expect(lab.counters[.commits] == 1)
    #expect(lab.counters[.commitMicroseconds] > 0)
    #expect(lab.counters[.commitMicrosecondsMax] <= lab.counters[.commitMicroseconds])
    #expect(lab.counters[.zonesOpened] == 1)
  }
}
