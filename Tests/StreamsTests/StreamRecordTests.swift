import Bytes
import Testing

@testable import Streams

@Suite struct `The record of a live playlist` {
  private func record(_ random: inout RandomSource) -> StreamRecord {
    let count = Int(random.next() % 8) + 1
    let presentation = RecordedPresentation(
      name: Hash128(low: random.next(), high: random.next()), site: random.next(),
      root: Array("/live/main.m3u8".utf8), epoch: UInt32(truncatingIfNeeded: random.next()),
      servers: (0..<count).map { _ in random.next() },
      changedAt: WallTime(milliseconds: Int64(random.next() % 3_000_000_000_000)))
    var record = StreamRecord(
      presentation: presentation, path: Array("/live/\(random.next() % 9)/a.m3u8".utf8),
      edge: .init(
        number: random.next(), discontinuity: random.next(),
        end: random.next() % 2 == 0 ? nil : Milliseconds(Int64(bitPattern: random.next()))))
    record.numbering.offset = Int64(bitPattern: random.next())
    record.numbering.discontinuityOffset = Int64(bitPattern: random.next())
    record.numbering.cut = random.next()
    record.numbering.breaks = random.next() % 2 == 0
    record.mediaSequence = random.next()
    record.discontinuitySequence = random.next()
    return record
  }

  @Test func `is read as it was written`() {
    var random = RandomSource(seed: 5)
    for _ in 0..<200 {
      let record = record(&random)
      #expect(record.encoded.flatMap { StreamRecord($0.span) } == record)
    }
  }

  @Test func `is none where bytes are missing, too many or made up`() throws {
    var random = RandomSource(seed: 6)
    let bytes = try #require(record(&random).encoded)
    for count in 0..<bytes.count {
      #expect(StreamRecord(bytes.span.extracting(0..<count)) == nil)
    }
    #expect(StreamRecord((bytes + [0]).span) == nil)
    for _ in 0..<2000 {
      var torn = bytes
      torn[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      // Whatever it is read as, it does not trap.
      _ = StreamRecord(torn.span)
    }
  }

  @Test func `is not written where its paths are too long`() {
    var random = RandomSource(seed: 7)
    var record = record(&random)
    record.path = Array(repeating: UInt8(ascii: "a"), count: 600)
    #expect(record.encoded == nil)
  }
}
