internal import Bytes

/// Writes what a record says: numbers of eight bytes, the lowest first, and texts behind their
/// lengths.
struct RecordWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: UInt64) {
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift * 8))) }
  }

  mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

  /// A number that may be missing.
  mutating func add(_ number: Int64?) {
    add(number == nil ? 0 : 1 as UInt64)
    add(number ?? 0)
  }

  mutating func add(_ text: [UInt8]) {
    add(UInt64(text.count))
    bytes += text
  }
}

/// Reads it again: `nil` for whatever is not there.
struct RecordReader {
  private(set) var position = 0

  mutating func number(_ bytes: Span<UInt8>) -> UInt64? {
    guard bytes.count - position >= 8 else { return nil }
    var number: UInt64 = 0
    for shift in 0..<8 { number |= UInt64(bytes[position + shift]) << UInt64(shift * 8) }
    position += 8
    return number
  }

  /// A signed number that is not further from zero than `limit`.
  mutating func signed(_ bytes: Span<UInt8>, within limit: Int64) -> Int64? {
    guard let number = number(bytes).map({ Int64(bitPattern: $0) }), (-limit...limit) ~= number
    else { return nil }
    return number
  }

  /// The same for one that may be missing: `.some(nil)` then.
  mutating func optional(_ bytes: Span<UInt8>, within limit: Int64) -> Int64?? {
    guard let isThere = number(bytes), isThere <= 1, let number = signed(bytes, within: limit)
    else { return nil }
    return .some(isThere == 1 ? number : nil)
  }

  mutating func text(_ bytes: Span<UInt8>) -> [UInt8]? {
    guard let count = number(bytes), count <= UInt64(bytes.count - position) else { return nil }
    defer { position += Int(count) }
    return bytes.extracting(position..<(position + Int(count))).copied()
  }

  /// The hashes of servers' names: at least one, at most `StreamsLimits.recordServersMax`.
  mutating func servers(_ bytes: Span<UInt8>) -> [UInt64]? {
    guard let count = number(bytes), (1...UInt64(StreamsLimits.recordServersMax)).contains(count)
    else { return nil }
    var servers: [UInt64] = []
    for _ in 0..<count {
      guard let server = number(bytes) else { return nil }
      servers.append(server)
    }
    return servers
  }
}
