import Bytes
import Store
import Testing

private func sample() -> FragmentHeader {
  var header = FragmentHeader(
    flags: [.head, .sealed, .inline, .variant], hash: Hash128(low: 1, high: 2),
    primary: Hash128(low: 3, high: 4), unit: 1 << 20,
    usableUntil: WallTime(milliseconds: 1_700_000_000_123))
  header.epoch = 77
  header.volumeID = 0x0123_4567_89AB_CDEF
  header.objectID = 0xFEDC_BA98_7654_3210
  header.serial = 1_700_000_000_000_001
  header.varyLength = 15
  header.metaLength = 333
  header.dataLength = 4096
  header.totalLength = 4096
  header.payloadChecksum = 0x1111_2222_3333_4444
  return header
}

private func bodySample() -> FragmentHeader {
  var header = FragmentHeader(
    flags: [.sealed], hash: Hash128(low: 1, high: 2), primary: Hash128(low: 1, high: 2),
    unit: 1 << 20, usableUntil: WallTime(milliseconds: 5))
  header.number = 3
  header.dataOffset = 2 << 20
  header.dataLength = 1000
  header.totalLength = 2 << 20 + 1000
  return header
}

private func encoded(_ header: FragmentHeader) -> [UInt8] {
  var bytes = [UInt8](repeating: 0xEE, count: FragmentHeader.byteCount)
  bytes.withUnsafeMutableBytes { header.encode(into: $0) }
  return bytes
}

private func decoded(_ bytes: [UInt8]) -> FragmentHeader? {
  bytes.withUnsafeBytes { FragmentHeader.decode(from: $0) }
}

@Suite struct `The header of a fragment` {
  @Test func `is read as it was written`() {
    #expect(decoded(encoded(sample())) == sample())
    #expect(decoded(encoded(bodySample())) == bodySample())
  }

  @Test func `is refused with any bit flipped`() {
    let bytes = encoded(sample())

    for bit in 0..<(bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)

      #expect(decoded(flipped) == nil, "bit \(bit)")
    }
  }

  @Test func `is refused when it is cut`() {
    #expect(decoded(Array(encoded(sample()).dropLast())) == nil)
    #expect(decoded([]) == nil)
  }

  @Test func `is refused when its fields disagree, though its checksum is right`() {
    let changes: [(inout FragmentHeader) -> Void] = [
      { $0.number = 1 }, { $0.flags.remove(.head) }, { $0.flags.remove(.sealed) },
      { $0.flags.remove(.variant) }, { $0.flags.insert(.update) },
      { $0.flags.insert(.tombstone) }, { $0.totalLength = 4097 }, { $0.dataOffset = 1 },
      { $0.unit = 0 }, { $0.unit = .max }, { $0.metaLength = .max }, { $0.varyLength = .max },
      {
        $0.dataLength = 65_537; $0.totalLength = 65_537
      },
      { $0.flags.insert(FragmentHeader.Flags(rawValue: 1 << 12)) },
    ]

    for (index, change) in changes.enumerated() {
      var header = sample()
      change(&header)

      #expect(decoded(encoded(header)) == nil, "change \(index)")
    }
  }

  @Test func `of a body is refused when it lies where it cannot`() {
    let changes: [(inout FragmentHeader) -> Void] = [
      { $0.number = 2 }, { $0.number = 0 }, { $0.dataOffset += 1 }, { $0.dataLength = 0 },
      { $0.dataLength = 1 << 20 + 1 }, { $0.metaLength = 1 }, { $0.totalLength -= 1 },
      { $0.flags.remove(.sealed) }, { $0.flags.insert(.inline) }, { $0.number = .max },
    ]

    for (index, change) in changes.enumerated() {
      var header = bodySample()
      change(&header)

      #expect(decoded(encoded(header)) == nil, "change \(index)")
    }
  }
}
