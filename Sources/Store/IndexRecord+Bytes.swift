internal import Bytes

/// The form of a record in the index: a kind byte, then its fields, little-endian.
///
/// ```
/// object  1 | objectID 8 | serial 8 | place 17 | bodyLength 8 | unit 4 | flags 1 | usableUntil 8
/// vary    2 | serial 8 | place 17 | rule 0...160
/// body    3 | objectID 8 | serial 8 | place 17 | length 4
/// place   volume 1 | zone 4 | epoch 4 | sector 4 | length 4
/// ```
extension IndexRecord {
  private static let objectKind: UInt8 = 1
  private static let varyKind: UInt8 = 2
  private static let bodyKind: UInt8 = 3
  private static let objectBytes = 55
  private static let varyBytes = 26
  private static let bodyBytes = 38

  /// Puts the record in place of what `bytes` held; at most `StoreLimits.indexRecordBytesMax`.
  public func encode(into bytes: inout [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    switch self {
    case .object(let record):
      bytes.append(Self.objectKind)
      bytes.append(little: record.objectID)
      bytes.append(little: record.serial)
      bytes.append(record.place)
      bytes.append(little: record.bodyLength)
      bytes.append(little: record.unit)
      bytes.append(record.flags.rawValue)
      bytes.append(little: UInt64(bitPattern: record.usableUntil.milliseconds))
    case .vary(let record):
      bytes.append(Self.varyKind)
      bytes.append(little: record.serial)
      bytes.append(record.place)
      bytes.append(contentsOf: record.rule)
    case .body(let record):
      bytes.append(Self.bodyKind)
      bytes.append(little: record.objectID)
      bytes.append(little: record.serial)
      bytes.append(record.place)
      bytes.append(little: record.length)
    }
    assert(bytes.count <= StoreLimits.indexRecordBytesMax)
  }

  /// Reads a record; `nil` when the bytes are not what `encode` writes.
  public static func decode(_ bytes: Span<UInt8>) -> IndexRecord? {
    guard bytes.count > 0 else { return nil }
    var fields = RecordFields(bytes: bytes, offset: 1)
    switch bytes[0] {
    case objectKind: return decodeObject(&fields)
    case varyKind: return decodeVary(&fields)
    case bodyKind: return decodeBody(&fields)
    default: return nil
    }
  }

  private static func decodeObject(_ fields: inout RecordFields) -> IndexRecord? {
    guard fields.bytes.count == objectBytes else { return nil }
    let record = ObjectRecord(
      objectID: fields.next(), serial: fields.next(), place: fields.nextPlace(),
      bodyLength: fields.next(), unit: fields.next(),
      flags: ObjectRecord.Flags(rawValue: fields.next()),
      usableUntil: WallTime(milliseconds: fields.next()))
    return ObjectRecord.Flags.known.isSuperset(of: record.flags) ? .object(record) : nil
  }

  private static func decodeVary(_ fields: inout RecordFields) -> IndexRecord? {
    guard fields.bytes.count >= varyBytes else { return nil }
    let serial: UInt64 = fields.next()
    let place = fields.nextPlace()
    let ruleBytes = fields.bytes.count - varyBytes
    guard ruleBytes <= StoreLimits.varyRuleBytesMax else { return nil }
    var rule: [UInt8] = []
    rule.reserveCapacity(ruleBytes)
    for index in varyBytes..<fields.bytes.count { rule.append(fields.bytes[index]) }
    return VaryRecord(rule: rule, serial: serial, place: place).map { .vary($0) }
  }

  private static func decodeBody(_ fields: inout RecordFields) -> IndexRecord? {
    guard fields.bytes.count == bodyBytes else { return nil }
    return .body(
      BodyRecord(
        objectID: fields.next(), serial: fields.next(), place: fields.nextPlace(),
        length: fields.next()))
  }
}

/// Fields in their order; the caller has compared the length.
private struct RecordFields: ~Copyable, ~Escapable {
  let bytes: Span<UInt8>
  var offset: Int

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  @inline(__always)
  mutating func next<Value: FixedWidthInteger>() -> Value {
    var value: Value = 0
    for index in 0..<(Value.bitWidth / 8) {
      value |= Value(truncatingIfNeeded: bytes[offset + index]) << Value(index * 8)
    }
    offset += Value.bitWidth / 8
    return value
  }

  mutating func nextPlace() -> Place {
    Place(volume: next(), zone: next(), epoch: next(), sector: next(), length: next())
  }
}

extension [UInt8] {
  @inline(__always)
  fileprivate mutating func append(little value: some FixedWidthInteger) {
    var rest = value
    for _ in 0..<(value.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  fileprivate mutating func append(_ place: Place) {
    append(place.volume)
    append(little: place.zone)
    append(little: place.epoch)
    append(little: place.sector)
    append(little: place.length)
  }
}
