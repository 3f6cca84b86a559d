import Bytes
import Glibc
import Store
import Testing

private func kindOfFailure(_ body: () throws(StoreError) -> Void) -> StoreError.Kind? {
  do throws(StoreError) {
    try body()
    return nil
  } catch {
    return error.kind
  }
}

@Suite struct `A volume on a failing disk` {
  @Test(arguments: [
    (ENOSPC, StoreError.Kind.noSpace), (EIO, .io), (EROFS, .readOnly), (ENODEV, .missing),
  ])
  func `loses what was not committed, says why, and goes on`(
    code: Int32, kind: StoreError.Kind
  ) throws {
    for call in [FaultyDisk.Call.write, .synchronise] {
      let disk = FaultyDisk()
      let lab = try StoreLab(disk: disk)
      try lab.write(1, count: 100_000)
      try lab.commit()
      disk.fail(call, times: 1, code: code)

      try lab.write(1, version: 2, count: 50_000)
      try lab.write(2, count: 300_000)
      let reason = kindOfFailure { () throws(StoreError) in try lab.commit() }
      let between = try [lab.see(1), lab.see(2)]
      try lab.write(2, version: 3, count: 300_000)
      try lab.commit()

      #expect(reason == kind)
      #expect(between == [.whole(version: 1), .absent])
      #expect(try lab.see(1) == .whole(version: 1))
      #expect(try lab.see(2) == .whole(version: 3))
      #expect(lab.counters[.writeErrors] == 1)
      try lab.reopen()
      #expect(try lab.see(1) == .whole(version: 1))
      #expect(try lab.see(2) == .whole(version: 3))
    }
  }

  @Test func `tries the next zone when a place cannot be written`() throws {
    let disk = FaultyDisk()
    let lab = try StoreLab(disk: disk)
    try lab.write(1, count: 100_000)
    try lab.commit()
    let first = try #require(try lab.place(1))
    disk.fail(.write, times: 2, code: EIO)

    for _ in 0..<2 {
      try lab.write(2, count: 100_000)
      #expect(kindOfFailure { () throws(StoreError) in try lab.commit() } == .io)
    }
    try lab.write(2, count: 100_000)
    try lab.commit()

    let second = try #require(try lab.place(2))
    #expect(second.zone == first.zone + 1)
    #expect(try lab.see(1) == .whole(version: 1))
    try lab.loseIndex()
    #expect(try lab.see(1) == .whole(version: 1))
    #expect(try lab.see(2) == .whole(version: 1))
  }

  @Test func `does not finish an object whose beginning was lost`() throws {
    let disk = FaultyDisk()
    let lab = try StoreLab(disk: disk)
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)
    let part = StoreLab.body(1, version: 1, count: 1 << 20)
    var object = lab.writer.beginObject(draft)
    try lab.writer.append(to: &object, part.span)
    disk.fail(.write, times: 1, code: EIO)
    _ = kindOfFailure { () throws(StoreError) in try lab.commit() }

    let append = kindOfFailure { () throws(StoreError) in
      try lab.writer.append(to: &object, part.span)
    }
    let finish = kindOfFailure { () throws(StoreError) in
      try lab.writer.finish(object, meta: [1].span)
    }

