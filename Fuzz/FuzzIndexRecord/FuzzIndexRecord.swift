import FuzzProperties

/// What libFuzzer calls with every input; the property is `IndexRecordProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzIndexRecord(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.indexRecord.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
