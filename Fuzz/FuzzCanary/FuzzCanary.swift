import FuzzProperties

/// What libFuzzer calls with every input; the property is `CanaryProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzCanary(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.canary.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
