import Store

/// Records of the index: what is read is written as the same bytes, and fits the index.
enum IndexRecordProperty {
  static func check(_ bytes: [UInt8]) {
    guard let record = IndexRecord.decode(bytes.span) else { return }
    var again: [UInt8] = []
    record.encode(into: &again)
    precondition(again == bytes, "a record that is written otherwise than it was read")
    precondition(again.count <= StoreLimits.indexRecordBytesMax)
    precondition(record.place.sharesZone(with: record.place))
    if case .vary(let rule) = record {
      precondition(rule.rule.count <= StoreLimits.varyRuleBytesMax)
    }
  }
}
