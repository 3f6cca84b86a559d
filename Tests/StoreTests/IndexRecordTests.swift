import Bytes
import Store
import Testing

@Suite struct `A record of the index` {
  @Test func `is read as it was written`() throws {
    var random = RandomSource(seed: 11)

    for _ in 0..<2000 {
      let record = try anyRecord(&random)

      let bytes = encoded(record)

      #expect(IndexRecord.decode(bytes.span) == record)
      #expect(bytes.count <= StoreLimits.indexRecordBytesMax)
    }
  }

  @Test func `is small enough for LMDB to keep many in a page`() throws {
    let longest = String(repeating: "x", count: StoreLimits.varyRuleBytesMax)

    #expect(encoded(.object(serial: 1)).count == 55)
    #expect(encoded(.body(serial: 1)).count == 38)
    #expect(encoded(try .vary(longest, serial: 1)).count == 186)
  }

  @Test func `has its fields least significant byte first`() {
    let place = Place(volume: 1, zone: 0x0203, epoch: 4, sector: 5, length: 6)

    let bytes = encoded(.body(id: 0x1122, serial: 7, place: place))

    #expect(bytes[..<3] == [3, 0x22, 0x11])
    #expect(bytes[9] == 7)
    #expect(bytes[17..<22] == [1, 3, 2, 0, 0])
  }

  @Test func `is nothing when a byte is missing or one is too many`() throws {
    for record in [IndexRecord.object(serial: 1), .body(serial: 1)] {
      let bytes = encoded(record)

      for count in 0..<bytes.count {
        #expect(IndexRecord.decode(Array(bytes[..<count]).span) == nil)
      }
      #expect(IndexRecord.decode((bytes + [0]).span) == nil)
    }
  }

  @Test func `is nothing when its kind or its flags are of a later version`() {
    var bytes = encoded(.object(serial: 1))
    bytes[0] = 4
    let kind = IndexRecord.decode(bytes.span)
    bytes[0] = 1
    bytes[46] = 0x80
    let flags = IndexRecord.decode(bytes.span)

    #expect(kind == nil)
    #expect(flags == nil)
  }

  @Test func `of a rule that is too long is not made and not read`() throws {
    let long = [UInt8](repeating: 1, count: StoreLimits.varyRuleBytesMax + 1)
    let bytes = encoded(try .vary("", serial: 1)) + long

    #expect(VaryRecord(rule: long, serial: 1, place: .test()) == nil)
    #expect(IndexRecord.decode(bytes.span) == nil)
  }

  @Test func `of a rule shares its zone with what lies elsewhere in it`() {
    let place = Place.test(sector: 1)

    #expect(place.sharesZone(with: .test(sector: 2)))
    #expect(!place.sharesZone(with: .test(epoch: 8)))
    #expect(!place.sharesZone(with: .test(zone: 4)))
  }
}

private func encoded(_ record: IndexRecord) -> [UInt8] {
  var bytes: [UInt8] = [1, 2, 3]
  record.encode(into: &bytes)
  return bytes
}

private func anyRecord(_ random: inout RandomSource) throws -> IndexRecord {
  let place = Place(
    volume: .random(in: 0...(.max), using: &random), zone: .random(in: 0...(.max), using: &random),
    epoch: .random(in: 0...(.max), using: &random), sector: .random(in: 0...(.max), using: &random),
    length: .random(in: 0...(.max), using: &random))
  switch Int.random(in: 0..<3, using: &random) {
  case 0:
    return .object(
      ObjectRecord(
        objectID: random.next(), serial: random.next(), place: place, bodyLength: random.next(),
        unit: .random(in: 0...(.max), using: &random),
        flags: .init(rawValue: .random(in: 0...3, using: &random)),
        usableUntil: WallTime(milliseconds: Int64(bitPattern: random.next()))))
  case 1:
    let count = Int.random(in: 0...StoreLimits.varyRuleBytesMax, using: &random)
    let rule = (0..<count).map { _ in UInt8.random(in: 0...(.max), using: &random) }
    return .vary(
      try #require(VaryRecord(rule: rule, serial: random.next(), place: place)))
  default:
    return .body(
      BodyRecord(
        objectID: random.next(), serial: random.next(), place: place,
        length: .random(in: 0...(.max), using: &random)))
  }
}