    #expect(append == .gone)
    #expect(finish == .gone)
    try lab.commit()
    #expect(try lab.see(1) == .absent)
  }

  @Test func `does not finish an object whose beginning was overwritten`() throws {
    let lab = try StoreLab()
    let draft = ObjectDraft(hash: StoreLab.hash(1), usableUntil: StoreLab.far)
    var object = lab.writer.beginObject(draft)
    try lab.writer.append(to: &object, StoreLab.body(1, version: 1, count: 1 << 20).span)

    try lab.stream(20 << 20, of: 500_000, from: 100)
    let finish = kindOfFailure { () throws(StoreError) in
      try lab.writer.finish(object, meta: [1].span)
    }

    #expect(finish == .gone)
  }

  @Test func `says of what cannot be read that it is damaged`() throws {
    let disk = FaultyDisk()
    let lab = try StoreLab(disk: disk)
    try lab.write(1, count: 1000)
    try lab.commit()

    disk.fail(.read, times: 1, code: EIO)
    let unreadable = try lab.see(1)
    disk.fail(.read, times: 1, StoreError(.shortRead, operation: "pread"))
    let short = try lab.see(1)

    #expect(unreadable == .damaged)
    #expect(short == .damaged)
    #expect(try lab.see(1) == .whole(version: 1))
    #expect(lab.counters[.readErrors] == 2)
  }

  @Test func `never makes a file longer again that somebody cut short`() throws {
    let lab = try StoreLab()
    try lab.write(1, count: 1_000_000)
    try lab.commit()
    #expect(truncate(lab.path(), 8192) == 0)

    try lab.write(2, count: 1000)
    let write = kindOfFailure { () throws(StoreError) in try lab.commit() }

    #expect(write == .badSize)
    // A hole would be read as zeros; the end of the file is a failure.
    #expect(try lab.see(1) == .damaged)
  }

  @Test func `says nothing about objects while it is gone`() throws {
    let disk = FaultyDisk()
    let lab = try StoreLab(disk: disk)
    try lab.write(1, count: 1000)
    try lab.commit()
    for call in [FaultyDisk.Call.read, .write, .synchronise] { disk.fail(call, code: ENODEV) }

    let read = kindOfFailure { () throws(StoreError) in _ = try lab.reader.find(StoreLab.hash(1)) }
    try lab.write(2, count: 1000)
    let write = kindOfFailure { () throws(StoreError) in try lab.commit() }
    disk.heal()

    #expect(read == .missing)
    #expect(write == .missing)
    #expect(try lab.see(1) == .whole(version: 1))
    try lab.write(2, count: 1000)
    try lab.commit()
    #expect(try lab.see(2) == .whole(version: 1))
  }

  @Test func `fails at any call of a turn of zones and goes on`() throws {
    for after in 0..<40 {
      let disk = FaultyDisk()
      let lab = try StoreLab(disk: disk)
      for number in 0..<12 { try lab.write(number, count: 1_000_000) }
      try lab.commit()
      disk.fail([.write, .synchronise, .read][after % 3], after: after / 3, times: 1, code: EIO)
      var failures = 0

      for number in 100..<116 {
        let reason = kindOfFailure { () throws(StoreError) in
          try lab.write(number, count: 500_000)
          try lab.commit()
        }
        if reason != nil { failures += 1 }
      }
      disk.heal()
      try lab.write(200, count: 500_000)
      try lab.commit()

      #expect(failures <= 1)
      #expect(try lab.see(200) == .whole(version: 1))
      for number in [0, 5, 11, 100, 110] {
        let sighting = try lab.see(number)
        #expect(sighting == .absent || sighting == .whole(version: 1))
      }
    }
  }

  @Test func `goes on without new objects when the index is full`() throws {
    let lab = try StoreLab(volumes: [40 << 20], mapBytes: 1 << 20)
    var committed: Set<Int> = []
    var kinds: Set<StoreError.Kind> = []

    for number in 0..<12_000 {
      let reason = kindOfFailure { () throws(StoreError) in
        try lab.write(number, count: 10)
        if number % 100 == 99 { try lab.commit() }
      }
      if let reason { kinds.insert(reason) }
      if number % 100 == 99, reason == nil { committed.formUnion(number - 99...number) }
    }

    #expect(kinds == [.mapFull])
    #expect(lab.counters[.indexErrors] > 0)
    for number in stride(from: 0, to: 12_000, by: 97) {
      let sighting = try lab.see(number)
      // It goes around: room in the index comes back with the zones that are emptied.
      #expect(sighting == .absent || sighting == .whole(version: 1))
      if sighting != .absent { #expect(committed.contains(number)) }
    }
  }
}
