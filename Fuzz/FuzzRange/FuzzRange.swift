import FuzzProperties

/// What libFuzzer calls with every input; the property is `RangeProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzRange(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.range.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
