import FuzzProperties

/// What libFuzzer calls with every input; the property is `StreamRecordProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzStreamRecord(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.streamRecord.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
