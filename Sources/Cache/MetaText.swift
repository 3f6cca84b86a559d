internal import Bytes

/// Appends the parts of a record, little-endian, lengths before what they measure.
struct MetaWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: UInt64, bytes count: Int = 8) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  mutating func append(_ value: Int64) { append(UInt64(bitPattern: value)) }

  mutating func append(flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func append(text: [UInt8]) {
    append(UInt64(text.count), bytes: 4)
    bytes += text
  }
}

/// Reads what `MetaWriter` wrote; after the first nonsense everything is empty and `isSound` false.
struct MetaReader: ~Copyable, ~Escapable {
  private let bytes: Span<UInt8>
  private var position = 0
  private(set) var isSound = true

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func integer(bytes count: Int = 8) -> UInt64 {
    guard take(count) else { return 0 }
    var value: UInt64 = 0
    for index in 0..<count {
      value |= UInt64(bytes[position - count + index]) << UInt64(8 * index)
    }
    return value
  }

  mutating func signed() -> Int64 { Int64(bitPattern: integer()) }

  mutating func flag() -> Bool {
    let value = integer(bytes: 1)
    if value > 1 { isSound = false }
    return value == 1
  }

  mutating func text(atMost limit: Int) -> [UInt8] {
    let count = integer(bytes: 4)
    guard count <= UInt64(limit), take(Int(count)) else {
      isSound = false
      return []
    }
    var text: [UInt8] = []
    text.append(contentsOf: bytes.extracting(position - Int(count)..<position))
    return text
  }

  private mutating func take(_ count: Int) -> Bool {
    guard isSound, bytes.count - position >= count else {
      isSound = false
      return false
    }
    position += count
    return true
  }
}
