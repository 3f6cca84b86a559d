import Bytes
import Glibc
import Store
import Testing

@Suite struct `A volume with damaged places` {
  /// A store whose zones 0 to 2 are full and whose zone 3 is written, all of objects of 100 kB.
  private func filled() throws -> (lab: StoreLab, count: Int) {
    let lab = try StoreLab(volumes: [25 << 20])
    let count = 14 << 20 / 104_000
    for number in 0..<count { try lab.write(number, count: 100_000) }
    try lab.commit()
    return (lab, count)
  }

  private func objects(_ lab: StoreLab, _ count: Int) throws -> [UInt32: [Int]] {
    var numbers: [UInt32: [Int]] = [:]
    for number in 0..<count {
      numbers[try #require(try lab.place(number)).zone, default: []].append(number)
    }
    return numbers
  }

  @Test(arguments: [0, 2, 3] as [UInt32])
  func `counts a zone as empty whose header is torn, and all else lives`(zone: UInt32) throws {
    let (lab, count) = try filled()
    let zones = try objects(lab, count)
    let lost = Set(
      try (0..<count).filter { number in
        let object = try #require(try lab.find(number))
        return ([object.record.place] + object.bodies.compactMap { $0?.place }).contains {
          $0.zone == zone
        }
      })
    #expect(zones.count == 4)
    lab.close()
    try lab.damage(at: 4096 * (UInt64(zone) + 1) + 20)

    try lab.open()

    for number in 0..<count {
      #expect(try lab.see(number) == (lost.contains(number) ? .absent : .whole(version: 1)))
    }
    // The epoch that was lost with the header is not given again: old records stay dead.
    try lab.stream(3 << 20, of: 100_000, from: 1000)
    for number in lost { #expect(try lab.see(number) == .absent) }
    #expect(lab.counters[.checksumErrors] == 0)
  }

  @Test func `finds everything in a zone whose table is damaged`() throws {
    let (lab, count) = try filled()
    let end = lab.store.volumes[0].offset(
      of: Place(volume: 0, zone: 1, epoch: 0, sector: 1024, length: 0))
    lab.close()
    lab.removeIndex()
    try lab.damage(at: end - 100)

    try lab.open()
    #expect(try lab.store.rebuild { _ in true })

    for number in 0..<count { #expect(try lab.see(number) == .whole(version: 1)) }
  }

  @Test func `says of a damaged object that it is damaged, and goes on`() throws {
    let (lab, count) = try filled()
    let place = try #require(try lab.place(7))
    let offset = lab.store.volumes[0].offset(of: place)
    lab.close()
    try lab.damage(at: offset + 165)

    try lab.open()

    #expect(try lab.see(7) == .damaged)
    #expect(lab.counters[.checksumErrors] == 1)
    for number in 0..<count where number != 7 {
      #expect(try lab.see(number) == .whole(version: 1))
    }
  }

  @Test func `proves a body fragment when it is asked to`() throws {
    let (lab, _) = try filled()
    let object = try #require(try lab.find(7))
    let body = try #require(object.bodies[0])
    let offset = lab.store.volumes[0].bodyOffset(of: body)
    lab.close()
    try lab.damage(at: offset + 50_000)
    try lab.open()

    var part = [UInt8](repeating: 0, count: 10)
    let outcome = try part.withUnsafeMutableBytes {
      try lab.reader.read(
        body, of: StoreLab.hash(7), number: 1, from: 0, into: $0, proves: true)
    }

    #expect(outcome == .damaged)
  }

  @Test func `is read through by verify, which finds a flipped byte`() throws {
    let (lab, count) = try filled()
    try lab.write(0, version: 2, count: 100)
    try lab.commit()
    let before = try lab.store.makeScanner().verify { _ in true }
    let body = try lab.body(1, of: 5)
    let head = try #require(try lab.place(6))
    let offsets = [
      lab.store.volumes[0].bodyOffset(of: body) + 99_000,
      lab.store.volumes[0].offset(of: head) + 3,
    ]
    lab.close()
    for offset in offsets { try lab.damage(at: offset) }
    try lab.open()

    let after = try lab.store.makeScanner().verify { _ in true }

    #expect(before.bad == 0)
    #expect(before.sound == UInt64(2 * count + 1))
    #expect(before.unreachable == 2, "the head and the body of the object that was replaced")
    #expect(before.zones == 4)
    #expect(before.bytes > 13 << 20)
    #expect(after.bad == 2)
    #expect(Set(after.badPlaces) == [body.place, head])
    #expect(after.sound == before.sound - 2)
  }

  @Test func `is verified also where the last header of the youngest zone is damaged`() throws {
    let (lab, _) = try filled()
    try lab.write(1000, count: 100)
    try lab.commit()
    let last = try #require(try lab.place(1000))
    let offset = lab.store.volumes[0].offset(of: last)
    lab.close()
    try lab.damage(at: offset + 40)
    try lab.open()

    let report = try lab.store.makeScanner().verify { _ in true }

    #expect(report.bad == 1)
    #expect(report.badPlaces == [last])
  }

  @Test func `is listed object by object`() throws {
    let (lab, count) = try filled()
    let scanner = try lab.store.makeScanner()
    var metas: Set<String> = []

    var cursor: IndexCursor?
    repeat {
      cursor = try scanner.list(from: cursor, limit: 50) { object in
        metas.insert(object.meta.map { String(decoding: $0, as: UTF8.self) } ?? "none")
      }
    } while cursor != nil

    #expect(metas == Set((0..<count).map { "\($0) 1 100000" }))
  }

  @Test func `is opened at once however much lies on it`() throws {
    let (lab, count) = try filled()
    lab.close()
    let disk = FaultyDisk()
    let start = Instant.read()

    try lab.open(disk: disk, filling: false)

    #expect(Instant.read() - start < Milliseconds(1000))
    #expect(try lab.see(count - 1) == .whole(version: 1))
  }
}
